package load

import (
	"math"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// A histogram has the same observations in its classic buckets and in its native ones,
// which tell them apart to 9 %.
func TestBothKindsOfBuckets(t *testing.T) {
	h := newHistogram(3)
	h.recordN(0, 2)
	h.recordN(1, 3)
	h.recordN(30_000, 500)
	h.recordN(5_000_000, 7)
	var m dto.Metric
	if err := histogramOf(prometheus.NewDesc("x", "x", nil, nil), h.read()).Write(&m); err != nil {
		t.Fatal(err)
	}
	got := m.GetHistogram()
	if got.GetSampleCount() != 512 || len(got.GetBucket()) != len(metricBounds) || got.GetSchema() != nativeSchema || got.GetZeroCount() != 2 {
		t.Errorf("%v", got)
	}
	at, n, sum := int64(0), int64(0), uint64(0)
	found := map[int64]int64{}
	deltas := got.GetPositiveDelta()
	for _, span := range got.GetPositiveSpan() {
		at += int64(span.GetOffset())
		for range span.GetLength() {
			n += deltas[0]
			deltas = deltas[1:]
			found[at] = n
			sum += uint64(n)
			at++
		}
	}
	if sum+got.GetZeroCount() != got.GetSampleCount() || len(deltas) != 0 {
		t.Errorf("%d in native buckets: %v", sum, found)
	}
	for seconds, want := range map[float64]int64{1e-6: 3, .03: 500, 5: 7} {
		i := int64(math.Ceil(math.Log2(seconds) * 8))
		if lower, upper := math.Exp2(float64(i-1)/8), math.Exp2(float64(i)/8); found[i] != want || seconds <= lower || seconds > upper {
			t.Errorf("%d observations between %g and %g, want the %d of %g", found[i], lower, upper, want, seconds)
		}
	}
}
