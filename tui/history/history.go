package history

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/script"
	"ringback/sim/secret"
)

// History is what the screen knows: the state folded from the journal, and what the state
// does not keep. Only [History.Take] changes it.
type History struct {
	State    *journal.State
	Calls    []*Call // in the order in which they were placed
	ByID     map[string]*Call
	touched  []*Call // since the calls pane looked last
	Health   Health
	Retrying map[uint64]struct{}  // deliveries with a failed attempt that are not settled
	begun    map[uint64]time.Time // wall time at which the attempts in flight were seen to begin
	step     []uint64             // deliveries that this step of the engine made, sent first, or got an answer for
	replayed bool                 // this step sends all callbacks of a call again
	Wall     time.Time            // of the events being folded; zero: not known
	Failures []Failure
	Broken   error // the first event that could not be folded
}

// Call is a call with its events.
type Call struct {
	*journal.Call
	Moments []moment
	given   []string // the faults that were on when it began
	dirty   bool     // it is among those touched
	Stored  *Stored  // what the receiver holds of it, if a probe has answered
	asked   int      // what was sent when the probe was asked

	// Caches of the list of calls, valid until the call changes.
	Match   bool   // it passes the filter
	Trouble int    // how much goes wrong in it
	Text    string // what filters look through; "" until one has
}

// moment is a fact with its time. Switched faults and manual operations are among a
// call's moments, since they affect it.
type moment struct {
	At     call.Instant
	Fact   *journal.Fact
	faults *journal.Faults
	hand   *handled
}

// Failure is an attempt that was not acknowledged.
type Failure struct {
	Call     string
	Delivery uint64
	Attempt  int
}

// maxFailures is the max number of failures to jump between.
const maxFailures = 10_000

// New makes the history of a run that has not begun. A finished call stays in it
// for keep events; secrets are hidden in texts.
func New(keep uint64, secrets *secret.Set) *History {
	st := journal.NewReader(keep)
	st.Secrets = secrets
	return &History{State: st, ByID: map[string]*Call{}, Retrying: map[uint64]struct{}{}, begun: map[uint64]time.Time{}}
}

// Take folds an event.
func (h *History) Take(e *journal.Event) {
	if h.Broken != nil {
		return
	}
	hand := h.byHand(e)
	if h.Broken = h.State.Apply(e); h.Broken != nil {
		return
	}
	h.stepped(e)
	switch d := e.Data.(type) {
	case *journal.Reset:
		h.Calls, h.touched, h.Failures = nil, nil, nil
		clear(h.ByID)
		clear(h.Retrying)
		clear(h.begun)
	case *journal.Faults:
		for _, en := range h.Calls {
			if en.Phase != call.Over {
				en.Moments = append(en.Moments, moment{At: e.At, faults: d})
			}
		}
	case *journal.Fact:
		en := h.logOf(e.Call)
		en.Moments = append(en.Moments, moment{At: e.At, Fact: d})
	case *journal.Attempt:
		h.begun[d.Delivery] = h.Wall
		h.Health.Asked++
	case *journal.GivenUp:
		h.over(d.Delivery)
	case *journal.Withdrawn:
		h.over(d.Delivery)
	case *journal.Answer:
		h.answer(e, d)
	case *journal.SavedCall:
		h.saved(e)
	}
	if h.State.Call(e.Call) != nil { // not only a record
		en := h.logOf(e.Call)
		if hand != nil {
			en.Moments = append(en.Moments, moment{At: e.At, hand: hand})
		}
		h.touch(en)
	}
}

func (h *History) answer(e *journal.Event, d *journal.Answer) {
	h.Health.note(e.At, d)
	h.over(d.Delivery)
	if d.Then == delivery.ThenRetry {
		h.Retrying[d.Delivery] = struct{}{}
	}
	if !d.Verdict.Acked() {
		h.fail(Failure{e.Call, d.Delivery, d.Attempt})
	}
}

// saved takes what the answers of a call said that were left out when a journal was cut
// down.
func (h *History) saved(e *journal.Event) {
	c := h.State.Call(e.Call)
	if c == nil {
		return
	}
	for _, d := range c.Deliveries {
		for i := range d.Tries {
			t := &d.Tries[i]
			h.Health.Asked++
			switch {
			case t.Verdict == nil:
			case !t.Verdict.Acked():
				h.fail(Failure{e.Call, d.ID, t.Attempt})
				fallthrough
			default:
				if t.Ended >= h.Health.At {
					h.Health.note(t.Ended, &journal.Answer{Verdict: *t.Verdict, Took: t.Took})
				}
			}
		}
		if d.State == delivery.Waiting && d.Attempts > 0 {
			h.Retrying[d.ID] = struct{}{}
		}
	}
}

