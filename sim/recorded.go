package sim

import (
	"errors"
	"fmt"

	"ringback/sim/call"
	"ringback/sim/journal"
)

// Recorded makes happen again what a journal says happened in a call.
//
//   - A fact happens and has no consequences: those are recorded, too.
//   - A callback goes out in the bytes of its Request, whatever the engine's own
//     faults and words are. Its attempts wait for their turn as any other's, its
//     answers are judged and retried as they are now, and it brings the copies that
//     its Harm asks for, so that these are not to be given. The event that follows
//     carries the same Request, and the number that the callback now has.
//   - What a fault holds back goes on when the next callback comes. If its call is
//     over, it goes on when its release is recorded, or later, when it may.
//   - A saved call is there again, without its callbacks.
//
// It is nothing for an engine that recycles, since the engine keeps what it gets.
type Recorded struct {
	Call string       // CallId
	Data journal.Data // *journal.Fact, Refused, Callback, Released or SavedCall; it must not change any more
}

func (Recorded) input() {}

var (
	errThere    = errors.New("exists already")
	errNotThere = errors.New("not found, or no longer kept")
)

func (e *Engine) recorded(now call.Instant, in Recorded) (err error) {
	c := e.state.Call(in.Call)
	switch d := in.Data.(type) {
	case *journal.SavedCall:
		err = e.callAgain(now, in.Call, c, d)
	case *journal.Fact:
		err = e.factAgain(now, in.Call, c, d)
	default:
		if err = errNotThere; c != nil {
			err = e.happensAgain(now, c, d)
		}
	}
	if err != nil {
		return fmt.Errorf("call %q: %w", in.Call, err)
	}
	return nil
}

// happensAgain does what can always happen in a call that is there.
func (e *Engine) happensAgain(now call.Instant, c *journal.Call, d journal.Data) error {
	switch d := d.(type) {
	case *journal.Refused:
		if err := c.CheckStep(d.Step); err != nil {
			return err
		}
		e.effects.Emit(now, c.ID, d, nil)
	case *journal.Released:
		e.outbox.Release(now, c)
	case *journal.Callback:
		e.outbox.AddRecorded(now, c, d)
	default:
		panic(fmt.Sprintf("sim: %T is nothing that happens again", d))
	}
	return nil
}

func (e *Engine) callAgain(now call.Instant, id string, c *journal.Call, saved *journal.SavedCall) error {
	if c != nil {
		return errThere
	}
	again := *saved
	again.Deliveries, again.Callbacks, again.Copies = nil, 0, 0
	e.effects.Emit(now, id, &again, nil)
	return nil
}

func (e *Engine) factAgain(now call.Instant, id string, c *journal.Call, f *journal.Fact) error {
	begins := f.Kind == call.Started || f.Kind == call.StartFailed
	switch {
	case begins && c != nil:
		return errThere
	case begins:
		c = new(journal.Call)
	case c == nil:
		return errNotThere
	}
	if err := c.Check(f); err != nil {
		return err
	}
	e.effects.Emit(now, id, f, nil)
	return nil
}
