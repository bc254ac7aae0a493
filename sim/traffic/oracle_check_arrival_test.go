package traffic_test

import (
	"errors"
	"math"
)

const (
	minuteMS = int64(60_000)
	hourMS   = 60 * minuteMS
	dayMS    = 24 * hourMS
)

// rescaled maps start times through the cumulative rate to (0,1), where the
// points of a Poisson process are uniform given their number.
func rescaled(starts []int64, from, to int64, cumulative func(ms int64) float64) []float64 {
	low, high := cumulative(from), cumulative(to)
	var u []float64
	for _, t := range starts {
		if from <= t && t < to {
			u = append(u, (cumulative(t)-low)/(high-low))
		}
	}
	return u
}

func uniformCDF(u float64) float64 { return min(max(u, 0), 1) }

// checkC1 tests that fresh intents in [from, to) are a Poisson process with
// the given cumulative rate (its scale does not matter). Intents, not attempts:
// redials are no part of it.
func checkC1(starts []int64, from, to int64, cumulative func(ms int64) float64) error {
	u := rescaled(starts, from, to, cumulative)
	return errors.Join(
		enough("C1 fresh intents", len(u), 10_000),
		below("C1 KS distance of the rescaled fresh intents", ksDistance(u, uniformCDF), ksCritical(len(u))),
	)
}

// checkC2 tests that counts per minute scatter as Poisson counts do, for a flat
// profile with session clustering off.
func checkC2(starts []int64, from, to int64) error {
	bins := histogram(starts, from, to, minuteMS)
	return errors.Join(
		enough("C2 minutes", len(bins), 2_880),
		within("C2 dispersion per minute", dispersion(bins), 1, dispersionTolerance(len(bins))),
	)
}

// checkC2b tests the clusters of a session process whose sizes are geometric
// with the given mean: hours disperse by 2m-1, minutes hardly. Gaps of minutes
// carry some sessions over the hour, hence the lopsided band.
func checkC2b(starts []int64, from, to int64, sessionMean float64) error {
	hours := histogram(starts, from, to, hourMS)
	minutes := histogram(starts, from, to, minuteMS)
	full := 2*sessionMean - 1
	low, high := max(1.1, full*2.2/3), full*1.2
	return errors.Join(
		enough("C2b hours", len(hours), 40*24),
		within("C2b dispersion per hour", dispersion(hours), (low+high)/2, (high-low)/2),
		below("C2b dispersion per minute", dispersion(minutes), 1+0.3*(sessionMean-1)),
	)
}

// checkC8 tests the numbers of calls in progress at instants hours apart
// against their Mt/G/inf means (meanActive): each is Poisson, and at such
// distances nearly independent.
func checkC8(active []int, means []float64) error {
	var errs []error
	sum := 0.0
	for i, m := range means {
		z := (float64(active[i]) - m) / math.Sqrt(m)
		sum += z * z
		errs = append(errs, within("C8 calls in progress, as a normal score", z, 0, 4.5))
	}
	errs = append(errs,
		enough("C8 instants", len(means), 12),
		below("C8 sum of squared scores", sum, chiSquareCritical(4.3e-4, len(means))))
	return errors.Join(errs...)
}

// activeAt counts the calls in progress, accepted and not over, at each time.
func activeAt(calls []obs, times []int64) []int {
	active := make([]int, len(times))
	for i, t := range times {
		for _, o := range calls {
			if o.answered() && o.acceptMS <= t && t < o.endMS {
				active[i]++
			}
		}
	}
	return active
}
