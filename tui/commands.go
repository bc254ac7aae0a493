package tui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/tui/history"
	"ringback/tui/pane"
)

// submit passes a command to the simulation. The result arrives as a message.
func (m *Model) submit(o Command) tea.Cmd {
	q := &m.commands
	if ofCall(o) { // further keys act on the same one
		m.calls.Follow = false
	}
	m.await(o)
	q.last++
	a := asked{number: q.last, Command: o}
	q.unseen = append(q.unseen, a)
	if q.waiting = append(q.waiting, a); len(q.waiting) > 1 {
		return nil // it is sent once the commands before it are done
	}
	return m.carryOut(a)
}

// ofCall reports whether a command is about a call that is there.
func ofCall(o Command) bool {
	f, ok := o.(Feed)
	if !ok {
		return false
	}
	switch f.Input.(type) {
	case sim.Act, sim.RetryNow, sim.GiveUp, sim.Duplicate, sim.Replay:
		return true
	}
	return false
}

func (m *Model) carryOut(a asked) tea.Cmd {
	return func() tea.Msg { return done{a, m.sim.Do(a.Command)} }
}

// carriedOut handles a command that was carried out, and starts the next one.
func (m *Model) carriedOut(d done) tea.Cmd {
	q := &m.commands
	q.done++
	if d.Err != nil { // it has no effects
		q.unseen = slices.DeleteFunc(q.unseen, func(a asked) bool { return a.number == d.number })
	}
	for i := range q.unseen {
		if q.unseen[i].number == d.number {
			q.unseen[i].call = d.Call
		}
	}
	if q.waiting = q.waiting[1:]; len(q.waiting) == 0 {
		return nil
	}
	return m.carryOut(q.waiting[0])
}

// caughtUp reports whether a look at the simulation shows the effects of all commands;
// since is how many had been carried out when it began.
func (m *Model) caughtUp(since uint64) bool {
	q := &m.commands
	if len(q.waiting) > 0 || since != q.done {
		return false
	}
	q.unseen = nil
	return true
}

// latest returns a value as it will be once all commands are carried out: what the last
// command sets it to, or else now.
func latest[T any](m *Model, now T, says func(Command) (T, bool)) T {
	for _, a := range slices.Backward(m.commands.unseen) {
		if v, ok := says(a.Command); ok {
			return v
		}
	}
	return now
}

// faultsOn returns the faults that are on, or will be.
func (m *Model) faultsOn() []string {
	return latest(m, m.history.State.Faults, func(o Command) ([]string, bool) {
		f, ok := o.(Feed)
		if !ok {
			return nil, false
		}
		s, ok := f.Input.(sim.SetFaults)
		return s.On, ok
	})
}

// dialectOf is the value that a key of the dialect has, or will have.
func (m *Model) dialectOf(name, now string) string {
	return latest(m, now, func(o Command) (value string, ok bool) {
		if f, fed := o.(Feed); fed {
			if s, set := f.Input.(sim.SetDialect); set {
				for _, pair := range s.Set {
					if rest, is := strings.CutPrefix(pair, name+"="); is {
						value, ok = rest, true
					}
				}
			}
		}
		return value, ok
	})
}

// toggled reports whether the chosen phone's microphone or camera is on, or will
// be.
func (m *Model) toggled(en *history.Call, do call.Verb, kind call.FactKind) bool {
	return latest(m, pane.Switched(en, m.User, kind), func(o Command) (on, ok bool) {
		if f, fed := o.(Feed); fed {
			if a, acts := f.Input.(sim.Act); acts && a.Call == m.Call && a.Action.By == m.User && a.Action.Do == do {
				return a.Action.Detail.On, true
			}
		}
		return false, false
	})
}

// trafficOn reports whether background calls come, or will.
func (m *Model) trafficOn() bool {
	return latest(m, m.traffic, func(o Command) (on, ok bool) {
		s, ok := o.(SwitchTraffic)
		return s.On, ok
	})
}

// placed is how many calls were placed, or will have been.
func (m *Model) placed() uint64 {
	n := m.history.State.Placed
	for _, a := range m.commands.unseen {
		if f, ok := a.Command.(Feed); ok {
			if _, ok := f.Input.(sim.Place); ok && m.history.ByID[a.call] == nil {
				n++
			}
		}
	}
	return n
}

// free returns a user who is in no call, nor in one that was asked for.
func (m *Model) free(taken ...string) string {
	for _, a := range m.commands.unseen {
		f, ok := a.Command.(Feed)
		if !ok {
			continue
		}
		switch in := f.Input.(type) {
		case sim.Place:
			taken = append(append(taken, in.Setup.Caller), in.Setup.Callees...)
		case sim.Act:
			taken = append(append(taken, in.Action.By), in.Action.Users...)
		}
	}
	return m.history.Free(taken...)
}
