package features

import (
	"time"

	"ringback/features/report"
)

// A crowd are so many calls at once that they play while no other scenario does, to a
// receiver that answers a few at once in time.
const (
	minCrowd  = 100
	minAtOnce = 4
)

// fits leaves a scenario out if its n requests at once would come one after the other,
// or its crowd would only wait for each other: the receiver does not answer so many in
// time.
func (o *Options) fits(n int) error {
	if o.throttle == nil || n < 2 {
		return nil
	}
	atOnce, each := o.throttle.AtOnce()
	switch {
	case atOnce == 1:
		return skipped("the receiver takes %v for an answer: of several requests at once, not all would be answered within --timeout %v",
			each.Round(time.Millisecond), o.Timeout)
	case n >= minCrowd && 0 < atOnce && atOnce < minAtOnce:
		return skipped("the receiver takes %v for each of several requests at once: the last of %d would wait for %v, and --timeout is %v",
			each.Round(time.Millisecond), n, (time.Duration(n) * each).Round(time.Second), o.Timeout)
	}
	return nil
}

// atOnceAcknowledged is the clause that whoever has no room for several requests at once
// breaks.
const atOnceAcknowledged = "calls-at-once-acknowledged"

// excuse holds it against no other clause of the scenario that the receiver had no room for
// requests that were to meet there.
func (s *world) excuse(list []report.Finding) {
	for i := range list {
		if f := &list[i]; f.Busy && s.atOnce > 1 {
			f.Clauses, f.Told = []string{atOnceAcknowledged}, false
		}
	}
}
