package explore

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"ringback/sim"
	"ringback/sim/wire"
)

// Whatever is drawn, the real backend could do it.
func TestDrawIsLawful(t *testing.T) {
	if testing.Short() {
		t.Skip("draws, and plays nothing")
	}
	rapid.Check(t, func(t *rapid.T) {
		seed, n := rapid.Uint64().Draw(t, "seed"), rapid.Uint64().Draw(t, "n")
		g := rapid.SampledFrom([]wire.Generation{wire.V1, wire.V4}).Draw(t, "generation")
		heartbeat := rapid.SampledFrom([]time.Duration{0, time.Second, sim.PlatformExpiry}).Draw(t, "heartbeat")
		h := Draw(seed, n, g, heartbeat)
		if err := h.Lawful(); err != nil {
			t.Fatalf("%v\n%s", err, h)
		}
		if again := Draw(seed, n, g, heartbeat); again.String() != h.String() {
			t.Fatalf("drawn again:\n%s\nfirst:\n%s", again, h)
		}
	})
}
