package calibrate

import (
	"io"
	"maps"
	"slices"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/recording"
	"ringback/sim/store"
)

// attempts makes exchanges of a journal's attempts. A journal has no header fields, and
// its times are those of the simulation.
type attempts struct {
	open map[uint64]*attempted // by delivery: those that are not settled
	add  func(*recording.Exchange) error
}

// attempted is a callback, and its attempt that has no answer yet.
type attempted struct {
	url, body []byte
	running   *recording.Exchange
}

func readJournal(r io.Reader, add func(*recording.Exchange) error) (store.Tail, error) {
	a := &attempts{open: map[uint64]*attempted{}, add: add}
	tail, err := store.Read(noName{r}, a.fold)
	if err != nil {
		return tail, err
	}
	for _, id := range slices.Sorted(maps.Keys(a.open)) { // in flight when the journal ended
		if x := a.open[id].running; x != nil {
			if err := add(x); err != nil {
				return tail, err
			}
		}
	}
	return tail, nil
}

// noName hides the name of a file from [store.Read], whose errors would say it again.
type noName struct{ io.Reader }

func (a *attempts) fold(e *journal.Event) error {
	switch d := e.Data.(type) {
	case *journal.Callback:
		if !d.State.Settled() {
			a.open[d.Delivery] = &attempted{url: d.URL, body: d.Body}
		}
	case *journal.SavedCall:
		return a.saved(e, d)
	case *journal.Attempt:
		if c := a.open[d.Delivery]; c != nil {
			if len(d.URL) > 0 {
				c.url = d.URL
			}
			c.running = c.attempt(e.Seq, e.At)
		}
	case *journal.Answer:
		c := a.open[d.Delivery]
		if c == nil || c.running == nil {
			return nil
		}
		x := c.running
		c.running = nil
		if d.Then != delivery.ThenRetry {
			delete(a.open, d.Delivery)
		}
		end(x, e.At, &d.Verdict, d.Body)
		x.Answer.Line = int(e.Seq) + 1
		return a.add(x)
	case *journal.Withdrawn:
		delete(a.open, d.Delivery)
	case *journal.GivenUp:
		delete(a.open, d.Delivery)
	case *journal.Reset:
		clear(a.open)
	}
	return nil
}

// saved takes the callbacks of a compacted journal, whose attempts it has only if who
// wrote it kept them.
func (a *attempts) saved(e *journal.Event, d *journal.SavedCall) error {
	for i := range d.Deliveries {
		s := &d.Deliveries[i]
		c := &attempted{url: s.URL, body: s.Body}
		for _, t := range s.Tries {
			x := c.attempt(e.Seq, t.Began)
			if t.Verdict == nil {
				c.running = x
				continue
			}
			end(x, t.Ended, t.Verdict, []byte(t.Answer))
			if err := a.add(x); err != nil {
				return err
			}
		}
		if !s.State.Settled() {
			a.open[s.ID] = c
		}
	}
	return nil
}

func (c *attempted) attempt(seq uint64, at call.Instant) *recording.Exchange {
	// The header is line 1, and the events follow in the order of their numbers.
	return &recording.Exchange{Line: int(seq) + 1, At: at.Time(), Head: requestHead("POST", string(c.url), "", nil), Body: c.body}
}

func end(x *recording.Exchange, at call.Instant, v *delivery.Verdict, body []byte) {
	answered(x, at.Time().Sub(x.At), v.Status, answerHead("", v.Status, "", nil), body, v.Detail)
	switch {
	case v.Class != delivery.NoAnswer:
	case v.Failure == delivery.TimedOut:
		x.Answer.Outcome = recording.Aborted // a recorder sees that its client closes the connection
	default:
		x.Answer.Outcome = recording.Failed(v.Failure)
	}
}
