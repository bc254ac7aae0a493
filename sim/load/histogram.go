package load

import (
	"math"
	"math/bits"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// histogram counts microseconds in the layout of an HDR histogram, which read turns
// it into. Its memory grows with the longest time recorded so far, where the library's is
// allocated for the longest time possible: at three digits 25 KB for times up to 20 ms
// instead of 172 KB. With the library's, the histograms of a load of eight shards
// would take 9 MB instead of 2.
type histogram struct {
	digits int
	half   int      // bits of half a bucket
	counts []uint32 // saturating; at 100,000 a second one would take 12 hours to fill up
}

// maxMicroseconds is the largest value of a histogram, longer than any attempt.
const maxMicroseconds = 600_000_000

// newHistogram returns a histogram with a precision of one to three digits.
func newHistogram(digits int) *histogram {
	return &histogram{digits: digits, half: [...]int{1: 4, 7, 10}[digits]}
}

func (h *histogram) record(us int64) { h.recordN(us, 1) }

func (h *histogram) recordN(us int64, n uint32) {
	us = min(max(us, 0), maxMicroseconds)
	bucket := max(bits.Len64(uint64(us))-h.half-1, 0)
	at := bucket<<h.half + int(us>>bucket)
	if at >= len(h.counts) {
		h.grow((at>>h.half + 1) << h.half)
	}
	h.counts[at] += min(n, math.MaxUint32-h.counts[at])
}

func (h *histogram) grow(to int) {
	if to > len(h.counts) {
		counts := make([]uint32, to)
		copy(counts, h.counts)
		h.counts = counts
	}
}

// add adds another histogram of the same precision.
func (h *histogram) add(o *histogram) {
	h.grow(len(o.counts))
	for i, n := range o.counts {
		h.counts[i] += min(n, math.MaxUint32-h.counts[i])
	}
}

// sub subtracts a histogram that was recorded in this one too.
func (h *histogram) sub(o *histogram) {
	for i, n := range o.counts {
		h.counts[i] -= min(n, h.counts[i])
	}
}

// read returns a copy as an HDR histogram.
func (h *histogram) read() *hdrhistogram.Histogram {
	counts := make([]int64, len(h.counts))
	for i, n := range h.counts {
		counts[i] = int64(n)
	}
	return hdrhistogram.Import(&hdrhistogram.Snapshot{
		LowestTrackableValue: 1, HighestTrackableValue: maxMicroseconds, SignificantFigures: int64(h.digits), Counts: counts,
	})
}
