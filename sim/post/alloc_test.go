//go:build !race

package post_test

import "testing"

// TestNoAllocations holds the steady state to none; a load generator lives in
// it. The race detector allocates on its own.
func TestNoAllocations(t *testing.T) {
	attempt := byPost(t, answerer(t))
	for range 10 {
		mustBe200(t, attempt())
	}
	if n := testing.AllocsPerRun(1000, func() { mustBe200(t, attempt()) }); n != 0 {
		t.Errorf("%v allocations an attempt", n)
	}
}
