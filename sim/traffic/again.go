package traffic

import (
	"ringback/sim/call"
	"ringback/sim/draw"
)

// follow enters what follows from a call between two: its caller tries again,
// its callee calls back, or the caller goes on to somebody else.
func (p *Partition) follow(e *entry, callee int32, c *Call) {
	luck := p.chance(e)
	r := &p.model.Retry
	result := c.Result
	if c.Failed { // to the caller it looks much like a lost line
		result = call.Interrupt
	}
	a := r.after(result)
	if luck.under(a.Redial, "redial") && int(e.try)+1 < r.Most {
		next := entry{at: c.End.Add(luck.law(a.After, "redial after")), what: dial, Wish: e.Wish, caller: e.caller, callee: callee}
		next.try++
		if next.Why = Redial; !c.Failed {
			next.Attempt++
		}
		p.enter(next)
	}
	if luck.under(a.Back, "back") && !c.Failed {
		key, _ := draw.Key(p.seed, "call back", e.key, e.try)
		p.enter(entry{
			at: c.End.Add(luck.law(r.BackAfter, "back after")), what: dial, Wish: p.intent(CallBack, key), caller: callee, callee: e.caller,
		})
	}
	p.session(e, c)
}

// session enters the next call of a session: after each there is one more with
// the same probability, so that their number is geometric.
func (p *Partition) session(e *entry, c *Call) {
	s := &p.model.Arrivals.Session
	if s.Mean <= 1 || e.try > 0 || e.Why == CallBack || p.draw("session", e.key) < 1/s.Mean {
		return
	}
	key, _ := draw.Key(p.seed, "session", e.key)
	at := c.End.Add(chance{seed: p.seed, key: key}.law(s.Gap, "gap"))
	if next, ok := p.society.want(at, int(e.caller), p.intent(InSession, key)); ok {
		p.enter(next)
	}
}
