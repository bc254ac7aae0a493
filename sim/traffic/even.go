package traffic

import (
	"math"
	"time"

	"ringback/sim/call"
	"ringback/sim/draw"
)

// even lets calls come at a rate of its own, for load: each is one call, with
// nothing that follows from it, and its people are some who are free.
type even struct {
	epoch    call.Instant
	rate     float64 // of this partition, in calls a millisecond
	ramp     float64 // milliseconds until the rate is reached, from 0 in a straight line
	poisson  bool
	compress float64
	joined   call.Instant
	ghost    Call // one that is only looked at
	ticks    uint64
	volume   float64 // integral of the rate up to the next call
}

// atRate changes a model so that its calls come at a rate: by themselves, from
// as many users as would want so many.
func atRate(m *Model, o Options) {
	m.Arrivals.Session.Mean, m.Arrivals.Habit, m.Arrivals.Snap.Share = 1, 0, 0
	m.Arrivals.Profile, m.Arrivals.Week, m.Arrivals.Spikes, m.Arrivals.DayCV = nil, nil, nil, 0
	m.Retry = Retry{Most: 1}
	m.Ring.Dial = Law{}
	m.Talk.Silent = 0                                  // the engine's heartbeats are not compressed
	perUser, group, most := 0.0, 0, float64(mostUsers) // calls a second
	switch {
	case m.People != nil:
		perUser, group, most = m.People.CallsPerDay/86_400, m.People.Community, mostFriends
	case m.Centre != nil:
		perUser, group = m.Centre.CallsPerPeakHour/3600/float64(m.Centre.Customers), m.Centre.Customers
	default:
		perUser, group = m.Team.MeetingsPerDay/86_400/float64(m.Team.Members), m.Team.Members
	}
	m.Users = max(m.Users, group*m.Partitions) // nobody's partition is empty
	if perUser > 0 {
		m.Users = max(m.Users, int(min(most, o.Rate/perUser/o.compress())))
	}
}

const (
	// mostUsers is how many users a world can have.
	mostUsers = 4_000_000
	// mostFriends is how many people call each other at a rate: of those who don't,
	// nothing has to be known.
	mostFriends = 1_000_000_000
)

func (o *Options) compress() float64 {
	if o.Compress == 0 {
		return 1
	}
	return o.Compress
}

func newEven(o Options, index, of int) *even {
	e := &even{
		epoch: o.Epoch, rate: o.Rate / float64(of) / 1000, ramp: float64(o.Ramp.Milliseconds()), poisson: o.Poisson, compress: o.compress(), joined: o.Joined,
	}
	if !o.Poisson {
		e.volume = (float64(index)+0.5)/float64(of) - 1 // the partitions take turns
	}
	return e
}

// next is when the next call comes.
func (v *even) next(p *Partition) call.Instant {
	v.ticks++
	if v.poisson {
		v.volume -= math.Log1p(-p.desire("gap", uint64(p.index), v.ticks))
	} else {
		v.volume++
	}
	ramp := v.rate * v.ramp / 2 // volume of the ramp
	if v.volume < ramp {
		return v.epoch + call.Instant(math.Sqrt(2*v.volume*v.ramp/v.rate))
	}
	return v.epoch + call.Instant(v.ramp+(v.volume-ramp)/v.rate)
}

// freeCallers is how often a caller is looked for who is in no call. If there
// are none, the world is too small for its rate.
const freeCallers = 1000

// nextEven is the partition's next call at its rate, or nil at the end.
func (p *Partition) nextEven() *Call {
	for at := p.even.next(p); at < p.until; at = p.even.next(p) {
		key, _ := draw.Key(p.wishes, "tick", uint64(p.index), p.even.ticks)
		w := p.intent(Fresh, key)
		if p.long(at) && p.gone(at, w) {
			continue
		}
		if c := p.somebody(at, w); c != nil {
			return c
		}
		p.Suppressed++
	}
	return nil
}

// long reports whether a call that starts at a time does so long before somebody
// looks.
func (p *Partition) long(at call.Instant) bool {
	const before = 4 * time.Minute
	return p.even.joined != 0 && p.model.Team == nil && at < p.even.joined.Add(-time.Duration(float64(before)/p.even.compress))
}

// gone reports whether a call that finds its callee free would be over by the time
// when somebody looks.
func (p *Partition) gone(at call.Instant, w Wish) bool {
	c := &p.even.ghost
	*c = Call{Wish: w, Caller: &nobody, Callees: append(c.Callees[:0], &nobody), away: c.away[:0], Media: p.media(w.key), Start: at, timeout: p.model.Ring.Timeout}
	p.settle(c, p.caller(w.key, 0), false)
	return c.End <= p.even.joined
}

var nobody Person

// caller is who may call.
func (p *Partition) caller(key, try uint64) int32 {
	return int32(p.draw("caller", key, try) * float64(p.society.chains()))
}

// somebody makes a call of a wish, of whoever is free; nil if nobody is.
func (p *Partition) somebody(at call.Instant, w Wish) *Call {
	for try := uint64(0); try < freeCallers; try++ {
		var ok bool
		e := &p.due
		if *e, ok = p.society.want(at, int(p.caller(w.key, try)), w); ok && p.society.free(e) {
			e.at = at
			if c := p.society.begin(e); c != nil {
				return c
			}
		}
	}
	return nil
}

// hurry makes all that happens in a call between two so many times as fast. The
// order of what happens stays: what people do is rounded down to milliseconds,
// the server's timer up.
func (c *Call) hurry(times float64) {
	if times == 1 {
		return
	}
	scale := func(at *call.Instant) {
		if *at != 0 {
			*at = c.Start.Add(sooner(at.Sub(c.Start), times))
		}
	}
	c.timeout = notBefore(c.timeout, times)
	scale(&c.Accept)
	scale(&c.leaves)
	if c.Result == call.NotAnswer {
		c.RingEnd = c.Start.Add(c.timeout)
		c.End = c.RingEnd
	} else {
		scale(&c.RingEnd)
		scale(&c.End)
	}
	if c.Natural = sooner(c.Natural, times); c.Result == call.NormalEnd {
		c.Natural = c.End.Sub(c.Accept)
	}
}

// sooner is a time so many times as short, rounded down to milliseconds.
func sooner(d time.Duration, times float64) time.Duration {
	return time.Duration(float64(d)/times) / time.Millisecond * time.Millisecond
}

// notBefore is the same rounded up.
func notBefore(d time.Duration, times float64) time.Duration {
	return sooner(d+time.Duration(times*float64(time.Millisecond))-1, times)
}
