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

// History is what the screen knows: the state that the journal adds up to, and
// what a state does not keep. It changes by [History.Take] alone.
type History struct {
	State    *journal.State
	Calls    []*Call // in the order in which they were placed
	ByID     map[string]*Call
	touched  []*Call // since the calls pane looked last
	Health   Health
	Retrying map[uint64]struct{}  // deliveries of which an attempt failed and that are not settled
	begun    map[uint64]time.Time // wall time at which attempts were seen to begin, of those under way
	step     []uint64             // deliveries that this step of the engine made, sent first or had an answer of
	replayed bool                 // this step sends all callbacks of a call again
	Wall     time.Time            // of what is being taken; zero: not known
	Failures []Failure
	Broken   error // the first event that could not be folded
}

// Call is a call with what was heard of it.
type Call struct {
	Call    *journal.Call
	Moments []moment
	given   []string // the faults that were on when it began
	dirty   bool     // it is among those touched

	// What the list of calls thinks of it, until it is touched.
	Match   bool   // the filter lets it through
	Trouble int    // how much goes wrong in it
	Text    string // what filters look through; "" if none has looked yet
}

// moment is a fact with its time. Switched faults and what was done by hand are
// among a call's moments, since they change what becomes of it.
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

// maxFailures is how many failures can be jumped between.
const maxFailures = 10_000

func New(keep uint64, secrets *secret.Set) *History {
	st := journal.NewReader(keep)
	st.Secrets = secrets
	return &History{State: st, ByID: map[string]*Call{}, Retrying: map[uint64]struct{}{}, begun: map[uint64]time.Time{}}
}

// Take folds an event.
func (b *History) Take(e *journal.Event) {
	if b.Broken != nil {
		return
	}
	hand := b.byHand(e)
	if b.Broken = b.State.Apply(e); b.Broken != nil {
		return
	}
	b.stepped(e)
	switch d := e.Data.(type) {
	case *journal.Reset:
		b.Calls, b.touched, b.Failures = nil, nil, nil
		clear(b.ByID)
		clear(b.Retrying)
		clear(b.begun)
	case *journal.Faults:
		for _, en := range b.Calls {
			if en.Call.Phase != call.Over {
				en.Moments = append(en.Moments, moment{At: e.At, faults: d})
			}
		}
	case *journal.Fact:
		en := b.logOf(e.Call)
		en.Moments = append(en.Moments, moment{At: e.At, Fact: d})
	case *journal.Attempt:
		b.begun[d.Delivery] = b.Wall
		b.Health.Asked++
	case *journal.GivenUp:
		b.over(d.Delivery)
	case *journal.Withdrawn:
		b.over(d.Delivery)
	case *journal.Answer:
		b.answer(e, d)
	}
	if b.State.Call(e.Call) != nil { // not a mere record
		en := b.logOf(e.Call)
		if hand != nil {
			en.Moments = append(en.Moments, moment{At: e.At, hand: hand})
		}
		b.touch(en)
	}
}

func (b *History) answer(e *journal.Event, d *journal.Answer) {
	b.Health.note(e.At, d)
	b.over(d.Delivery)
	if d.Then == delivery.ThenRetry {
		b.Retrying[d.Delivery] = struct{}{}
	}
	if !d.Verdict.Acked() {
		if len(b.Failures) == maxFailures {
			b.Failures = slices.Delete(b.Failures, 0, maxFailures/10)
		}
		b.Failures = append(b.Failures, Failure{e.Call, d.Delivery, d.Attempt})
	}
}

// over forgets what is kept of a delivery until it is settled or goes on.
func (b *History) over(id uint64) {
	delete(b.Retrying, id)
	delete(b.begun, id)
}

// UnderWay is how long the attempt of a delivery has been under way, in wall
// time; 0 if that is not known.
func (b *History) UnderWay(d *delivery.Delivery, wall time.Time) time.Duration {
	began := b.begun[d.ID]
	if d.State != delivery.InFlight || began.IsZero() || wall.IsZero() {
		return 0
	}
	return wall.Sub(began)
}

