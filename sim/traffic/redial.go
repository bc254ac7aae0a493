package traffic

import (
	"ringback/sim/call"
	"ringback/sim/draw"
)

// followUp schedules what follows from a one-on-one call: the caller redials,
// the callee calls back, or the caller calls someone else.
func (p *Partition) followUp(e *task, callee int32, c *Call) {
	draws := p.draws(e)
	r := &p.model.Retry
	result := c.Result
	if c.Failed { // the caller sees much the same as when a line is lost
		result = call.Interrupt
	}
	a := r.followUp(result)
	if draws.happens(a.Redial, "redial") && int(e.try)+1 < r.Max {
		next := task{at: c.End.Add(draws.duration(a.After, "redial after")), kind: dial, Intent: e.Intent, caller: e.caller, callee: callee}
		next.try++
		if next.Why = Redial; !c.Failed {
			next.Attempt++
		}
		p.schedule(next)
	}
	if draws.happens(a.Back, "back") && !c.Failed {
		key, _ := draw.Key(p.seed, "call back", e.key, e.try)
		p.schedule(task{
			at: c.End.Add(draws.duration(r.BackAfter, "back after")), kind: dial, Intent: p.newIntent(CallBack, key), caller: callee, callee: e.caller,
		})
	}
	p.continueSession(e, c)
}

// continueSession schedules the next call of a session. After each call there
// is another one with the same probability, so that their number is geometric.
func (p *Partition) continueSession(e *task, c *Call) {
	s := &p.model.Arrivals.Session
	if s.Mean <= 1 || e.try > 0 || e.Why == CallBack || p.draw("session", e.key) < 1/s.Mean {
		return
	}
	key, _ := draw.Key(p.seed, "session", e.key)
	at := c.End.Add(callDraws{seed: p.seed, key: key}.duration(s.Gap, "gap"))
	if next, ok := p.population.want(at, int(e.caller), p.newIntent(InSession, key)); ok {
		p.schedule(next)
	}
}
