package delivery

import (
	"strings"
	"time"

	"ringback/sim/call"
	"ringback/sim/wire"
)

// State is the state of a delivery.
type State uint8

// The states of a delivery.
const (
	Queued    State = iota // waits for the call's earlier callbacks (order serial), or for its Hold
	Waiting                // waits until Due
	InFlight               // an attempt is being made
	Acked                  // acknowledged
	Abandoned              // given up after the last attempt
	Dropped                // never sent, because of a fault or a full backlog
	Withdrawn              // given up because its registration was deleted
)

var stateWords = [...]string{"queued", "waiting", "in_flight", "acked", "abandoned", "dropped", "withdrawn"}

func (s State) String() string { return stateWords[s] }

// MarshalText returns the word.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText parses the word.
func (s *State) UnmarshalText(b []byte) error { return parse(s, "state", stateWords[:], b) }

// Settled reports whether the state is final.
func (s State) Settled() bool { return s >= Acked }

// Delivery is the delivery of one callback to one receiver.
type Delivery struct {
	ID         uint64 // numbered from 1 over the run
	CallID     string
	Call       uint64 // the call's number
	User       string // the participant it is about
	CopyOf     uint64 // the original's ID, if a fault made this copy; else 0
	Generation wire.Generation
	Via        wire.Generation // of the registration
	Word       wire.Word
	State      State
	Hold       Hold         // in state Queued: what a fault makes it wait for
	Moved      bool         // sent to another address than its first attempt
	Detached   bool         // outside the call's serial order, because of a fault
	Refs       RefCount     // by an attempt in flight, and by the engine's timers
	Attempts   int          // started so far
	EventTime  call.Instant // when the event happened
	Due        call.Instant // in state Waiting: time of the next attempt
	Last       Verdict      // of the latest answer
	Request    *Request     // the bytes of every attempt
	Faults     *Faults      // what faults do to it, nil for most
	Tries      []Try        // the attempts so far, if the reader keeps them
}

// Try is the record of an attempt. Ended is 0 while it is in flight.
type Try struct {
	Attempt int           `json:"attempt"`
	Began   call.Instant  `json:"began"`
	Ended   call.Instant  `json:"ended,omitzero"`
	Verdict *Verdict      `json:"verdict,omitempty"`
	Answer  string        `json:"answer,omitempty"` // the body, or its beginning
	Bytes   int           `json:"bytes,omitzero"`   // length of the body if it is longer than MaxAnswer; else 0
	Took    time.Duration `json:"took_ns,omitzero"` // wall time
	Head    string        `json:"head,omitempty"`   // header lines of the answer, if they were kept
	// Documented is the verdict by the documents on an acknowledged answer, if it
	// cannot be derived from Answer.
	Documented *Verdict `json:"documented,omitempty"`
}

// MaxAnswer is the max number of bytes of an answer's body that a try keeps, and of its
// header lines.
const MaxAnswer = 4 << 10

// End completes a try.
func (t *Try) End(at call.Instant, v Verdict, body []byte, took time.Duration) {
	t.Ended, t.Verdict, t.Took = at, &v, took
	t.Answer = strings.ToValidUTF8(string(body[:min(len(body), MaxAnswer)]), "\ufffd")
	if len(body) > MaxAnswer {
		t.Bytes = len(body)
	}
	if more := v.Documented(body); more.Rule != v.Rule && t.Answer != string(body) {
		t.Documented = &more
	}
}

// Lost reports whether the delivery was dropped by a fault, rather than because of a
// full backlog.
func (d *Delivery) Lost() bool { return d.State == Dropped && d.Faults.lost() }

// First reports whether the first attempt has no answer yet, so that in serial order
// later callbacks of the call wait for it.
func (d *Delivery) First() bool {
	return !d.Detached && d.Hold == NoHold && (d.State == Queued || d.State == InFlight && d.Attempts == 1)
}

// Acknowledged reports whether an attempt was acknowledged, to the sender and by the
// documents. A v4 answer may lack the ErrorInfo, which is in the documents but has no
// meaning, unless the sender requires it.
func (d *Delivery) Acknowledged(t *Try) bool {
	if t.Verdict == nil {
		return false
	}
	v := d.Documented(t)
	return v.Acked() || v.LacksInfo() && t.Verdict.Acked()
}

// Documented returns the verdict by the documents on an answered attempt; see
// [Verdict.Documented].
func (d *Delivery) Documented(t *Try) Verdict {
	if t.Documented != nil {
		return *t.Documented
	}
	v := *t.Verdict
	if v.Rule = V1; d.Generation == wire.V4 {
		v.Rule = V4 // a verdict from a snapshot has no rule
	}
	return v.Documented([]byte(t.Answer))
}