// logOf finds a call, and begins its page if it has none.
func (b *History) logOf(id string) *Call {
	en := b.ByID[id]
	if en == nil {
		en = &Call{given: b.State.Faults}
		b.ByID[id] = en
		b.Calls = append(b.Calls, en)
	}
	en.Call = b.State.Call(id)
	return en
}

// Changed are the calls to which something happened since it was asked last.
func (b *History) Changed() (list []*Call) {
	list, b.touched = b.touched, b.touched[len(b.touched):]
	for _, en := range list {
		en.dirty = false
	}
	return list
}

func (b *History) touch(en *Call) {
	if !en.dirty {
		en.dirty = true
		b.touched = append(b.touched, en)
	}
}

// Tidy drops the pages of calls that left the state, and reports whether there
// were any.
func (b *History) Tidy() bool {
	if len(b.Calls) == b.State.NumCalls() {
		return false
	}
	b.Calls = slices.DeleteFunc(b.Calls, func(en *Call) bool {
		gone := b.State.Call(en.Call.ID) == nil
		if gone {
			delete(b.ByID, en.Call.ID)
		}
		return gone
	})
	return true
}

// Delivery finds a delivery, or nil.
func (b *History) Delivery(id uint64) *delivery.Delivery { return b.State.Deliveries[id] }

// Free is a user who is in no call.
func (b *History) Free(taken ...string) string {
	busy := map[string]bool{}
	for _, u := range taken {
		busy[strings.TrimSpace(u)] = true
	}
	for _, en := range b.Calls {
		for i := range en.Call.Members {
			if en.Call.Phase != call.Over && en.Call.Members[i].Present() {
				busy[en.Call.Members[i].ID] = true
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

// handled is what a person had done to a callback of a call, or with
// [script.Replay] to all of them.
type handled struct {
	do       script.Handle
	delivery uint64 // what is duplicated, or retried, or given up
	tries    int    // that it had by then
}

// byHand is what a person had done, by an event that has yet to be folded; nil if
// the sender did it by itself. The journal has no word for most of it, but shows it:
// an attempt before it was due, a callback that is released at once, a copy for
// which there is no other reason.
func (b *History) byHand(e *journal.Event) *handled {
	switch d := e.Data.(type) {
	case *journal.GivenUp:
		return b.handled(script.GiveUp, d.Delivery)
	case *journal.Released:
		if d.Due == e.At {
			return b.handled(script.RetryNow, d.Delivery)
		}
	case *journal.Attempt:
		if d.Attempt == 1 {
			b.step = append(b.step, d.Delivery)
		}
		if dl := b.Delivery(d.Delivery); dl != nil && dl.State == delivery.Waiting && dl.Due > e.At {
			return b.handled(script.RetryNow, d.Delivery)
		}
	case *journal.Answer:
		b.step = append(b.step, d.Delivery)
	case *journal.Callback:
		b.step = append(b.step, d.Delivery)
		switch {
		case d.CopyOf == 0:
		case d.State == delivery.Waiting && d.Due == e.At:
			return b.handled(script.Duplicate, d.CopyOf)
		case slices.Contains(b.step, d.CopyOf): // a fault copies what is made, first sent or answered
		case !b.replayed:
			b.replayed = true
			return b.handled(script.Replay, 0)
		}
	}
	return nil
}

func (b *History) handled(do script.Handle, id uint64) *handled {
	h := &handled{do: do, delivery: id}
	if d := b.Delivery(id); d != nil {
		h.tries = d.Attempts
	}
	return h
}

// stepped ends a step of the engine behind its last event.
func (b *History) stepped(e *journal.Event) {
	if !e.More {
		b.step, b.replayed = b.step[:0], false
	}
}
