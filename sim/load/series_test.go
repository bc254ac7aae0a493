package load

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A quantile of the sketch is off by at most an eighth.
func TestSketch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Int64Range(0, maxMicroseconds), 1, 50).Draw(t, "values")
		var s sketch
		for _, v := range values {
			s.record(v)
		}
		slices.Sort(values)
		for _, q := range []float64{0.01, 0.5, 0.99, 1} {
			want := float64(values[min(max(int(math.Ceil(q*float64(len(values))))-1, 0), len(values)-1)])
			if got := s.quantile(q); math.Abs(got-want) > want/8+1 {
				t.Fatalf("the %g quantile of %v is %g, want %g", q, values, got, want)
			}
		}
	})
	if q := new(sketch).quantile(0.5); q != 0 {
		t.Errorf("of nothing the median is %g", q)
	}
}

// However long it gets, a series has a bounded number of intervals and loses
// nothing.
func TestSeries(t *testing.T) {
	var one, two, both series
	for ms := int64(0); ms < 5_000_000; ms += 1000 {
		s := &one
		if ms%3000 == 0 {
			s = &two
		}
		for _, s := range []*series{s, &both} {
			i := s.at(ms)
			i.due++
			i.latency.record(ms)
		}
	}
	two.at(5_000_000 * 3).due = 0 // it reaches further
	one.merge(two)
	both.at(5_000_000 * 3).due = 0
	if len(both.list) > maxIntervals || len(one.list) != len(both.list) || one.width != both.width {
		t.Fatalf("%d intervals of %d ms, %d of %d ms", len(one.list), one.width, len(both.list), both.width)
	}
	sum := uint64(0)
	for i := range both.list {
		if sum += both.list[i].due; both.list[i].due != one.list[i].due || both.list[i].latency != one.list[i].latency {
			t.Fatalf("interval %d differs", i)
		}
	}
	if sum != 5000 {
		t.Errorf("%d of 5000 are left", sum)
	}
}

// What waits is what waited at most at once: summed over shards, not over time, whichever
// of them lasted longer.
func TestSeriesWaiting(t *testing.T) {
	for _, longer := range []bool{false, true} {
		var long, short series
		long.at(2 * maxIntervals * 1000).due = 0 // intervals of 4 s
		for ms := int64(0); ms < 8000; ms += 1000 {
			short.at(ms).waiting = 10
		}
		long.at(0).waiting = 5
		before := slices.Clone(short.list)
		sum := &long
		if longer {
			sum = new(series)
			sum.merge(short)
			sum.merge(long)
		} else {
			sum.merge(short)
		}
		if sum.list[0].waiting != 15 || sum.list[1].waiting != 10 || !slices.Equal(before, short.list) {
			t.Errorf("%d and %d wait, want 15 and 10", sum.list[0].waiting, sum.list[1].waiting)
		}
	}
}
