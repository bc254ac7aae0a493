package sim_test

import (
	"fmt"
	"testing"

	"ringback/sim"
)

// Ids count up, in four digits as long as there are no more.
func TestCallID(t *testing.T) {
	for _, n := range []uint64{1, 9, 10, 99, 100, 999, 1000, 1001, 9999, 10_000, 1_234_567} {
		if got, want := sim.CallID("tok", n), fmt.Sprintf("rb-tok-%04d", n); got != want {
			t.Errorf("call %d is %s, want %s", n, got, want)
		}
	}
}
