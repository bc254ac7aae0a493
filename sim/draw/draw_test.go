package draw_test

import (
	"fmt"
	"math"
	"testing"

	"ringback/sim/draw"
)

func Example() {
	// The seventh call's talk time does not depend on what else was drawn.
	r := draw.Stream(42, "talk", 7)
	again := draw.Stream(42, "talk", 7)
	fmt.Println(r.Float64() == again.Float64())
	// Output: true
}

func TestKeysDiffer(t *testing.T) {
	seen := map[uint64]string{}
	for seed := range uint64(8) {
		for _, purpose := range []string{"", "a", "b", "ab", "fault:drop", "fault:delay"} {
			for n := range uint64(64) {
				for _, entity := range [][]uint64{nil, {n}, {n, 0}, {0, n + 100}} {
					a, _ := draw.Key(seed, purpose, entity...)
					what := fmt.Sprint(seed, purpose, entity)
					if was, ok := seen[a]; ok && was != what {
						t.Fatalf("%s and %s share a key", was, what)
					}
					seen[a] = what
				}
			}
		}
	}
}

func TestFloatIsUniform(t *testing.T) {
	const n, bins = 100_000, 100
	var count [bins]int
	for i := range uint64(n) {
		count[int(draw.Float(1, "test", i)*bins)]++
	}
	chi := 0.0
	for _, c := range count {
		chi += math.Pow(float64(c)-n/bins, 2) / (n / bins)
	}
	if chi > 157 { // 99 degrees of freedom, p = 0.0002
		t.Errorf("chi squared %.1f over %d bins", chi, bins)
	}
}
