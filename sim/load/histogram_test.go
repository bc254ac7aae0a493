package load

import (
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
	"pgregory.net/rapid"
)

// The counts equal those of the library, and so does the text, whatever the same encoder
// wrote before.
func TestHistogram(t *testing.T) {
	e := newEncoder()
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.IntRange(1, 3).Draw(t, "digits")
		want := hdrhistogram.New(1, maxMicroseconds, digits)
		both := []*histogram{newHistogram(digits), newHistogram(digits)}
		for _, us := range rapid.SliceOf(rapid.OneOf(
			rapid.Int64Range(0, 5000), rapid.Int64Range(0, maxMicroseconds), rapid.SampledFrom([]int64{255, 256, 2047, 2048, 4095, 4096, maxMicroseconds}),
		)).Draw(t, "times") {
			both[us%2].record(us)
			if err := want.RecordValue(us); err != nil {
				t.Fatal(err)
			}
		}
		both[0].add(both[1])
		if got := both[0].read(); !got.Equals(want) || got.Max() != want.Max() || got.TotalCount() != want.TotalCount() {
			t.Fatalf("got %v to %d, want %v to %d", got.TotalCount(), got.Max(), want.TotalCount(), want.Max())
		}
		text, err := want.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
		if got := e.encode(both[0]); err != nil || got != string(text) {
			t.Fatalf("written as %s, want %s, %v", got, text, err)
		}
	})
}

func TestHistogramCuts(t *testing.T) {
	h := newHistogram(3)
	h.record(-1)
	h.record(2 * maxMicroseconds)
	if got := h.read(); got.Min() != 0 || got.Max() < maxMicroseconds || got.TotalCount() != 2 {
		t.Errorf("%d times from %d to %d", got.TotalCount(), got.Min(), got.Max())
	}
}
