package tui

import (
	"slices"
	"time"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/secret"
)

// history is what the screen knows: the state that the journal adds up to, and
// what a state does not keep. It changes by [history.take] alone.
type history struct {
	st       *journal.State
	calls    []*callLog // in the order in which they were placed
	byID     map[string]*callLog
	touched  []*callLog // since the calls pane looked last
	health   health
	retrying map[uint64]struct{}  // deliveries of which an attempt failed and that are not settled
	begun    map[uint64]time.Time // wall time at which attempts were seen to begin, of those under way
	step     []uint64             // deliveries that this step of the engine made, sent first or had an answer of
	replayed bool                 // this step sends all callbacks of a call again
	wall     time.Time            // of what is being taken; zero: not known
	failures []failure
	broken   error // the first event that could not be folded
}

// callLog is a call with what was heard of it.
type callLog struct {
	call    *journal.Call
	moments []moment
	given   []string // the faults that were on when it began
	dirty   bool     // it is among those touched

	// What the list of calls thinks of it, until it is touched.
	match   bool   // the filter lets it through
	trouble int    // how much goes wrong in it
	text    string // what filters look through; "" if none has looked yet
}

// moment is a fact with its time. Switched faults and what was done by hand are
// among a call's moments, since they change what becomes of it.
type moment struct {
	at     call.Instant
	fact   *journal.Fact
	faults *journal.Faults
	hand   *handled
}

// failure is an attempt that was not acknowledged.
type failure struct {
	call     string
	delivery uint64
	attempt  int
}

// maxFailures is how many failures can be jumped between.
const maxFailures = 10_000

func newHistory(keep uint64, secrets *secret.Set) *history {
	st := journal.NewReader(keep)
	st.Secrets = secrets
	return &history{st: st, byID: map[string]*callLog{}, retrying: map[uint64]struct{}{}, begun: map[uint64]time.Time{}}
}

// take folds an event.
func (b *history) take(e *journal.Event) {
	if b.broken != nil {
		return
	}
	hand := b.byHand(e)
	if b.broken = b.st.Apply(e); b.broken != nil {
		return
	}
	b.stepped(e)
	switch d := e.Data.(type) {
	case *journal.Reset:
		b.calls, b.touched, b.failures = nil, nil, nil
		clear(b.byID)
		clear(b.retrying)
		clear(b.begun)
	case *journal.Faults:
		for _, en := range b.calls {
			if en.call.Phase != call.Over {
				en.moments = append(en.moments, moment{at: e.At, faults: d})
			}
		}
	case *journal.Fact:
		en := b.logOf(e.Call)
		en.moments = append(en.moments, moment{at: e.At, fact: d})
	case *journal.Attempt:
		b.begun[d.Delivery] = b.wall
		b.health.asked++
	case *journal.GivenUp:
		b.over(d.Delivery)
	case *journal.Withdrawn:
		b.over(d.Delivery)
	case *journal.Answer:
		b.answer(e, d)
	}
	if b.st.Call(e.Call) != nil { // not a mere record
		en := b.logOf(e.Call)
		if hand != nil {
			en.moments = append(en.moments, moment{at: e.At, hand: hand})
		}
		b.touch(en)
	}
}

func (b *history) answer(e *journal.Event, d *journal.Answer) {
	b.health.note(e.At, d)
	b.over(d.Delivery)
	if d.Then == delivery.ThenRetry {
		b.retrying[d.Delivery] = struct{}{}
	}
	if !d.Verdict.Acked() {
		if len(b.failures) == maxFailures {
			b.failures = slices.Delete(b.failures, 0, maxFailures/10)
		}
		b.failures = append(b.failures, failure{e.Call, d.Delivery, d.Attempt})
	}
}

// over forgets what is kept of a delivery until it is settled or goes on.
func (b *history) over(id uint64) {
	delete(b.retrying, id)
	delete(b.begun, id)
}

// underWay is how long the attempt of a delivery has been under way, in wall
// time; 0 if that is not known.
func (b *history) underWay(d *delivery.Delivery, wall time.Time) time.Duration {
	began := b.begun[d.ID]
	if d.State != delivery.Flying || began.IsZero() || wall.IsZero() {
		return 0
	}
	return wall.Sub(began)
}

// logOf finds a call, and begins its page if it has none.
func (b *history) logOf(id string) *callLog {
	en := b.byID[id]
	if en == nil {
		en = &callLog{given: b.st.Faults}
		b.byID[id] = en
		b.calls = append(b.calls, en)
	}
	en.call = b.st.Call(id)
	return en
}

func (b *history) touch(en *callLog) {
	if !en.dirty {
		en.dirty = true
		b.touched = append(b.touched, en)
	}
}

// tidy drops the pages of calls that left the state, and reports whether there
// were any.
func (b *history) tidy() bool {
	if len(b.calls) == b.st.NumCalls() {
		return false
	}
	b.calls = slices.DeleteFunc(b.calls, func(en *callLog) bool {
		gone := b.st.Call(en.call.ID) == nil
		if gone {
			delete(b.byID, en.call.ID)
		}
		return gone
	})
	return true
}

// delivery finds a delivery, or nil.
func (b *history) delivery(id uint64) *delivery.Delivery { return b.st.Deliveries[id] }
