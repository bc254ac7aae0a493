package replay

import (
	"cmp"
	"fmt"
	"slices"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
)

// tape folds a journal, event by event, and yields what is to be repeated.
type tape struct {
	pick  Pick
	state *journal.State // that the events so far add up to
	calls uint64         // that began and were picked
	owed  map[uint64]int // by delivery: how many of its next copies its faults make
}

func newTape(pick Pick) *tape {
	return &tape{pick: pick, state: journal.NewState(journal.Keep), owed: map[uint64]int{}}
}

// shot is one thing that is to be repeated.
type shot struct {
	at       call.Instant
	call     *journal.Call          // as it is then; nil if it concerns none
	data     journal.Data           // what happened
	callback *journal.Callback      // if it is that
	saved    *journal.SavedDelivery // if it is one of a saved call
	was      *delivery.Delivery     // the callback then
	query    []byte                 // its own parameters
	follows  bool                   // an engine makes this copy by itself
}

// wind folds an event, and passes what is to be repeated to take.
func (t *tape) wind(e *journal.Event, take func(shot)) error {
	if err := t.state.Apply(e); err != nil {
		return err
	}
	s := shot{at: e.At, call: t.state.Call(e.Call), data: e.Data}
	switch d := e.Data.(type) {
	case *journal.Registered, *journal.Unregistered, *journal.DialectSet, *journal.Faults, *journal.Drained, *journal.Reset:
		take(s)
	case *journal.Snapshot:
		for i := range d.Targets {
			s.data = &d.Targets[i]
			take(s)
		}
		if s.data = (&journal.Faults{On: d.Faults}); len(d.Faults) > 0 {
			take(s)
		}
	case *journal.Attempt:
		t.owe(d.Delivery, func(h *delivery.Faults) int { return h.Race }, d.Attempt == 1)
	case *journal.Answer:
		t.owe(d.Delivery, func(h *delivery.Faults) int { return h.Replay }, d.Then == delivery.ThenAcked)
	}
	if e.Call == "" || !t.pick.call(e.Call) {
		return nil
	}
	switch d := e.Data.(type) {
	case *journal.Fact:
		if d.Setup != nil {
			t.calls++
		}
		take(s)
	case *journal.Refused, *journal.Released:
		take(s)
	case *journal.SavedCall:
		t.calls++
		take(s)
		return t.saved(s, d, take)
	case *journal.Callback:
		return t.callback(s, d, t.follows(d), take)
	}
	return nil
}

// owe records the copies that a delivery's faults make.
func (t *tape) owe(id uint64, copies func(*delivery.Faults) int, now bool) {
	if d := t.state.Deliveries[id]; now && d != nil && d.Faults != nil {
		if n := copies(d.Faults); n > 0 {
			t.owed[id] += n
		}
	}
}

// follows reports whether a copy is made by the faults of its original, rather than by a
// person or the fault duplicate.
func (t *tape) follows(d *journal.Callback) bool {
	n := t.owed[d.CopyOf]
	if n == 1 {
		delete(t.owed, d.CopyOf)
	} else if n > 1 {
		t.owed[d.CopyOf]--
	}
	return n > 0
}

// saved yields the callbacks of a call in a snapshot, in the order in which they were
// made. Their times are not known.
func (t *tape) saved(s shot, d *journal.SavedCall, take func(shot)) error {
	list := slices.Clone(d.Deliveries)
	slices.SortFunc(list, func(a, b journal.SavedDelivery) int { return cmp.Compare(a.ID, b.ID) })
	for i := range list {
		d := &list[i]
		if n := copiesOf(d); n > 0 {
			t.owed[d.ID] = n
		}
		cb := &journal.Callback{
			Delivery: d.ID, Generation: d.Generation, Via: d.Via, Word: d.Word, User: d.User, CopyOf: d.CopyOf, Faults: d.Faults,
			EventTime: d.EventTime,
		}
		switch d.State {
		case delivery.Dropped:
			cb.State = delivery.Dropped
		case delivery.Queued:
			cb.Hold = d.Hold
		}
		s.saved = d
		if err := t.callback(s, cb, t.follows(cb), take); err != nil {
			return err
		}
	}
	return nil
}

// copiesOf returns how many copies the faults of a saved callback have made.
func copiesOf(d *journal.SavedDelivery) (n int) {
	if d.Faults != nil && d.Attempts > 0 {
		n += d.Faults.Race
	}
	if d.Faults != nil && d.State == delivery.Acked {
		n += d.Faults.Replay
	}
	return n
}

func (t *tape) callback(s shot, d *journal.Callback, follows bool, take func(shot)) error {
	if !t.pick.generation(d.Generation) {
		return nil
	}
	s.callback, s.follows, s.was = d, follows, t.state.Deliveries[d.Delivery]
	var ok bool
	if s.query, ok = s.was.Request.Endpoint.Parameters(s.was.Request.Target()); !ok {
		return fmt.Errorf("the callback's url %q: want one behind %q, where it is registered", s.was.Request.Target(), s.was.Request.Endpoint.Relative())
	}
	take(s)
	return nil
}
