package probe

import (
	"context"
	"time"
)

// Timed gives the probe a clock of its own, which only sleep moves on, and returns
// how to read it.
func (p *Probe) Timed() (passed func() time.Duration) {
	began := time.Unix(0, 0)
	now := began
	p.now = func() time.Time { return now }
	p.sleep = func(_ context.Context, d time.Duration) error {
		now = now.Add(d)
		return nil
	}
	return func() time.Duration { return now.Sub(began) }
}
