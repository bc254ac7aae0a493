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
	gap      float64 // milliseconds between the calls of this partition
	poisson  bool
	compress float64
	ticks    uint64
	at       float64 // milliseconds since the epoch
}

// atRate changes a model so that its calls come at a rate: by themselves, from
// as many users as would want so many.
func atRate(m *Model, o Options) {
	m.Arrivals.Session.Mean, m.Arrivals.Habit, m.Arrivals.Snap.Share = 1, 0, 0
	m.Arrivals.Profile, m.Arrivals.Week, m.Arrivals.Spikes, m.Arrivals.DayCV = nil, nil, nil, 0
	m.Retry = Retry{Most: 1}
	m.Ring.Dial = Law{}
	m.Talk.Silent = 0        // the engine's heartbeats are not compressed
	perUser, group := 0.0, 0 // calls a second
	switch {
	case m.People != nil:
		perUser, group = m.People.CallsPerDay/86_400, m.People.Community
	case m.Centre != nil:
		perUser, group = m.Centre.CallsPerPeakHour/3600/float64(m.Centre.Customers), m.Centre.Customers
	default:
		perUser, group = m.Team.MeetingsPerDay/86_400/float64(m.Team.Members), m.Team.Members
	}
	m.Users = max(m.Users, group*m.Partitions) // nobody's partition is empty
	if perUser > 0 {
		m.Users = max(m.Users, int(min(mostUsers, o.Rate/perUser/o.compress())))
	}
}

// mostUsers is how many users a world can have.
const mostUsers = 4_000_000

func (o *Options) compress() float64 {
	if o.Compress == 0 {
		return 1
	}
	return o.Compress
}

func newEven(o Options, index, of int) *even {
	e := &even{epoch: o.Epoch, gap: float64(of) * 1000 / o.Rate, poisson: o.Poisson, compress: o.compress()}
	e.at = -e.gap * (1 - (float64(index)+0.5)/float64(of)) // the partitions take turns
	return e
}

// next is when the next call comes.
func (v *even) next(p *Partition) call.Instant {
	v.ticks++
	gap := v.gap
	if v.poisson {
		gap *= -math.Log1p(-p.draw("gap", uint64(p.index), v.ticks))
	}
	v.at += gap
	return v.epoch + call.Instant(v.at)
}

// freeCallers is how often a caller is looked for who is in no call. If there
// are none, the world is too small for its rate.
const freeCallers = 1000

// nextEven is the partition's next call at its rate, or nil at the end.
func (p *Partition) nextEven() *Call {
	at := p.even.next(p)
	if at >= p.until {
		return nil
	}
	key, _ := draw.Key(p.seed, "tick", uint64(p.index), p.even.ticks)
	callers := p.society.chains()
	w := p.intent(Fresh, key)
	for try := uint64(0); try < freeCallers; try++ {
		caller := int(p.draw("caller", key, try) * float64(callers))
		if e, ok := p.society.want(at, caller, w); ok && p.society.free(&e) {
			e.at = at
			if c := p.society.begin(&e); c != nil {
				return c
			}
		}
	}
	p.Suppressed++
	return p.nextEven()
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
