package sim

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"ringback/sim/call"
	"ringback/sim/journal"
	"ringback/sim/phone"
)

var errDrained = errors.New("the calls were stopped for good; only callbacks go on")

func (e *Engine) place(now call.Instant, in *Place) error {
	if e.state.Drained {
		return errDrained
	}
	s := e.setups.New(in.Setup)
	s.Number = cmp.Or(s.Number, e.state.Placed+1)
	e.names.give(s, e.cfg.Dialect)
	if e.state.Call(s.ID) != nil {
		return fmt.Errorf("call %q: exists already", s.ID)
	}
	for _, u := range s.Callees {
		if e.users[u] > 0 && !slices.Contains(s.Busy, u) && !slices.Contains(s.Away, u) {
			s.Busy = append(s.Busy, u)
		}
	}
	if e.users[s.Caller] > 0 {
		return fmt.Errorf("caller: %s is in another call; end that one first", s.Caller)
	}
	f, err := call.Start(s, in.Fail)
	if err != nil {
		return err
	}
	e.fact(now, s.ID, journal.Fact{Fact: f, Generation: in.Generation, Plan: inOrder(in.Plan)})
	c := e.state.Call(s.ID)
	e.timers.plan(c)
	if c.Phase == call.Over {
		return nil
	}
	if e.timers.ringsOut(c) {
		e.timers.ring(now, c)
	}
	if !in.RingLater {
		e.reach(now, c, s.Callees, s)
	}
	return nil
}

// inOrder is a plan in order of time: the same one, if it is.
func inOrder(plan []call.Step) []call.Step {
	byTime := func(a, b call.Step) int { return cmp.Compare(a.After, b.After) }
	if slices.IsSortedFunc(plan, byTime) {
		return plan
	}
	plan = slices.Clone(plan)
	slices.SortStableFunc(plan, byTime)
	return plan
}

// reach lets the phones of users ring, or refuse when they are busy; whoever
// is away hears nothing.
func (e *Engine) reach(now call.Instant, c *journal.Call, users []string, s *call.Setup) {
	for _, u := range users {
		do := call.DoRing
		switch {
		case s != nil && slices.Contains(s.Away, u):
			continue
		case s != nil && slices.Contains(s.Busy, u), s == nil && e.users[u] > 1:
			do = call.DoBusy
		}
		if c.Phase != call.Over {
			_ = e.act(now, c, call.Action{Do: do, By: u}, 0) // a member that was just invited can do both
		}
	}
}

func (e *Engine) actOn(now call.Instant, in Act) error {
	if e.state.Drained {
		return errDrained
	}
	c := e.state.Call(in.Call)
	if c == nil {
		return fmt.Errorf("call %q: no such call", in.Call)
	}
	return e.act(now, c, in.Action, 0)
}

// act decides an action and journals its facts. step is the plan's step that
// asks for it, or 0.
func (e *Engine) act(now call.Instant, c *journal.Call, a call.Action, step int) error {
	if a.Do == call.DoEndByServer && a.Result == call.NoResult && e.cfg.Dialect.EndCallResult == "Interrupt" {
		a.Result = call.Interrupt
	}
	facts, err := phone.Decide(e.decided[:0], &c.Call, now, a)
	if err != nil {
		return err
	}
	for i := range facts {
		e.fact(now, c.ID, journal.Fact{Fact: facts[i], Step: step})
	}
	e.decided = facts[:0]
	switch a.Do {
	case call.DoInvite:
		e.timers.ring(now, c)
		e.reach(now, c, slices.Clone(a.Users), nil)
	case call.DoPullBattery, call.DoSecondLogin: // either way the heartbeat stops
		m, _ := c.Find(a.By)
		e.timers.silence(now, c, m)
	}
	return nil
}

// fact journals a fact, and gives the callbacks that it makes to the outbox.
func (e *Engine) fact(now call.Instant, id string, fact journal.Fact) {
	f := e.facts.New(fact)
	e.effects.Emit(now, id, f, nil)
	c := e.state.Call(id)
	e.users.track(c, &f.Fact)
	e.callbacks = e.cfg.Dialect.Project(e.callbacks[:0], c.Generation, &c.Call, &f.Fact)
	e.outbox.Add(now, c, e.callbacks)
}

// step does the next step of a call's plan.
func (e *Engine) step(now call.Instant, c *journal.Call) {
	a, n, rangOut := c.Plan[c.Steps].Action, int(c.Steps)+1, e.timers.ringsOut(c)
	if err := e.act(now, c, a, n); err != nil {
		e.effects.Emit(now, c.ID, &journal.Refused{Step: n, Action: a, Why: err.Error()}, nil)
	}
	e.timers.plan(c)
	if !rangOut && e.timers.ringsOut(c) && anyMember(c, e.timers.ringsUntil(c.StartAt, c), e.timers.unanswered) {
		e.timers.ring(c.StartAt, c)
	}
}
