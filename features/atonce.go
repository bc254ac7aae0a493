package features

import (
	"time"
)

// A crowd is so many concurrent calls that no other scenario plays meanwhile. It needs a
// receiver that answers several requests at once in time.
const (
	minCrowd  = 100
	minAtOnce = 4
)

// fits skips a scenario if the receiver cannot answer its n concurrent requests in time.
func (o *Options) fits(n int) error {
	if o.throttle == nil || n < 2 {
		return nil
	}
	atOnce, each := o.throttle.AtOnce()
	switch {
	case atOnce == 1:
		return skipped("the receiver takes %v for an answer: of several requests at once, not all would be answered within %s %v",
			each.Round(time.Millisecond), o.named("--timeout"), o.Timeout)
	case n >= minCrowd && 0 < atOnce && atOnce < minAtOnce:
		return skipped("the receiver takes %v for each of several requests at once: the last of %d would wait for %v, and %s is %v",
			each.Round(time.Millisecond), n, (time.Duration(n) * each).Round(time.Second), o.named("--timeout"), o.Timeout)
	}
	return nil
}
