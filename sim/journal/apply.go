package journal

import (
	"errors"
	"fmt"
	"slices"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/wire"
)

var errNoCall = errors.New("concerns a call that is not there")

// Apply folds an event into the state. An error means that the event cannot
// follow the ones before, so the journal is damaged; the state is then as it
// was, or half-way through this event.
func (s *State) Apply(e *Event) error {
	if e.Seq != 0 {
		if e.At > call.Latest {
			return fmt.Errorf("journal event %d (%s): %w", e.Seq, e.Kind(), call.ErrTooLate)
		}
		s.Seq, s.Now = e.Seq, e.At
	}
	s.setCurrent(e.Call)
	var err error
	switch d := e.Data.(type) {
	case *Run:
		s.Run, s.Now = *d, d.Epoch
		s.Dialect, err = wire.FromMap(d.Dialect)
	case *Registered:
		err = s.register(d)
	case *Unregistered:
		if d.Generation == 0 {
			err = errNoGeneration
		}
		s.Targets = slices.DeleteFunc(s.Targets, func(t Target) bool { return t.App == d.App && t.Generation == d.Generation })
	case *Faults:
		s.Faults = d.On
	case *Fact:
		err = s.fact(e, d)
	case *Refused:
		err = s.refused(e, d)
	case *Callback:
		err = s.callback(e, d)
	case *Released:
		err = s.released(e, d)
	case *Attempt:
		err = s.attempt(e, d)
	case *Answer:
		err = s.answer(e, d)
	case *Withdrawn:
		err = s.endEarly(e, d.Delivery, delivery.Withdrawn, &s.Totals.Withdrawn)
	case *Drained:
		s.Drained = true
	case *GivenUp:
		err = s.endEarly(e, d.Delivery, delivery.Abandoned, &s.Totals.Abandoned)
	case *Dropped:
		if err = s.endEarly(e, d.Delivery, delivery.Dropped, &s.Totals.Dropped); err == nil {
			s.current.Dropped = true
		}
	case *DialectSet:
		err = s.dialectSet(d)
	case *Warned:
		if s.IsNew(*d) {
			s.Warned = append(s.Warned, *d)
		}
	case *Clock:
		c := *d
		s.Clock = &c
	case *Reset:
		s.reset(d)
	case *SavedRecord:
		err = s.restoreRecord(e.Call, d)
	case *SavedCall:
		err = s.restoreCall(e, d)
	case *Snapshot:
		err = s.restore(e, d)
	}
	if err != nil {
		return fmt.Errorf("journal event %d (%s): %w", e.Seq, e.Kind(), err)
	}
	s.forget(e.Call)
	return nil
}

// setCurrent makes a call the current one. Most events concern the same call as the one
// before.
func (s *State) setCurrent(id string) {
	c := s.expected // whose id is the same text, so that it need not be read
	if c == nil || c.ID != id {
		c = s.Call(id)
	}
	if s.current != nil && s.current != c && s.keep == 0 {
		s.drop(s.current)
	}
	s.current = c
}

// Expect names the call that the next event probably concerns, which saves a lookup among
// a million. It has no other effect.
func (s *State) Expect(c *Call) { s.expected = c }

// drop evicts a call's settled callbacks.
func (s *State) drop(c *Call) {
	if int(c.Open) == len(c.Deliveries) {
		return
	}
	c.Deliveries = slices.DeleteFunc(c.Deliveries, func(d *delivery.Delivery) bool {
		if d.State.Settled() {
			delete(s.Deliveries, d.ID)
			s.recycleDelivery(c, d)
		}
		return d.State.Settled()
	})
	if len(c.Deliveries) == 0 && !s.free.on {
		c.Deliveries = nil
	}
}

func (s *State) fact(e *Event, d *Fact) error {
	c := s.current
	if d.Kind == call.Started || d.Kind == call.StartFailed {
		if c != nil {
			return errors.New("the call exists already")
		}
		c = s.newCall(d)
		if d.Setup != nil {
			d.Setup.ID = e.Call
			s.Placed = max(s.Placed, d.Setup.Number)
		}
	}
	if c == nil {
		return errNoCall
	}
	if err := c.Check(d); err != nil {
		return err
	}
	if c != s.current {
		c.ID = e.Call
		s.calls[c.ID] = c
		s.current = c
	}
	if d.Step > 0 {
		c.Steps = int32(d.Step)
	}
	c.Apply(e.At, d.Fact)
	switch d.Kind {
	case call.Started:
		s.Live++
	case call.Ended:
		s.Live--
		if s.reader {
			s.records.add(c.Call)
		}
	}
	s.settle(e, c)
	return nil
}

func (s *State) refused(e *Event, d *Refused) error {
	c := s.current
	if c == nil {
		return errNoCall
	}
	if err := c.CheckStep(d.Step); err != nil {
		return err
	}
	c.Steps = int32(d.Step)
	s.settle(e, c)
	return nil
}

func (s *State) settle(e *Event, c *Call) {
	if c.Over() {
		s.settled = append(s.settled, settledCall{e.Seq, c.ID})
	}
}
