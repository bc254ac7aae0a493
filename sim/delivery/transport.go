package delivery

import (
	"slices"
	"time"

	"ringback/sim/call"
)

// Transport describes what a fault does on the connection of an attempt. The zero value
// sends the complete request and reads the answer.
type Transport struct {
	LoseTail int           `json:"lose_tail,omitzero"` // leave out so many bytes at the end, then close for writing
	Spread   time.Duration `json:"spread_ns,omitzero"` // spread the sending over this wall time
	Reset    bool          `json:"reset,omitzero"`     // reset the connection once the request is sent
	HangUp   bool          `json:"hang_up,omitzero"`   // close the connection once the request is sent
	// Attempts is how many attempts of a delivery are affected, from the first; 0
	// means all.
	Attempts int32 `json:"attempts,omitzero"`
}

// Plain reports whether the transport is without a fault.
func (t Transport) Plain() bool { return t == Transport{} }

// For returns the transport of the n-th attempt, from 1.
func (t Transport) For(n int) Transport {
	if t.Attempts > 0 && n > int(t.Attempts) {
		return Transport{}
	}
	t.Attempts = 0
	return t
}

// Faults describes what faults do to a delivery, apart from its bytes and its time. It is
// shared by copies of the delivery and never changed.
type Faults struct {
	Names       []string  `json:"faults,omitempty"`       // of the faults
	ContentType string    `json:"content_type,omitempty"` // instead of [ContentType]
	Transport   Transport `json:"transport,omitzero"`
	Race        int       `json:"race,omitzero"`      // copies that are sent with its first attempt
	Replay      int       `json:"replay,omitzero"`    // copies that are sent after its acknowledgement
	AfterEnd    call.Span `json:"after_end,omitzero"` // from the call's last callback to its first attempt
	Forged
}

// Forged describes what is wrong with a request's signature. The zero value means
// nothing.
type Forged struct {
	SignAge call.Span `json:"sign_age,omitzero"` // how long before the attempt it was signed
	Sign    string    `json:"sign,omitempty"`    // [WrongSign], [NoSign] or [MovedSign]
}

// The values of Forged.Sign.
const (
	WrongSign = "wrong"   // signed with another token
	NoSign    = "missing" // not signed
	MovedSign = "moved"   // signed for an earlier time than the request has
)

// lost reports whether the fault drop is among the faults.
func (h *Faults) lost() bool { return h != nil && slices.Contains(h.Names, "drop") }

// Hold is what a queued delivery waits for because of a fault.
type Hold uint8

// The values of Hold.
const (
	NoHold    Hold = iota
	UntilNext      // the next callback of its call
	UntilEnd       // the last callback of its call
)

var holdWords = [...]string{"", "next", "end"}

func (h Hold) String() string { return holdWords[h] }

// MarshalText writes the word.
func (h Hold) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads the word.
func (h *Hold) UnmarshalText(b []byte) error { return parse(h, "hold", holdWords[:], b) }
