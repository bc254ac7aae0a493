package traffic_test

import "errors"

// outcomes counts the calls that found an idle callee, in the order of
// verdict.shares.
func outcomes(calls []obs) []int {
	counts := make([]int, 4)
	for _, o := range calls {
		switch {
		case !o.calleeIdle:
		case o.answered():
			counts[0]++
		case o.result == reject:
			counts[1]++
		case o.result == cancel:
			counts[2]++
		case o.result == notAnswer:
			counts[3]++
		}
	}
	return counts
}

// checkC4 tests what rings come to, given an idle callee, against the
// competing clocks: chi-square with 3 degrees of freedom, at most 16.27.
func checkC4(calls []obs, v verdict) error {
	counts := outcomes(calls)
	return errors.Join(
		enough("C4 attempts with an idle callee", int(total(counts)), 15_000),
		fits("C4 chi-square of answer, reject, cancel, not_answer", counts, v.shares()),
	)
}

// checkC4b tests how long answered calls rang.
func checkC4b(calls []obs, v verdict) error {
	times := answerTimes(calls)
	return errors.Join(
		enough("C4b answered calls", len(times), 10_000),
		below("C4b KS distance of the ring time of answered calls", ksDistance(times, v.answerCDF), ksCritical(len(times))),
		meanWithin("C4b mean ring time of answered calls", times, v.meanAnswer, v.answerDeviation),
	)
}

// meanWithin tests a sample mean, at 4 sigma of independent draws.
func meanWithin(quantity string, sample []float64, expected, deviation float64) error {
	return within(quantity, average(sample), expected, standardError(deviation, len(sample)))
}

// checkC14 tests the p-values which one check gave over many seeds: they are
// uniform if the generator is right and the seeds are independent.
func checkC14(pValues []float64) error {
	return errors.Join(
		enough("C14 seeds", len(pValues), 50),
		below("C14 KS distance of the p-values over seeds", ksDistance(pValues, uniformCDF), ksCritical(len(pValues))),
	)
}

// pC1, pC3 and pC4 are the p-values of C1, C3 and C4 for C14.
func pC1(starts []int64, from, to int64, cumulative func(ms int64) float64) float64 {
	u := rescaled(starts, from, to, cumulative)
	return ksP(ksDistance(u, uniformCDF), len(u))
}

func pC3(talk []float64, cdf func(float64) float64) float64 {
	return ksP(ksDistance(talk, cdf), len(talk))
}

func pC4(calls []obs, v verdict) float64 {
	return chiSquareP(chiSquare(outcomes(calls), v.shares()))
}
