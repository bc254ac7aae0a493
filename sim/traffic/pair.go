package traffic

import (
	"math"
	"time"

	"ringback/sim/call"
	"ringback/sim/draw"
)

// chance gives the draws of one call.
type chance struct {
	seed, key, try uint64
}

func (p *Partition) chance(e *entry) chance { return chance{p.seed, e.key, e.try} }

func (c chance) float(purpose string) float64 { return draw.Float(c.seed, purpose, c.key, c.try) }

func (c chance) under(share float64, purpose string) bool { return c.float(purpose) < share }

// term picks the term of a law.
func (c chance) term(purpose string) float64 { return draw.Float(c.seed, purpose, c.key, c.try, 1) }

func (c chance) law(l Law, purpose string) time.Duration {
	return l.Duration(c.term(purpose), c.float(purpose))
}

// ms is at least one millisecond: nothing that somebody does takes no time.
func ms(d time.Duration) time.Duration { return max(d, time.Millisecond) }

// never is later than all that happens in a call.
const never = time.Duration(math.MaxInt64)

// pair makes a call between two, and what follows from it; nil if its caller
// is in another one by now.
func (p *Partition) pair(e *entry) *Call {
	if !p.ready(e) {
		return nil
	}
	callee := p.society.callee(e, e.at)
	c := p.blank()
	*c = Call{
		Wish: e.Wish, Caller: p.person(e.caller), Callees: append(c.Callees[:0], p.person(callee)), away: c.away[:0],
		Media: p.media(e.key), Start: e.at, CalleeIdle: true, timeout: p.model.Ring.Timeout,
	}
	p.settle(c, e.caller, p.busy.until(callee) > c.Start)
	p.busy.set(e.caller, c.End, c.Start)
	if c.CalleeIdle && !c.Failed {
		p.busy.set(callee, c.End, c.Start)
	}
	p.follow(e, callee, c)
	return c
}

// settle decides what becomes of a call.
func (p *Partition) settle(c *Call, caller int32, busy bool) {
	luck := chance{p.seed, c.key, c.try}
	switch {
	case luck.under(p.model.Ring.Fail, "fail"):
		c.Failed, c.RingEnd, c.End = true, c.Start, c.Start
	case busy:
		c.CalleeIdle = false
		c.over(call.CallBusy, 0) // nothing rings
		c.End = c.Start.Add(p.model.Ring.Busy)
	default:
		p.ring(c, luck, caller)
	}
	if p.even != nil {
		c.hurry(p.even.compress)
	}
}

// blank is memory for a call: that of one which nobody looks at any more, if
// there is one.
func (p *Partition) blank() *Call {
	c := p.spare
	if p.spare = nil; c == nil {
		c = new(Call)
	}
	return c
}

func (p *Partition) media(key uint64) call.Media {
	if p.draw("video", key) < p.model.Video {
		return call.Video
	}
	return call.Audio
}

// over ends a call that was not answered.
func (c *Call) over(r call.Result, after time.Duration) {
	c.Result = r
	c.RingEnd = c.Start.Add(after)
	c.End = c.RingEnd
}

// ring lets the clocks of a ring run. At a tie the callee comes before the
// caller, and the server's timer before both.
func (p *Partition) ring(c *Call, luck chance, caller int32) {
	answer, reject := p.react(c, luck)
	patience := never
	if l := p.model.Ring.Patience; l != nil {
		patience = ms(luck.law(*l, "patience"))
	}
	switch first := min(answer, reject, patience, c.timeout); first {
	case c.timeout:
		c.over(call.NotAnswer, first)
	case answer:
		c.RingEnd = c.Start.Add(first)
		c.Accept, c.Joined = c.RingEnd, 1
		p.talk(c, luck, caller)
	case reject:
		c.over(call.Reject, first)
	default:
		c.over(call.Cancel, first)
	}
}

// react is when the callee answers or rejects; never, if he is away or does
// not care.
func (p *Partition) react(c *Call, luck chance) (answer, reject time.Duration) {
	r := &p.model.Ring
	if luck.under(r.Unreachable, "reach") {
		c.away = append(c.away, c.Callees[0].ID)
		return never, never
	}
	return p.mood(luck)
}

// mood is what somebody does whose phone rings.
func (p *Partition) mood(luck chance) (answer, reject time.Duration) {
	r := &p.model.Ring
	switch mood := luck.float("mood"); {
	case mood < r.Answer:
		return ms(luck.law(r.AnswerTime, "answer")), never
	case mood < r.Answer+r.Reject:
		return never, ms(luck.law(r.RejectTime, "reject"))
	}
	return never, never
}

// talk lets an answered call end: by somebody hanging up, or by a lost line if
// that comes first.
func (p *Partition) talk(c *Call, luck chance, caller int32) {
	t := &p.model.Talk
	c.Natural = ms(p.length(c.Media, luck, caller))
	lost := p.loss(luck)
	if c.who = c.Caller; luck.under(0.5, "who") {
		c.who = c.Callees[0]
	}
	c.Result, c.how, c.leaves = call.NormalEnd, call.DoHangUp, c.Accept.Add(c.Natural)
	if lost < c.Natural {
		c.Result, c.how, c.leaves = call.Interrupt, call.DoLoseLine, c.Accept.Add(lost)
	}
	if c.End = c.leaves; c.Result == call.Interrupt && luck.under(t.Silent, "silent") {
		c.how, c.End = call.DoPullBattery, c.leaves+p.silence(c.who)
	}
}

// length is how long two would talk. Part of a lognormal's spread is the
// caller's own, so that some people's calls are longer than others'; all calls
// together follow the law.
func (p *Partition) length(m call.Media, luck chance, caller int32) time.Duration {
	law := &p.model.Talk.Audio
	if m == call.Video {
		law = &p.model.Talk.Video
	}
	t, u := law.term(luck.term("talk")), luck.float("talk")
	seconds := t.quantile(u)
	if own := min(p.model.Talk.User, t.Sigma); t.Shape == LN && own > 0 {
		whose := normal(p.draw("talker", p.chainID(int(caller))))
		seconds = t.at((own*whose + math.Sqrt(t.Sigma*t.Sigma-own*own)*normal(u)) / t.Sigma)
	}
	return time.Duration(seconds*1000) * time.Millisecond
}

// loss is when a line is lost: the same hazard in each second.
func (p *Partition) loss(luck chance) time.Duration {
	seconds := min(-math.Log1p(-luck.float("loss"))/p.model.Talk.Hazard, 2*mostTime) // longer than any talk
	return ms(time.Duration(seconds*1000) * time.Millisecond)
}
