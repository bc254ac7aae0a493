package traffic_test

import (
	"errors"
	"math"
	"math/rand/v2"
)

// checkC3 tests the natural durations of answered calls, in seconds. Give it
// those of normal_end calls with wholeCDF where no others are visible.
func checkC3(talk []float64, cdf func(float64) float64) error {
	return errors.Join(
		enough("C3 answered calls", len(talk), 10_000),
		below("C3 KS distance of the talk times", ksDistance(talk, cdf), ksCritical(len(talk))),
	)
}

// checkC3Whole is checkC3 for durations floored to whole seconds. Their steps
// alone would exceed the critical distance, so each second is spread evenly
// first (Kim and Whitt 2014 un-round call-centre data so).
func checkC3Whole(seconds []int64, cdf func(float64) float64, r *rand.Rand) error {
	talk := make([]float64, len(seconds))
	for i, s := range seconds {
		talk[i] = float64(s) + r.Float64()
	}
	return checkC3(talk, cdf)
}

// concurrency is the number of calls in progress from an instant on.
type concurrency struct {
	fromMS int64
	active int
}

// checkC7a tests a concurrency counter against the calls: over [from, to) its
// integral is the sum of the connected times, by definition.
func checkC7a(calls []obs, counter []concurrency, from, to int64) error {
	connected := float64(connectedMS(calls, from, to))
	counted := 0.0
	for i, c := range counter {
		until := to
		if i+1 < len(counter) {
			until = min(until, counter[i+1].fromMS)
		}
		counted += float64(max(0, until-max(from, c.fromMS))) * float64(c.active)
	}
	span := float64(to - from)
	return errors.Join(
		enough("C7a connected milliseconds", int(connected), 1),
		within("C7a time average of the concurrency counter", counted/span, connected/span, 1e-9*connected/span),
	)
}

// connectedMS sums the connected times within [from, to).
func connectedMS(calls []obs, from, to int64) int64 {
	sum := int64(0)
	for _, o := range calls {
		if o.answered() {
			sum += max(0, min(o.endMS, to)-max(o.acceptMS, from))
		}
	}
	return sum
}

// checkC7b tests Little's law: concurrency is the rate of answered calls times
// the mean connected time, whatever their law.
func checkC7b(calls []obs, from, to int64, talk law, hazard float64) error {
	answered := 0
	for _, o := range calls {
		if o.answered() && from <= o.acceptMS && o.acceptMS < to {
			answered++
		}
	}
	span := float64(to-from) / 1000
	l := float64(connectedMS(calls, from, to)) / 1000 / span
	expected := float64(answered) / span * meanTalk(talk, hazard)
	return errors.Join(
		enough("C7b answered calls", answered, 10_000),
		within("C7b mean concurrency (Little)", l, expected, expected*standardError(math.Sqrt(talkSCV(talk, hazard)), answered)),
	)
}

// checkC9 tests that drops come at a constant rate per connected second: their
// share, and that they meet long calls. A coin per call has the first right
// but not the second, whose ratio it leaves at one.
func checkC9(calls []obs, talk law, hazard float64) error {
	cut := naturals(where(calls, isResult(interrupt)))
	whole := naturals(where(calls, isResult(normalEnd)))
	answered := len(cut) + len(whole)
	p := cutProbability(talk, hazard)
	return errors.Join(
		enough("C9 answered calls", answered, 10_000),
		within("C9 share of interrupted calls", float64(len(cut))/float64(answered), p, binomialTolerance(p, answered)),
		above("C9 mean natural duration, interrupted over normal_end", average(cut)/average(whole), 3),
	)
}
