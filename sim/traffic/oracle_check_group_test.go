package traffic_test

import (
	"errors"
	"fmt"
	"math"
)

// meeting is one group call: its size with the initiator, and how many of the
// size-1 invitees joined.
type meeting struct{ size, joined int }

// checkC13 tests how many invitees join, a binomial mixed over the sizes: as a
// whole, at its ends, and as a mean.
func checkC13(meetings []meeting, sizes map[int]float64, p float64) error {
	pmf := joinPMF(sizes, p)
	seen := make([]int, len(pmf))
	for _, m := range meetings {
		if m.joined < 0 || m.joined >= m.size || m.joined >= len(seen) {
			return fmt.Errorf("C13: %d joined a meeting of %d", m.joined, m.size)
		}
		seen[m.joined]++
	}
	n := len(meetings)
	mean, deviation := moments(pmf)
	return errors.Join(
		enough("C13 meetings", n, 3_000),
		fits("C13 chi-square of the numbers who joined", seen, pmf),
		within("C13 meetings nobody joined", float64(seen[0])/float64(n), pmf[0], binomialTolerance(pmf[0], n)),
		within("C13 mean joined", meanIndex(seen), mean, standardError(deviation, n)),
		checkC13Sizes(meetings, sizes),
	)
}

// checkC13Sizes tests the sizes themselves, which the mixture hardly shows.
func checkC13Sizes(meetings []meeting, sizes map[int]float64) error {
	var seen []int
	var pmf []float64
	for _, size := range sortedKeys(sizes) {
		n := 0
		for _, m := range meetings {
			if m.size == size {
				n++
			}
		}
		seen, pmf = append(seen, n), append(pmf, sizes[size])
	}
	return errors.Join(
		within("C13 meetings of a size that exists", total(seen), float64(len(meetings)), 0),
		fits("C13 chi-square of the sizes", seen, pmf),
	)
}

func meanIndex(seen []int) float64 {
	sum := 0
	for i, n := range seen {
		sum += i * n
	}
	return float64(sum) / total(seen)
}

// stay is the time one participant spends in a meeting.
type stay struct {
	meeting      uint64
	fromMS, toMS int64
}

// checkC13Little tests Little's law for participants over [from, to): their
// mean number is (meetings per second) * E[legs] * E[stay]. Stays in a meeting
// end together, so the error is that of the meetings' person-time.
func checkC13Little(stays []stay, from, to int64, perSecond, legs, meanStay float64) error {
	person := map[uint64]float64{}
	occupied := 0.0
	for _, s := range stays {
		inside := float64(max(0, min(s.toMS, to)-max(s.fromMS, from))) / 1000
		person[s.meeting] += inside
		occupied += inside
	}
	square := 0.0
	for _, meeting := range sortedKeys(person) {
		square += person[meeting] * person[meeting]
	}
	span := float64(to-from) / 1000
	return errors.Join(
		enough("C13 meetings with participants", len(person), 3_000),
		within("C13 mean participants (Little)", occupied/span, perSecond*legs*meanStay, sigmas*math.Sqrt(square)/span),
	)
}
