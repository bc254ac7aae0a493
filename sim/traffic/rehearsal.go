package traffic

import (
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/journal"
)

// simulate finds how the meeting goes by playing it on an engine.
func (m *meeting) simulate(engine *sim.Engine) *Call {
	c := m.Call
	for i := range m.members {
		if m.members[i].away {
			c.away = append(c.away, m.members[i].ID)
		}
	}
	c.timeout = divideUp(c.timeout, m.compression())
	c.plan = m.steps(true)
	r := rehearse(engine, c)
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
			r = rehearse(engine, &meant)
			c.Natural = r.EndAt.Sub(r.AcceptAt)
		}
	}
	return c
}

// rehearsal is the outcome of a call on an engine without receivers.
type rehearsal struct {
	call.Call
	joined  int
	refused map[int]bool // indexes of steps that the engine refused
}

func rehearse(engine *sim.Engine, c *Call) (r rehearsal) {
	now := engine.State().Now + 1
	fx, err := engine.Step(now, c.Place(0))
	if err != nil {
		panic("traffic: the engine refuses a meeting: " + err.Error())
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
		if last := engine.State().Call(id); last != nil {
			r.Call = last.Call
		}
		next, more := engine.Next()
		if !more {
			break
		}
		fx, _ = engine.Step(next, sim.Tick{})
	}
	r.joined = len(who)
	return r
}

// done returns the steps of a plan that were not refused.
func (r *rehearsal) done(plan []call.Step) (steps []call.Step) {
	for i, s := range plan {
		if !r.refused[i] {
			steps = append(steps, s)
		}
	}
	return steps
}
