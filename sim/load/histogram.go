package load

import (
	"math"
	"math/bits"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// histogram is an HDR histogram of microseconds while it is filled: it has room
// for the longest that came so far, not for the longest that there can be.
// There are many of them.
type histogram struct {
	digits int
	half   int      // bits of half a bucket
	counts []uint32 // which stay at their most: many hours of the same microsecond
}

// longest is how many microseconds histograms reach to: longer than any
// attempt takes.
const longest = 600_000_000

// newHistogram tells times apart to two or three digits.
func newHistogram(digits int) *histogram {
	if digits == 3 {
		return &histogram{digits: 3, half: 10}
	}
	return &histogram{digits: 2, half: 7}
}

func (h *histogram) record(us int64) {
	us = min(max(us, 0), longest)
	bucket := max(bits.Len64(uint64(us))-h.half-1, 0)
	at := bucket<<h.half + int(us>>bucket)
	if at >= len(h.counts) {
		h.grow((at>>h.half + 1) << h.half)
	}
	if h.counts[at] < math.MaxUint32 {
		h.counts[at]++
	}
}

func (h *histogram) grow(to int) {
	if to > len(h.counts) {
		counts := make([]uint32, to)
		copy(counts, h.counts)
		h.counts = counts
	}
}

// add adds others with as many digits.
func (h *histogram) add(o *histogram) {
	h.grow(len(o.counts))
	for i, n := range o.counts {
		h.counts[i] += min(n, math.MaxUint32-h.counts[i])
	}
}

// sub takes others out that are in it.
func (h *histogram) sub(o *histogram) {
	for i, n := range o.counts {
		h.counts[i] -= min(n, h.counts[i])
	}
}

// read is what there is to read.
func (h *histogram) read() *hdrhistogram.Histogram {
	counts := make([]int64, len(h.counts))
	for i, n := range h.counts {
		counts[i] = int64(n)
	}
	return hdrhistogram.Import(&hdrhistogram.Snapshot{
		LowestTrackableValue: 1, HighestTrackableValue: longest, SignificantFigures: int64(h.digits), Counts: counts,
	})
}
