package traffic

import (
	"math"
	"time"

	"ringback/sim/call"
	"ringback/sim/draw"
)

// constantRate generates calls at a given rate, for load: without redials or
// other follow-ups, and between people who are free.
type constantRate struct {
	epoch        call.Instant
	rate         float64 // of this partition, in calls per millisecond
	ramp         float64 // milliseconds in which the rate rises linearly from 0
	poisson      bool
	compress     float64
	observedFrom call.Instant
	scratch      Call // one that is only looked at
	count        uint64
	volume       float64 // integral of the rate up to the next call
}

// applyRate changes a model so that calls arrive at the rate of the options,
// independent of each other, from as many users as would make so many.
func applyRate(m *Model, o Options) {
	m.Arrivals.Session.Mean, m.Arrivals.Habit, m.Arrivals.Snap.Share = 1, 0, 0
	m.Arrivals.Profile, m.Arrivals.Week, m.Arrivals.Spikes, m.Arrivals.DayCV = nil, nil, nil, 0
	m.Retry = Retry{Max: 1}
	m.Ring.Dial = Distribution{}
	m.Talk.Silent = 0                                 // the engine's heartbeats are not compressed
	perUser, group, most := 0.0, 0, float64(maxUsers) // calls a second
	switch {
	case m.People != nil:
		perUser, group, most = m.People.CallsPerDay/86_400, m.People.Community, maxPeopleAtRate
	case m.Center != nil:
		perUser, group = m.Center.CallsPerPeakHour/3600/float64(m.Center.Customers), m.Center.Customers
	default:
		perUser, group = m.Team.MeetingsPerDay/86_400/float64(m.Team.Members), m.Team.Members
	}
	if m.Center == nil { // more agents than the rate needs would hardly be busy
		m.Users = max(m.Users, group*m.Partitions)
	}
	if perUser > 0 {
		m.Users = max(m.Users, int(min(most, o.Rate/perUser/o.compress())))
	}
}

const (
	// maxUsers is how many users a population can have.
	maxUsers = 4_000_000
	// maxPeopleAtRate is the same for people who call at a given rate: those who
	// never call take no memory.
	maxPeopleAtRate = 1_000_000_000
)

func (o *Options) compress() float64 {
	if o.Compress == 0 {
		return 1
	}
	return o.Compress
}

func newConstantRate(o Options, index, of int) *constantRate {
	e := &constantRate{
		epoch: o.Epoch, rate: o.Rate / float64(of) / 1000, ramp: float64(o.Ramp.Milliseconds()), poisson: o.Poisson, compress: o.compress(), observedFrom: o.ObservedFrom,
	}
	if !o.Poisson {
		e.volume = (float64(index)+0.5)/float64(of) - 1 // the partitions take turns
	}
	return e
}

// next returns when the next call starts.
func (v *constantRate) next(p *Partition) call.Instant {
	v.count++
	if v.poisson {
		v.volume -= math.Log1p(-p.drawIntent("gap", uint64(p.index), v.count))
	} else {
		v.volume++
	}
	ramp := v.rate * v.ramp / 2 // volume of the ramp
	if v.volume < ramp {
		return v.epoch + call.Instant(math.Sqrt(2*v.volume*v.ramp/v.rate))
	}
	return v.epoch + call.Instant(v.ramp+(v.volume-ramp)/v.rate)
}

// maxCallerTries is how many callers are drawn in search of a free one. When all
// are busy, the population is too small for the rate.
const maxCallerTries = 1000

// nextAtRate returns the partition's next call at its rate, or nil at the end.
func (p *Partition) nextAtRate() *Call {
	for at := p.constantRate.next(p); at < p.until; at = p.constantRate.next(p) {
		key, _ := draw.Key(p.intentSeed, "tick", uint64(p.index), p.constantRate.count)
		w := p.newIntent(Fresh, key)
		if p.startsLongBefore(at) && p.overBefore(at, w) {
			continue
		}
		if c := p.callOfFree(at, w); c != nil {
			return c
		}
		p.Suppressed++
	}
	return nil
}

// startsLongBefore reports whether a call that starts at a time does so long
// before observation begins.
func (p *Partition) startsLongBefore(at call.Instant) bool {
	const before = 4 * time.Minute
	return p.constantRate.observedFrom != 0 && p.model.Team == nil && at < p.constantRate.observedFrom.Add(-time.Duration(float64(before)/p.constantRate.compress))
}

// overBefore reports whether a call that finds its callee free would be over when
// observation begins.
func (p *Partition) overBefore(at call.Instant, w Intent) bool {
	c := &p.constantRate.scratch
	*c = Call{Intent: w, Caller: &anyone, Callees: append(c.Callees[:0], &anyone), away: c.away[:0], Media: p.media(w.key), Start: at, timeout: p.model.Ring.Timeout}
	p.settle(c, p.caller(w.key, 0), false)
	return c.End <= p.constantRate.observedFrom
}

// anyone stands for people whose identity does not matter.
var anyone Person

// caller draws a caller, who may be busy.
func (p *Partition) caller(key, try uint64) int32 {
	return int32(p.draw("caller", key, try) * float64(p.population.arrivals()))
}

// callOfFree makes a call from a free caller; nil if no one is free.
func (p *Partition) callOfFree(at call.Instant, w Intent) *Call {
	for try := uint64(0); try < maxCallerTries; try++ {
		var ok bool
		e := &p.due
		if *e, ok = p.population.want(at, int(p.caller(w.key, try)), w); ok && p.population.free(e) {
			e.at = at
			if c := p.population.begin(e); c != nil {
				return c
			}
		}
	}
	return nil
}

// compress divides the times of a one-on-one call, from its start, by factor.
// What people do is rounded down to milliseconds, the server's timer up, so that
// their order stays.
func (c *Call) compress(times float64) {
	if times == 1 {
		return
	}
	scale := func(at *call.Instant) {
		if *at != 0 {
			*at = c.Start.Add(divideDown(at.Sub(c.Start), times))
		}
	}
	c.timeout = divideUp(c.timeout, times)
	scale(&c.Accept)
	scale(&c.hangUpAt)
	if c.Result == call.NotAnswer {
		c.RingEnd = c.Start.Add(c.timeout)
		c.End = c.RingEnd
	} else {
		scale(&c.RingEnd)
		scale(&c.End)
	}
	if c.Natural = divideDown(c.Natural, times); c.Result == call.NormalEnd {
		c.Natural = c.End.Sub(c.Accept)
	}
}

// divideDown returns d / factor, rounded down to milliseconds.
func divideDown(d time.Duration, times float64) time.Duration {
	return time.Duration(float64(d)/times) / time.Millisecond * time.Millisecond
}

// divideUp returns d / factor, rounded up to milliseconds.
func divideUp(d time.Duration, times float64) time.Duration {
	return divideDown(d+time.Duration(times*float64(time.Millisecond))-1, times)
}
