package explore

import (
	"os"
	"slices"
	"testing"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// Enough histories reach all that there is, and nothing else.
func TestDrawReachesAll(t *testing.T) {
	if testing.Short() {
		t.Skip("3,000 histories")
	}
	for _, types := range []string{"all", "single", "group"} {
		c := newCoverage(wire.Both, wire.Every, types)
		for n := range uint64(3000) {
			g := wire.V1
			if n%2 == 1 {
				g = wire.V4
			}
			watch(t, generate(1, n, g, 0, 0, types).withRareValues(1, n, true, types != "group"), c)
			if n%100 == 99 && os.Getenv("RINGBACK_SOAK") == "" && !slices.ContainsFunc(c.Reaches(), func(r Reach) bool { return len(r.Missed) > 0 }) {
				break // there is nothing more to be reached
			}
		}
		all := c.possible()
		for i, r := range c.Reaches() {
			t.Logf("%s calls, %s: %d of %d, %v", types, r.What, len(r.Reached), r.Total, r.Reached)
			if len(r.Missed) > 0 {
				t.Errorf("%s calls, %s: not reached: %q", types, r.What, r.Missed)
			}
			for name := range r.Reached {
				if !slices.Contains(all[i], name) {
					t.Errorf("%s calls, %s: %q was reached, and should not be possible", types, r.What, name)
				}
			}
		}
	}
}

// watch rehearses a history with an eye on what it reaches.
func watch(t *testing.T, h *History, c *Coverage) {
	t.Helper()
	r := h.rehearse()
	state, phases := journal.NewReader(journal.Keep), map[string]call.Phase{}
	see := func(fx []sim.Effect) {
		for i := range fx {
			e := &fx[i].Event
			if err := state.Apply(e); err != nil {
				t.Fatal(err)
			}
			switch d := e.Data.(type) {
			case *journal.Fact:
				of := state.Call(e.Call)
				c.fact(of, phases[e.Call], &d.Fact)
				phases[e.Call] = of.Phase
			case *journal.Callback:
				c.callback(d)
			}
		}
	}
	for _, o := range h.Operations {
		err := r.Step(r.epoch.Add(time.Duration(o.At)), r.Input(o.Do), func(fx []sim.Effect) {
			see(fx)
			if id := sim.Placed(fx); id != "" {
				r.Note(o.Do, id)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
