package delivery

import (
	"slices"
	"time"

	"ringback/sim/call"
)

// Transport says how an attempt misuses its connection, for faults. The zero
// value sends the request whole and reads the answer.
type Transport struct {
	LoseTail int           `json:"lose_tail,omitzero"` // leave out that many bytes at the end, then close for writing
	Spread   time.Duration `json:"spread_ns,omitzero"` // spread the sending over that much wall time
	Reset    bool          `json:"reset,omitzero"`     // reset the connection once the request is sent
	HangUp   bool          `json:"hang_up,omitzero"`   // close the connection once the request is sent
	// Attempts is how many of a delivery's attempts are maimed, the first ones;
	// 0 stands for all.
	Attempts int32 `json:"attempts,omitzero"`
}

// Plain reports whether nothing is maimed.
func (t Transport) Plain() bool { return t == Transport{} }

// For is what is left of it for the n-th attempt, from 1 on.
func (t Transport) For(n int) Transport {
	if t.Attempts > 0 && n > int(t.Attempts) {
		return Transport{}
	}
	t.Attempts = 0
	return t
}

// Harm is what faults do to a delivery, apart from its bytes and its time. It
// is shared by copies and never changed.
type Harm struct {
	Faults      []string  `json:"faults,omitempty"`       // the names of those that hit it
	ContentType string    `json:"content_type,omitempty"` // instead of [ContentType]
	Transport   Transport `json:"transport,omitzero"`
	Race        int       `json:"race,omitzero"`      // copies that its first attempt brings, in flight together with it
	Replay      int       `json:"replay,omitzero"`    // copies that its acknowledgement brings
	AfterEnd    call.Span `json:"after_end,omitzero"` // from its call's last callback to its first attempt
	Forged
}

// Forged says what is wrong with a request's signature. The zero value is nothing.
type Forged struct {
	SignAge call.Span `json:"sign_age,omitzero"` // how much earlier it was signed
	Sign    string    `json:"sign,omitempty"`    // [WrongSign], [NoSign] or [MovedSign]
}

// What a signature can be instead of one of the token.
const (
	WrongSign = "wrong"   // one of another token
	NoSign    = "missing" // none
	MovedSign = "moved"   // one of the token at an earlier time than the request names
)

// lost reports whether the fault drop is among those that hit the callback.
func (h *Harm) lost() bool { return h != nil && slices.Contains(h.Faults, "drop") }

// Hold is what a queued delivery that a fault holds back waits for.
type Hold uint8

// What a delivery can be held back for.
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
