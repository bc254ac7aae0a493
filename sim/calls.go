package sim

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"time"

	"ringback/sim/call"
	"ringback/sim/journal"
	"ringback/sim/phone"
)

func (e *Engine) place(now call.Instant, in Place) error {
	n := e.state.Placed + 1
	s := in.Setup
	if s.ID == "" {
		s.ID = CallID(e.cfg.Run.Token, n)
	}
	if s.Room == "" && s.RoomTag != call.StringRoom {
		s.Room, s.RoomTag = RoomID(e.cfg.Run.Token, n), call.DigitRoom
	}
	s.Number = n
	if e.state.Calls[s.ID] != nil {
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
	f, err := call.Start(&s, in.Fail)
	if err != nil {
		return err
	}
	plan := slices.Clone(in.Plan)
	slices.SortStableFunc(plan, func(a, b call.Step) int { return cmp.Compare(a.After, b.After) })
	e.fact(now, s.ID, &journal.Fact{Fact: f, Generation: in.Generation, Plan: plan})
	c := e.state.Calls[s.ID]
	e.scheduleStep(c)
	if c.Phase == call.Over {
		return nil
	}
	e.scheduleTimers(c)
	if !in.RingLater {
		e.reach(now, c, s.Callees, &s)
	}
	return nil
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

// CallID is the id of a run's n-th call.
func CallID(token string, n uint64) string { return fmt.Sprintf("rb-%s-%04d", token, n) }

// RoomID is the numeric room of a run's n-th call: five digits that stand for
// the run's token, five for the call. TRTC's room numbers end at 4294967294.
func RoomID(token string, n uint64) string {
	h := fnv.New32a()
	h.Write([]byte(token))
	return strconv.FormatUint(uint64(10_000+h.Sum32()%32_000)*100_000+n%100_000, 10)
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
		e.fact(now, c.ID, &journal.Fact{Fact: facts[i], Step: step})
	}
	e.facts = facts[:0]
	switch a.Do {
	case call.DoInvite:
		e.pushRingTimer(now, c)
		e.reach(now, c, slices.Clone(a.Users), nil)
	case call.DoPullBattery, call.DoSecondLogin: // either way the heartbeat stops
		m, _ := c.Find(a.By)
		e.agenda.push(entry{at: now.Add(e.expiry(m)), class: heartbeatTimer, n: c.Number, call: c})
	}
	return nil
}

// fact journals a fact and the callbacks that it makes.
func (e *Engine) fact(now call.Instant, id string, f *journal.Fact) {
	e.emit(now, id, f)
	c := e.state.Calls[id]
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
	if c.Extra != nil && c.Extra.Rings > 0 {
		return time.Duration(c.Extra.Rings)
	}
	return e.cfg.RingTimeout
}

func (e *Engine) pushRingTimer(since call.Instant, c *journal.Call) {
	e.agenda.push(entry{at: since.Add(e.rings(c)), class: ringTimer, n: c.Number, call: c})
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
			e.agenda.push(entry{at: m.SilentAt.Add(e.expiry(m)), class: heartbeatTimer, n: c.Number, call: c})
		}
	}
}

// unanswered are those whose ring timer ends with an entry.
func (e *Engine) unanswered(due *entry) (users []string) {
	for i := range due.call.Members {
		m := &due.call.Members[i]
		if due.call.Phase != call.Over && m.Waiting() && m.Since.Add(e.rings(due.call)) <= due.at {
			users = append(users, m.ID)
		}
	}
	return users
}

// expired are those whose heartbeat expires with an entry.
func (e *Engine) expired(due *entry) (users []string) {
	for i := range due.call.Members {
		m := &due.call.Members[i]
		if due.call.Phase != call.Over && m.Present() && m.SilentAt != 0 && m.SilentAt.Add(e.expiry(m)) <= due.at {
			users = append(users, m.ID)
		}
	}
	return users
}

// scheduleStep puts the next step of a call's plan on the agenda.
func (e *Engine) scheduleStep(c *journal.Call) {
	if c.Steps < len(c.Plan) {
		at := c.StartAt + call.Instant(c.Plan[c.Steps].After/1e6)
		e.agenda.push(entry{at: at, class: planStep, n: c.Number, k: uint64(c.Steps), call: c})
	}
}

func (e *Engine) step(due entry) {
	c, now := due.call, max(due.at, e.state.Now)
	a := c.Plan[due.k].Action
	if err := e.act(now, c, a, int(due.k)+1); err != nil {
		e.emit(now, c.ID, &journal.Refused{Step: int(due.k) + 1, Action: a, Why: err.Error()})
	}
	e.scheduleStep(c)
}
