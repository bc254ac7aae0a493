package tui

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
	if d.State != delivery.InFlight || began.IsZero() || wall.IsZero() {
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

// changed are the calls to which something happened since it was asked last.
func (b *history) changed() (list []*callLog) {
	list, b.touched = b.touched, b.touched[len(b.touched):]
	for _, en := range list {
		en.dirty = false
	}
	return list
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

// free is a user who is in no call.
func (b *history) free(taken ...string) string {
	busy := map[string]bool{}
	for _, u := range taken {
		busy[strings.TrimSpace(u)] = true
	}
	for _, en := range b.calls {
		for i := range en.call.Members {
			if en.call.Phase != call.Over && en.call.Members[i].Present() {
				busy[en.call.Members[i].ID] = true
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
func (b *history) byHand(e *journal.Event) *handled {
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
		if dl := b.delivery(d.Delivery); dl != nil && dl.State == delivery.Waiting && dl.Due > e.At {
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

func (b *history) handled(do script.Handle, id uint64) *handled {
	h := &handled{do: do, delivery: id}
	if d := b.delivery(id); d != nil {
		h.tries = d.Attempts
	}
	return h
}

// stepped ends a step of the engine behind its last event.
func (b *history) stepped(e *journal.Event) {
	if !e.More {
		b.step, b.replayed = b.step[:0], false
	}
}
