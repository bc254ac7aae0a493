package traffic

import (
	"math"
	"sort"
	"time"

	"ringback/sim/call"
	"ringback/sim/draw"
)

// Profile describes how a day's calls spread over its hours: 24 weights, each
// that of the middle of its hour, with linear interpolation. A nil Profile is flat.
type Profile []float64

func (p Profile) mean() float64 {
	if len(p) == 0 {
		return 1
	}
	sum := 0.0
	for _, w := range p {
		sum += w
	}
	return sum / 24
}

// peak returns the highest rate relative to the mean.
func (p Profile) peak() float64 {
	most := 0.0
	for _, w := range p {
		most = max(most, w/p.mean())
	}
	if len(p) == 0 {
		return 1
	}
	return most
}

// at returns the rate at an hour, 0 to 24, relative to the mean.
func (p Profile) at(hour float64) float64 {
	if len(p) == 0 {
		return 1
	}
	x := hour - 0.5 + 24
	i := math.Floor(x)
	part := x - i
	a, b := p[int(i)%24], p[(int(i)+1)%24]
	return (a + (b-a)*part) / p.mean()
}

// calendar is the rate that all arrival processes share: the hour's weight times
// the day's, with a mean of 1 on a weekday. Its integral is in days' volumes. The
// inverse of the integral turns a process of constant rate into an arrival process.
type calendar struct {
	arrivals *Arrivals
	seed     uint64
	origin   call.Instant // midnight before the epoch, by the profile's clock
	days     []day        // the days reached so far
}

type day struct {
	before float64 // integral up to this day's midnight
	spans  []span
}

// span is a part of a day in which the rate is linear.
type span struct {
	from   float64 // hours since midnight
	rate   float64 // at from, per hour
	slope  float64 // change of the rate per hour
	before float64 // integral from the day's midnight up to here
}

func newCalendar(a *Arrivals, seed uint64, epoch call.Instant) *calendar {
	local := epoch.Time().Add(*a.UTCOffset).Truncate(24 * time.Hour)
	return &calendar{arrivals: a, seed: seed, origin: call.At(local.Add(-*a.UTCOffset))}
}

const hourMS = 3_600_000

// integral returns the integral from the origin up to a time after it.
func (c *calendar) integral(at call.Instant) float64 {
	ms := int64(at - c.origin)
	n := int(ms / (24 * hourMS))
	d := c.day(n)
	hour := float64(ms%(24*hourMS)) / hourMS
	s := d.spans[sort.Search(len(d.spans), func(i int) bool { return d.spans[i].from > hour })-1]
	x := hour - s.from
	return d.before + s.before + x*(s.rate+s.slope*x/2)
}

// inverse returns the time up to which the integral is v; ok is false if it is
// more than a year away.
func (c *calendar) inverse(v float64) (at call.Instant, ok bool) {
	n := 0
	if len(c.days) > 0 { // look among the days reached so far
		n = max(sort.Search(len(c.days), func(i int) bool { return c.days[i].before > v })-1, 0)
	}
	for end := n + 366; c.day(n+1).before <= v; n++ {
		if n == end {
			return 0, false
		}
	}
	d := c.day(n)
	v -= d.before
	s := d.spans[max(sort.Search(len(d.spans), func(i int) bool { return d.spans[i].before > v })-1, 0)]
	v -= s.before
	x := 0.0 // the root of slope/2 x² + rate x = v, in the form that allows a slope of 0
	if root := math.Sqrt(max(s.rate*s.rate+2*s.slope*v, 0)); s.rate+root > 0 {
		x = 2 * v / (s.rate + root)
	}
	return c.origin + call.Instant(int64(n)*24*hourMS) + call.Instant((s.from+x)*hourMS), true
}

func (c *calendar) day(n int) *day {
	for len(c.days) <= n {
		c.add()
	}
	return &c.days[n]
}

// add appends the next day.
func (c *calendar) add() {
	n := len(c.days)
	d := day{}
	if n > 0 {
		last := &c.days[n-1]
		s := last.spans[len(last.spans)-1]
		x := 24 - s.from
		d.before = last.before + s.before + x*(s.rate+s.slope*x/2)
	}
	midnight := c.origin + call.Instant(int64(n)*24*hourMS)
	weight := c.weight(midnight) / 24
	cuts := c.cuts(midnight)
	sum := 0.0
	for i, from := range cuts[:len(cuts)-1] {
		x, to := cuts[i+1]-from, cuts[i+1]
		times := weight * c.spike(midnight, (from+to)/2)
		// The profile is continuous, so its values at the ends of the span hold inside.
		a, b := c.arrivals.Profile.at(from)*times, c.arrivals.Profile.at(to)*times
		d.spans = append(d.spans, span{from: from, rate: a, slope: (b - a) / x, before: sum})
		sum += x * (a + b) / 2
	}
	c.days = append(c.days, d)
}

// weight returns a day's volume relative to that of a mean weekday.
func (c *calendar) weight(midnight call.Instant) float64 {
	w := 1.0
	if len(c.arrivals.Week) == 7 {
		weekday := midnight.Time().Add(*c.arrivals.UTCOffset).Weekday()
		w = c.arrivals.Week[(int(weekday)+6)%7]
	}
	if cv := c.arrivals.DayCV; cv > 0 {
		w *= gamma(draw.Stream(c.seed, "day", uint64(midnight)), 1/(cv*cv)) * cv * cv
	}
	return w
}

// cuts returns the hours of a day at which its rate bends or jumps, with 0 and 24.
func (c *calendar) cuts(midnight call.Instant) []float64 {
	cuts := []float64{0, 24}
	if len(c.arrivals.Profile) > 0 {
		for h := range 24 {
			cuts = append(cuts, float64(h)+0.5)
		}
	}
	for _, s := range c.arrivals.Spikes {
		for _, at := range []time.Time{s.At, s.At.Add(s.For)} {
			if h := float64(call.At(at)-midnight) / hourMS; h > 0 && h < 24 {
				cuts = append(cuts, h)
			}
		}
	}
	sort.Float64s(cuts)
	unique := cuts[:1]
	for _, h := range cuts[1:] {
		if h > unique[len(unique)-1] {
			unique = append(unique, h)
		}
	}
	return unique
}

// spike returns the factor by which spikes multiply the rate at an hour of a day.
func (c *calendar) spike(midnight call.Instant, hour float64) float64 {
	at := midnight.Time().Add(time.Duration(hour * float64(time.Hour)))
	times := 1.0
	for _, s := range c.arrivals.Spikes {
		if !at.Before(s.At) && at.Before(s.At.Add(s.For)) {
			times *= s.Times
		}
	}
	return times
}

// hour returns the hour of the day, 0 to 24, by the profile's clock.
func (c *calendar) hour(at call.Instant) float64 {
	return float64(int64(at-c.origin)%(24*hourMS)) / hourMS
}