func (h *History) fail(f Failure) {
	if len(h.Failures) == maxFailures {
		h.Failures = slices.Delete(h.Failures, 0, maxFailures/10)
	}
	h.Failures = append(h.Failures, f)
}

// over drops what is kept of a delivery until it is settled or continues.
func (h *History) over(id uint64) {
	delete(h.Retrying, id)
	delete(h.begun, id)
}

// UnderWay returns how long the attempt of a delivery has been in flight, in wall time; 0
// if that is not known.
func (h *History) UnderWay(d *delivery.Delivery, wall time.Time) time.Duration {
	began := h.begun[d.ID]
	if d.State != delivery.InFlight || began.IsZero() || wall.IsZero() {
		return 0
	}
	return wall.Sub(began)
}

// logOf finds a call, and adds it if it is new.
func (h *History) logOf(id string) *Call {
	en := h.ByID[id]
	if en == nil {
		en = &Call{given: h.State.Faults}
		h.ByID[id] = en
		h.Calls = append(h.Calls, en)
	}
	en.Call = h.State.Call(id)
	return en
}

// Changed returns the calls that changed since its last call.
func (h *History) Changed() (list []*Call) {
	list, h.touched = h.touched, h.touched[len(h.touched):]
	for _, en := range list {
		en.dirty = false
	}
	return list
}

func (h *History) touch(en *Call) {
	if !en.dirty {
		en.dirty = true
		h.touched = append(h.touched, en)
	}
}

// Tidy drops calls that left the state, and reports whether there were any.
func (h *History) Tidy() bool {
	if len(h.Calls) == h.State.NumCalls() {
		return false
	}
	h.Calls = slices.DeleteFunc(h.Calls, func(en *Call) bool {
		gone := h.State.Call(en.ID) == nil
		if gone {
			delete(h.ByID, en.ID)
		}
		return gone
	})
	return true
}

// Delivery finds a delivery, or nil.
func (h *History) Delivery(id uint64) *delivery.Delivery { return h.State.Deliveries[id] }

// Free returns a user who is in no call.
func (h *History) Free(taken ...string) string {
	busy := map[string]bool{}
	for _, u := range taken {
		busy[strings.TrimSpace(u)] = true
	}
	for _, en := range h.Calls {
		for i := range en.Members {
			if en.Phase != call.Over && en.Members[i].Present() {
				busy[en.Members[i].ID] = true
			}
		}
	}
	for _, name := range names {
		if !busy[name] {
			return name
		}
	}
	for i := 1; ; i++ {
		if name := fmt.Sprintf("user%d", i); !busy[name] {
			return name
		}
	}
}

var names = strings.Fields("alice bob carol dave erin frank grace heidi ivan judy mallory niaj olivia peggy rupert sybil trent victor walter")

// handled is a manual operation on a callback of a call, or for [script.Replay] on all of
// them.
type handled struct {
	do       script.Handle
	delivery uint64 // the callback that is duplicated, retried or given up
	tries    int    // before it
}

// byHand returns the manual operation that caused an event which is yet to be folded; nil
// if the sender acted by itself. Most have no event of their own in the journal, but show
// there: an attempt before it was due, a callback that is released at once, a copy
// without another reason.
func (h *History) byHand(e *journal.Event) *handled {
	switch d := e.Data.(type) {
	case *journal.GivenUp:
		return h.handled(script.GiveUp, d.Delivery)
	case *journal.Released:
		if d.Due == e.At {
			return h.handled(script.RetryNow, d.Delivery)
		}
	case *journal.Attempt:
		if d.Attempt == 1 {
			h.step = append(h.step, d.Delivery)
		}
		if dl := h.Delivery(d.Delivery); dl != nil && dl.State == delivery.Waiting && dl.Due > e.At {
			return h.handled(script.RetryNow, d.Delivery)
		}
	case *journal.Answer:
		h.step = append(h.step, d.Delivery)
	case *journal.Callback:
		h.step = append(h.step, d.Delivery)
		switch {
		case d.CopyOf == 0:
		case d.State == delivery.Waiting && d.Due == e.At:
			return h.handled(script.Duplicate, d.CopyOf)
		case slices.Contains(h.step, d.CopyOf): // a fault copies what is made, first sent or answered
		case !h.replayed:
			h.replayed = true
			return h.handled(script.Replay, 0)
		}
	}
	return nil
}

func (h *History) handled(do script.Handle, id uint64) *handled {
	done := &handled{do: do, delivery: id}
	if d := h.Delivery(id); d != nil {
		done.tries = d.Attempts
	}
	return done
}

// stepped ends a step of the engine, after its last event.
func (h *History) stepped(e *journal.Event) {
	if !e.More {
		h.step, h.replayed = h.step[:0], false
	}
}
