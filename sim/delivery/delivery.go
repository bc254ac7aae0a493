package delivery

import (
	"strings"
	"time"

	"ringback/sim/call"
	"ringback/sim/wire"
)

// State is where a delivery is in its life.
type State uint8

// The states of a delivery.
const (
	Queued    State = iota // waits for the call's earlier callbacks (order serial), or for what a fault holds it back for
	Waiting                // waits for its time, Due
	Flying                 // an attempt is under way
	Done                   // acknowledged
	Abandoned              // given up after the last attempt
	Dropped                // never sent: a fault lost it, or too many waited before it
	Withdrawn              // given up because its address was deleted
)

var stateWords = [...]string{"queued", "waiting", "in_flight", "acked", "abandoned", "dropped", "withdrawn"}

func (s State) String() string { return stateWords[s] }

// MarshalText writes the word.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the word.
func (s *State) UnmarshalText(b []byte) error { return parse(s, "state", stateWords[:], b) }

// Settled reports whether nothing more will happen.
func (s State) Settled() bool { return s >= Done }

// Delivery is one callback on its way to one receiver.
type Delivery struct {
	ID         uint64 // counts up over the run
	CallID     string
	Call       uint64 // the call's number
	User       string // the participant it is about
	CopyOf     uint64 // another delivery's ID, when a fault made this copy
	Generation wire.Generation
	Via        wire.Generation // the registration that asked for it
	Word       wire.Word
	State      State
	Hold       Hold         // in state Queued: held back by a fault
	Moved      bool         // to another address than the first attempts'
	Detached   bool         // outside the call's serial order: postponed by a fault
	Pins       Pins         // an attempt that is under way, and entries of the engine's agenda
	Attempts   int          // started so far
	EventTime  call.Instant // when it happened
	Due        call.Instant // of the next attempt, in state Waiting
	Last       Verdict      // on the latest answer
	Request    *Request     // the frozen bytes
	Harm       *Harm        // what faults do to it, nil for most
	Tries      []Try        // the attempts so far, for readers that asked for them
}

// Try is what came of an attempt. Ended is 0 while it is under way.
type Try struct {
	Attempt int           `json:"attempt"`
	Began   call.Instant  `json:"began"`
	Ended   call.Instant  `json:"ended,omitzero"`
	Verdict *Verdict      `json:"verdict,omitempty"`
	Answer  string        `json:"answer,omitempty"` // the body, or its beginning
	Bytes   int           `json:"bytes,omitzero"`   // of the body, if that is longer than what Answer keeps; else 0
	Took    time.Duration `json:"took_ns,omitzero"` // in wall time
	// Documented is the verdict of the documents on an acknowledged answer of
	// which Answer is not all; nil otherwise.
	Documented *Verdict `json:"documented,omitempty"`
}

// MaxAnswer is the max number of bytes of an answer that a try keeps.
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

// Lost reports whether a fault lost the delivery, rather than that it was dropped
// because too many waited before it.
func (d *Delivery) Lost() bool { return d.State == Dropped && d.Harm.lost() }

// First reports whether the delivery has not yet had an answer to its first
// attempt, so that later callbacks of a call in serial order wait for it.
func (d *Delivery) First() bool {
	return !d.Detached && d.Hold == NoHold && (d.State == Queued || d.State == Flying && d.Attempts == 1)
}

// Acknowledged reports whether an attempt was answered and the answer acknowledges the
// callback, to the sender and by the documents. In v4 it may lack the ErrorInfo, which
// the documents show and which says nothing, unless the sender wants it.
func (d *Delivery) Acknowledged(t *Try) bool {
	if t.Verdict == nil {
		return false
	}
	v := d.Documented(t)
	return v.Acked() || v.LacksInfo() && t.Verdict.Acked()
}

// Documented judges an answered attempt by the documents: see
// [Verdict.Documented].
func (d *Delivery) Documented(t *Try) Verdict {
	if t.Documented != nil {
		return *t.Documented
	}
	v := *t.Verdict
	if v.Rule = V1; d.Generation == wire.V4 {
		v.Rule = V4 // which a verdict from a snapshot does not say
	}
	return v.Documented([]byte(t.Answer))
}
