package sim

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"ringback/sim/call"
	"ringback/sim/journal"
	"ringback/sim/phone"
)

func (e *Engine) place(now call.Instant, in *Place) error {
	if e.state.Drained {
		return errDrained
	}
	n := e.state.Placed + 1
	s := e.said.setups.add(in.Setup)
	s.Number = n
	e.name(s)
	if e.state.Call(s.ID) != nil {
		return fmt.Errorf("call %q: exists already", s.ID)
	}
	for _, u := range s.Callees {
		if e.inCall[u] > 0 && !slices.Contains(s.Busy, u) && !slices.Contains(s.Away, u) {
			s.Busy = append(s.Busy, u)
		}
	}
	if e.inCall[s.Caller] > 0 {
		return fmt.Errorf("caller: %s is in another call; end that one first", s.Caller)
	}
	f, err := call.Start(s, in.Fail)
	if err != nil {
		return err
	}
	e.fact(now, s.ID, journal.Fact{Fact: f, Generation: in.Generation, Plan: inOrder(in.Plan)})
	c := e.state.Call(s.ID)
	e.scheduleStep(c)
	if c.Phase == call.Over {
		return nil
	}
	if e.ringsOut(c) {
		e.pushRingTimer(now, c)
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
		case s != nil && slices.Contains(s.Busy, u), s == nil && e.inCall[u] > 1:
			do = call.DoBusy
		}
		if c.Phase != call.Over {
			_ = e.act(now, c, call.Action{Do: do, By: u}, 0) // a member that was just invited can do both
		}
	}
}

// act decides an action and journals its facts. step is the plan's step that
// asks for it, or 0.
func (e *Engine) act(now call.Instant, c *journal.Call, a call.Action, step int) error {
	if a.Do == call.DoEndByServer && a.Result == call.NoResult && e.cfg.Dialect.EndCallResult == "Interrupt" {
		a.Result = call.Interrupt
	}
	facts, err := phone.Decide(e.facts[:0], &c.Call, now, a)
	if err != nil {
		return err
	}
	for i := range facts {
		e.fact(now, c.ID, journal.Fact{Fact: facts[i], Step: step})
	}
	e.facts = facts[:0]
	switch a.Do {
	case call.DoInvite:
		e.pushRingTimer(now, c)
		e.reach(now, c, slices.Clone(a.Users), nil)
	case call.DoPullBattery, call.DoSecondLogin: // either way the heartbeat stops
		m, _ := c.Find(a.By)
		e.agenda.push(newEntry(now.Add(e.expiry(m)), heartbeatTimer, c, nil))
	}
	return nil
}

// fact journals a fact and the callbacks that it makes.
func (e *Engine) fact(now call.Instant, id string, fact journal.Fact) {
	f := e.said.facts.add(fact)
	e.emit(now, id, f)
	c := e.state.Call(id)
	e.track(c, &f.Fact)
	e.callbacks = e.cfg.Dialect.Project(e.callbacks[:0], c.Generation, &c.Call, &f.Fact)
	for i := range e.callbacks {
		e.callback(now, c, &e.callbacks[i])
	}
	e.over(now, c)
}

// track keeps the index of who is in a call.
func (e *Engine) track(c *journal.Call, f *call.Fact) {
	switch f.Kind {
	case call.Started:
		for i := range c.Members {
			e.occupy(c.Members[i].ID, 1)
		}
	case call.Joined:
		e.occupy(f.By, 1)
	case call.Invited:
		for _, u := range f.Users {
			e.occupy(u, 1)
		}
	case call.Rejected, call.BusyFact, call.Left, call.LineLost, call.WentOffline:
		e.occupy(f.By, -1)
	case call.TimedOut, call.Cancelled, call.Uninvited:
		for _, u := range f.Users {
			e.occupy(u, -1)
		}
	case call.Ended:
		for i := range c.Members {
			if c.Members[i].Present() {
				e.occupy(c.Members[i].ID, -1)
			}
		}
	}
}

