package traffic

import (
	"time"

	"ringback/sim/call"
)

// Calendar is the common rate of a model's arrivals.
func Calendar(m *Model, seed uint64, epoch call.Instant) *calendar {
	a := m.Arrivals
	if a.UTCOffset == nil {
		a.UTCOffset = new(time.Duration)
	}
	return newCalendar(&a, seed, epoch)
}

// Until and When are the calendar's integral and its inverse.
func (c *calendar) Until(at call.Instant) float64       { return c.integral(at) }
func (c *calendar) When(v float64) (call.Instant, bool) { return c.inverse(v) }
