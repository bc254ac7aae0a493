package sim

import (
	"errors"
	"fmt"
	"maps"

	"ringback/sim/call"
	"ringback/sim/journal"
)

// Step takes an input at a time, which must not be before that of the last
// step, and returns what follows, in order. What was due by then comes first.
// An error means that the input was refused and had no effect; the effects of
// what was due are returned with it. After [call.Latest] all is refused.
func (e *Engine) Step(now call.Instant, in Input) ([]Effect, error) {
	e.effects.List = e.effects.List[:0]
	e.setups.Reset()
	e.facts.Reset()
	e.outbox.Begin()
	e.state.Reclaim()
	now = max(now, e.state.Now)
	var err error
	if now > call.Latest { // a journal that says so could not be read again
		now, in, err = call.Latest, Tick{}, call.ErrTooLate
	}
	e.fire(now)
	switch in := in.(type) {
	case Tick:
	case Answered:
		err = e.outbox.Answered(now, in.Delivery, in.Attempt, in.Answer)
	case Place:
		err = e.place(now, &in)
	case *Place:
		err = e.place(now, in)
	case Act:
		err = e.actOn(now, in)
	case Register:
		err = e.register(now, in)
	case Unregister:
		err = e.unregister(now, in)
	case SetFaults:
		err = e.setFaults(now, in)
	case SetDialect:
		err = e.setDialect(now, in)
	case RetryNow:
		err = e.outbox.RetryNow(now, in.Delivery)
	case GiveUp:
		err = e.outbox.GiveUp(now, in.Delivery)
	case Duplicate:
		err = e.outbox.Duplicate(now, in.Delivery)
	case Replay:
		err = e.outbox.Replay(now, in.Call)
	case Handle:
		err = e.outbox.Handle(now, in.Call, in.Handling)
	case Recorded:
		err = e.recorded(now, in)
	case Warn:
		e.outbox.Warn(now, "", journal.Warned(in))
	case Clock:
		e.effects.Emit(now, "", &journal.Clock{Pace: in.Pace, Paused: in.Paused}, nil)
	case Drain:
		e.drain(now)
	case Reset:
		e.reset(now, in)
	default:
		panic("sim: an input that is not known") // its type must not be named: that would move every input to the heap
	}
	e.outbox.Fire(now) // what the input made due at once, like a retry after 0 s
	for i := range len(e.effects.List) - 1 {
		e.effects.List[i].Event.More = true
	}
	return e.effects.List, err
}

// fire does what is due by now, each at its own time. At one time the timers of calls
// come before callbacks.
func (e *Engine) fire(now call.Instant) {
	for {
		at, what, c := e.timers.next(now)
		if c == nil {
			break
		}
		e.outbox.Fire(at - 1)
		e.timers.pop()
		e.state.Expect(c)
		switch what {
		case ringTimer:
			// Those who are being called can time out, the silent can expire.
			_ = e.act(at, c, call.Action{Do: call.DoTimeout, Users: members(c, at, e.timers.unanswered)}, 0)
		case heartbeatTimer:
			for _, u := range members(c, at, e.timers.expired) {
				_ = e.act(at, c, call.Action{Do: call.DoExpire, By: u}, 0)
			}
		case planStep:
			e.step(max(at, e.state.Now), c)
		}
	}
	e.outbox.Fire(now)
}

var errNoGeneration = errors.New("generation: is missing, want v1, v4 or both")

func (e *Engine) register(now call.Instant, in Register) error {
	if in.Generation == 0 {
		return errNoGeneration
	}
	if e.Signs() {
		if err := in.Endpoint.Signable(); err != nil {
			return fmt.Errorf("the address %w", err)
		}
	}
	url := in.Endpoint.URL
	if in.Typed && !e.cfg.Hosts {
		url = in.Endpoint.Relative()
	}
	e.effects.Emit(now, "", &journal.Registered{
		App: in.App, Generation: in.Generation, URL: url, Typed: in.Typed, Words: in.Words, Endpoint: in.Endpoint,
	}, nil)
	return nil
}

func (e *Engine) unregister(now call.Instant, in Unregister) error {
	if in.Generation == 0 {
		return errNoGeneration
	}
	e.effects.Emit(now, "", &journal.Unregistered{App: in.App, Generation: in.Generation}, nil)
	e.outbox.Withdraw(now, in.App, in.Generation)
	return nil
}

func (e *Engine) setDialect(now call.Instant, in SetDialect) error {
	d := *e.cfg.Dialect
	for _, choice := range in.Set {
		if err := d.Set(choice); err != nil {
			return err
		}
	}
	changed, before := d.Map(), e.cfg.Dialect.Map()
	maps.DeleteFunc(changed, func(key, value string) bool { return before[key] == value })
	e.effects.Emit(now, "", &journal.DialectSet{Set: changed}, nil)
	e.speak(e.state.Dialect)
	return nil
}

func (e *Engine) drain(now call.Instant) {
	if e.state.Drained {
		return
	}
	e.effects.Emit(now, "", &journal.Drained{}, nil)
	e.timers.stop()
}

func (e *Engine) reset(now call.Instant, in Reset) {
	e.effects.Emit(now, "", &journal.Reset{Registrations: in.Registrations}, nil)
	e.timers.stop()
	e.outbox.Reset()
	clear(e.users)
}

// Next is when something is due, if anything is. Nothing is after [call.Latest].
func (e *Engine) Next() (at call.Instant, ok bool) {
	at, ok = e.outbox.Next(call.Latest)
	if timer, _, c := e.timers.next(call.Latest); c != nil && (!ok || timer < at) {
		return timer, true
	}
	return at, ok
}

// Restore makes an engine that goes on where a journal ended. Attempts that
// were under way then count as not made: their deliveries are due at once.
func Restore(cfg Config, st *journal.State) (*Engine, error) {
	cfg.Run, cfg.Dialect = st.Run, st.Dialect
	faults, err := parseFaults(st.Faults)
	if err != nil {
		return nil, err
	}
	e := newEngine(cfg, st)
	e.outbox.SetFaults(faults)
	for c := range st.Calls() {
		if c.Phase != call.Over && e.users != nil {
			e.users.count(c, 1)
		}
		if !st.Drained {
			e.timers.resume(c)
		}
		for _, d := range c.Deliveries {
			if !d.State.Settled() {
				e.outbox.Resume(c, d)
			}
		}
	}
	return e, nil
}
