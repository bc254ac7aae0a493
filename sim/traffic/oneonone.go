package traffic

import (
	"math"
	"time"

	"ringback/sim/call"
	"ringback/sim/draw"
)

// callDraws gives the random draws of one call, by purpose.
type callDraws struct {
	seed, key, try uint64
}

func (p *Partition) draws(e *task) callDraws { return callDraws{p.seed, e.key, e.try} }

func (c callDraws) float(purpose string) float64 { return draw.Float(c.seed, purpose, c.key, c.try) }

func (c callDraws) happens(share float64, purpose string) bool { return c.float(purpose) < share }

// term draws the number that picks a distribution's term.
func (c callDraws) term(purpose string) float64 { return draw.Float(c.seed, purpose, c.key, c.try, 1) }

func (c callDraws) duration(l Distribution, purpose string) time.Duration {
	return l.Duration(c.term(purpose), c.float(purpose))
}

// ms returns d, but at least a millisecond, since nothing that people do takes
// no time.
func ms(d time.Duration) time.Duration { return max(d, time.Millisecond) }

// never is later than anything in a call.
const never = time.Duration(math.MaxInt64)

// oneOnOne makes a one-on-one call and schedules what follows from it. It returns
// nil if the caller is in another call by now.
func (p *Partition) oneOnOne(e *task) *Call {
	if !p.ready(e) {
		return nil
	}
	callee := p.population.callee(e, e.at)
	c := p.newCall()
	*c = Call{
		Intent: e.Intent, Caller: p.person(e.caller), Callees: append(c.Callees[:0], p.person(callee)), away: c.away[:0],
		Media: p.media(e.key), Start: e.at, CalleeIdle: true, timeout: p.model.Ring.Timeout,
	}
	p.settle(c, e.caller, p.busy.until(callee) > c.Start)
	p.busy.set(e.caller, c.End, c.Start)
	if c.CalleeIdle && !c.Failed {
		p.busy.set(callee, c.End, c.Start)
	}
	p.followUp(e, callee, c)
	return c
}

// settle decides how a call goes.
func (p *Partition) settle(c *Call, caller int32, busy bool) {
	draws := callDraws{p.seed, c.key, c.try}
	switch {
	case draws.happens(p.model.Ring.Fail, "fail"):
		c.Failed, c.RingEnd, c.End = true, c.Start, c.Start
	case busy:
		c.CalleeIdle = false
		c.over(call.CallBusy, 0) // nothing rings
		c.End = c.Start.Add(p.model.Ring.Busy)
	default:
		p.ring(c, draws, caller)
	}
	if p.constantRate != nil {
		c.compress(p.constantRate.compress)
	}
}

// newCall returns memory for a call, that of a call which is no longer used if
// there is one.
func (p *Partition) newCall() *Call {
	c := p.reusable
	if p.reusable = nil; c == nil {
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

// over ends a call that is not answered.
func (c *Call) over(r call.Result, after time.Duration) {
	c.Result = r
	c.RingEnd = c.Start.Add(after)
	c.End = c.RingEnd
}

// ring decides what ends the ring. At a tie the callee comes before the caller,
// and the server's timer before both.
func (p *Partition) ring(c *Call, draws callDraws, caller int32) {
	answer, reject := p.react(c, draws)
	patience := never
	if l := p.model.Ring.Patience; l != nil {
		patience = ms(draws.duration(*l, "patience"))
	}
	switch first := min(answer, reject, patience, c.timeout); first {
	case c.timeout:
		c.over(call.NotAnswer, first)
	case answer:
		c.RingEnd = c.Start.Add(first)
		c.Accept, c.Joined = c.RingEnd, 1
		p.talk(c, draws, caller)
	case reject:
		c.over(call.Reject, first)
	default:
		c.over(call.Cancel, first)
	}
}

// react returns when the callee answers and when they reject; at least one of
// the two is never, both if the phone cannot be reached or is ignored.
func (p *Partition) react(c *Call, draws callDraws) (answer, reject time.Duration) {
	r := &p.model.Ring
	if draws.happens(r.Unreachable, "reach") {
		c.away = append(c.away, c.Callees[0].ID)
		return never, never
	}
	return p.u(draws)
}

// pickReaction does what react does, for a phone that rings.
func (p *Partition) u(draws callDraws) (answer, reject time.Duration) {
	r := &p.model.Ring
	switch u := draws.float("mood"); {
	case u < r.Answer:
		return ms(draws.duration(r.AnswerTime, "answer")), never
	case u < r.Answer+r.Reject:
		return never, ms(draws.duration(r.RejectTime, "reject"))
	}
	return never, never
}

// talk ends an answered call: one of the two hangs up, or loses their line if
// that comes first.
func (p *Partition) talk(c *Call, draws callDraws, caller int32) {
	t := &p.model.Talk
	c.Natural = ms(p.length(c.Media, draws, caller))
	lost := p.loss(draws)
	if c.endedBy = c.Caller; draws.happens(0.5, "who") {
		c.endedBy = c.Callees[0]
	}
	c.Result, c.endVerb, c.hangUpAt = call.NormalEnd, call.DoHangUp, c.Accept.Add(c.Natural)
	if lost < c.Natural {
		c.Result, c.endVerb, c.hangUpAt = call.Interrupt, call.DoLoseLine, c.Accept.Add(lost)
	}
	if c.End = c.hangUpAt; c.Result == call.Interrupt && draws.happens(t.Silent, "silent") {
		c.endVerb, c.End = call.DoPullBattery, c.hangUpAt+p.silence(c.endedBy)
	}
}

// length returns the talk time without losses. Part of a lognormal's spread is
// the caller's own, so that some people talk longer than others; over all
// callers the distribution is the model's.
func (p *Partition) length(m call.Media, draws callDraws, caller int32) time.Duration {
	law := &p.model.Talk.Audio
	if m == call.Video {
		law = &p.model.Talk.Video
	}
	t, u := law.term(draws.term("talk")), draws.float("talk")
	seconds := t.quantile(u)
	if own := min(p.model.Talk.User, t.Sigma); t.Shape == LN && own > 0 {
		whose := normal(p.draw("talker", p.processID(int(caller))))
		seconds = t.at((own*whose + math.Sqrt(t.Sigma*t.Sigma-own*own)*normal(u)) / t.Sigma)
	}
	return time.Duration(seconds*1000) * time.Millisecond
}

// loss returns after how long a line is lost, with a constant hazard.
func (p *Partition) loss(draws callDraws) time.Duration {
	seconds := min(-math.Log1p(-draws.float("loss"))/p.model.Talk.Hazard, 2*maxTime) // longer than any talk
	return ms(time.Duration(seconds*1000) * time.Millisecond)
}
