package load

import (
	"math/bits"
	"slices"
)

// series holds counts over time, in intervals of equal length. When there would be
// more than maxIntervals, each two are merged.
type series struct {
	width int64 // milliseconds of one interval
	list  []interval
}

// maxIntervals is the maximum number of intervals of a series.
const maxIntervals = 600

// interval holds the counts of one interval, ramp and drain included.
type interval struct {
	due, dropped, attempts, acked, failed, retries uint64
	waiting                                        uint64 // largest number at once
	latency                                        sketch
}

// at returns the interval of a time in milliseconds since the start.
func (s *series) at(ms int64) *interval {
	if s.width == 0 {
		s.width = 1000
	}
	n := int(max(ms, 0) / s.width)
	for n >= maxIntervals {
		s.halve()
		n = int(max(ms, 0) / s.width)
	}
	for len(s.list) <= n {
		s.list = append(s.list, interval{})
	}
	return &s.list[n]
}

// halve merges each two intervals.
func (s *series) halve() {
	half := s.list[:0]
	for i := 0; i < len(s.list); i += 2 {
		one := s.list[i]
		if i+1 < len(s.list) {
			peak := max(one.waiting, s.list[i+1].waiting)
			one.add(&s.list[i+1])
			one.waiting = peak
		}
		half = append(half, one)
	}
	s.list, s.width = half, 2*s.width
}

func (i *interval) add(o *interval) {
	i.due += o.due
	i.dropped += o.dropped
	i.attempts += o.attempts
	i.acked += o.acked
	i.failed += o.failed
	i.retries += o.retries
	i.waiting += o.waiting // the same interval of another shard
	i.latency.add(&o.latency)
}

// merge adds another series of the same run.
func (s *series) merge(o series) {
	if o.width < s.width {
		o.list = slices.Clone(o.list)
	}
	for 0 < o.width && o.width < s.width { // else what waits would be added up over time
		o.halve()
	}
	for s.width < o.width {
		if s.width == 0 {
			s.width = o.width
			break
		}
		s.halve()
	}
	for i := range o.list {
		s.at(int64(i) * o.width).add(&o.list[i])
	}
}

// sketch is a coarse histogram of microseconds in 500 bytes: four steps for each
// power of two, so that a quantile is off by at most a tenth.
type sketch [sketchSteps]uint32

const sketchSteps = 4 * 31

func (s *sketch) record(us int64) { s[step(us)]++ }

func (s *sketch) add(o *sketch) {
	for i, n := range o {
		s[i] += n
	}
}

func step(us int64) int {
	if us < 4 {
		return int(max(us, 0))
	}
	power := bits.Len64(uint64(us)) - 1 // at least 2
	return min(4*(power-1)+int(us>>(power-2)&3), sketchSteps-1)
}

// middle returns the middle of a step, in microseconds.
func middle(step int) float64 {
	if step < 4 {
		return float64(step)
	}
	power := step/4 + 1
	width := float64(int64(1) << (power - 2))
	return (float64(4+step%4) + 0.5) * width
}

// quantile returns the value at a quantile from 0 to 1; 0 if there are no records.
func (s *sketch) quantile(share float64) float64 {
	total := 0.0
	for _, n := range s {
		total += float64(n)
	}
	sum := 0.0
	for i, n := range s {
		if sum += float64(n); n > 0 && sum >= share*total {
			return middle(i)
		}
	}
	return 0
}