func (e *Engine) occupy(user string, n int) {
	if e.inCall == nil {
		return
	}
	if e.inCall[user] += n; e.inCall[user] == 0 {
		delete(e.inCall, user)
	}
}

// rings is how long the phones of a call ring.
func (e *Engine) rings(c *journal.Call) time.Duration {
	if rings := c.Attached().Rings; rings > 0 {
		return time.Duration(rings)
	}
	return e.cfg.RingTimeout
}

func (e *Engine) pushRingTimer(since call.Instant, c *journal.Call) {
	e.agenda.push(newEntry(since.Add(e.rings(c)), ringTimer, c, nil))
}

// scheduleTimers puts a call's running timers on the agenda: one ring timer
// for all who were invited at once, a heartbeat for each silent phone.
func (e *Engine) scheduleTimers(c *journal.Call) {
	if c.Phase == call.Over {
		return
	}
	var pushed call.Instant
	for i := range c.Members {
		m := &c.Members[i]
		if m.Waiting() && m.Since != pushed {
			e.pushRingTimer(m.Since, c)
			pushed = m.Since
		}
		if m.Present() && m.SilentAt != 0 {
			e.agenda.push(newEntry(m.SilentAt.Add(e.expiry(m)), heartbeatTimer, c, nil))
		}
	}
}

// unanswered reports whether a member's ring timer has ended by a time.
func (e *Engine) unanswered(c *journal.Call, m *call.Member, by call.Instant) bool {
	return m.Waiting() && c.Phase != call.Over && m.Since.Add(e.rings(c)) <= by
}

// expired reports whether a member's heartbeat has expired by a time.
func (e *Engine) expired(c *journal.Call, m *call.Member, by call.Instant) bool {
	return m.SilentAt != 0 && m.Present() && c.Phase != call.Over && m.SilentAt.Add(e.expiry(m)) <= by
}

type timer func(*journal.Call, *call.Member, call.Instant) bool

// everybody are the members whose timer has ended by a time.
func everybody(c *journal.Call, by call.Instant, ended timer) (users []string) {
	for i := range c.Members {
		if ended(c, &c.Members[i], by) {
			users = append(users, c.Members[i].ID)
		}
	}
	return users
}

// anybody reports whether there are any.
func anybody(c *journal.Call, by call.Instant, ended timer) bool {
	for i := range c.Members {
		if ended(c, &c.Members[i], by) {
			return true
		}
	}
	return false
}

// scheduleStep puts the next step of a call's plan on the agenda.
func (e *Engine) scheduleStep(c *journal.Call) {
	if int(c.Steps) < len(c.Plan) {
		e.agenda.push(newEntry(nextStep(c), planStep, c, nil))
	}
}

func nextStep(c *journal.Call) call.Instant {
	return c.StartAt.Add(time.Duration(c.Plan[c.Steps].After))
}

// ringsOut reports whether the phones that ring since the call's start stop
// before the next step of its plan. The timer for that is not on the agenda
// earlier, since most calls are answered, and their timers would be stale.
func (e *Engine) ringsOut(c *journal.Call) bool {
	return int(c.Steps) >= len(c.Plan) || nextStep(c) >= c.StartAt.Add(e.rings(c))
}

// step does the next step of a call's plan.
func (e *Engine) step(now call.Instant, c *journal.Call) {
	a, n, rangOut := c.Plan[c.Steps].Action, int(c.Steps)+1, e.ringsOut(c)
	if err := e.act(now, c, a, n); err != nil {
		e.emit(now, c.ID, &journal.Refused{Step: n, Action: a, Why: err.Error()})
	}
	e.scheduleStep(c)
	if end := c.StartAt.Add(e.rings(c)); !rangOut && e.ringsOut(c) && anybody(c, end, e.unanswered) {
		e.pushRingTimer(c.StartAt, c)
	}
}
