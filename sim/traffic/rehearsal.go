package traffic

import (
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/journal"
)

// hold settles how the meeting goes, by playing it.
func (m *meeting) hold(stage *sim.Engine) *Call {
	c := m.Call
	for i := range m.members {
		if m.members[i].away {
			c.away = append(c.away, m.members[i].ID)
		}
	}
	c.timeout = notBefore(c.timeout, m.times())
	c.plan = m.steps(true)
	r := rehearse(stage, c)
	c.plan = r.done(c.plan)
	c.Result, c.Joined = r.Result, r.joined
	if c.Result == call.Offline {
		c.Result = call.Interrupt
	}
	c.End = c.Start.Add(r.EndAt.Sub(r.StartAt))
	c.RingEnd = c.End
	if r.AcceptAt != 0 {
		c.Accept = c.Start.Add(r.AcceptAt.Sub(r.StartAt))
		c.RingEnd = c.Accept
		c.Natural = c.End.Sub(c.Accept)
		if c.Result != call.NormalEnd {
			meant := *c
			meant.plan = m.steps(false)
			r = rehearse(stage, &meant)
			c.Natural = r.EndAt.Sub(r.AcceptAt)
		}
	}
	return c
}

// rehearsal is how a call went on an engine without receivers.
type rehearsal struct {
	call.Call
	joined  int
	refused map[int]bool // steps that came to nothing, from 0
}

func rehearse(stage *sim.Engine, c *Call) (r rehearsal) {
	now := stage.State().Now + 1
	fx, err := stage.Step(now, c.Place(0))
	if err != nil {
		panic("traffic: a meeting that cannot be held: " + err.Error())
	}
	id := sim.Placed(fx)
	who := map[string]bool{}
	for {
		for i := range fx {
			switch d := fx[i].Event.Data.(type) {
			case *journal.Refused:
				if r.refused == nil {
					r.refused = map[int]bool{}
				}
				r.refused[d.Step-1] = true
			case *journal.Fact:
				if d.Kind == call.Accepted || d.Kind == call.Joined {
					who[d.By] = true
				}
			}
		}
		if last := stage.State().Call(id); last != nil {
			r.Call = last.Call
		}
		next, more := stage.Next()
		if !more {
			break
		}
		fx, _ = stage.Step(next, sim.Tick{})
	}
	r.joined = len(who)
	return r
}

// done are the steps of a plan that were not refused.
func (r *rehearsal) done(plan []call.Step) (steps []call.Step) {
	for i, s := range plan {
		if !r.refused[i] {
			steps = append(steps, s)
		}
	}
	return steps
}
