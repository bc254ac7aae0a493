package calibrate_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"ringback/sim"
	"ringback/sim/calibrate"
	"ringback/sim/call"
	"ringback/sim/wire"
)

// A call in which people talk for an hour is one call, though nothing comes of it in
// between and others come and go.
func TestLongTalk(t *testing.T) {
	for _, g := range []wire.Generation{wire.V1, wire.V4} {
		var plan []planned
		for i := range 100 {
			talk := 20 * time.Second
			if i == 10 || i == 11 {
				talk = time.Hour
			}
			kind := func(p *planned, _ []string, _ *rand.Rand) {
				steps, err := (sim.Outcome{Result: call.NormalEnd, Ring: time.Second, Talk: talk}).Plan(&p.setup)
				if err != nil {
					t.Fatal(err)
				}
				p.steps = steps
			}
			plan = append(plan, newCall(kind, g, i, nil))
		}
		tr := traffic{dialect: wire.Default(), seed: 3, app: 1400000001, from: epoch, every: time.Minute}
		r := reportOf(play(t, tr, plan).exchanges)
		if len(r.Doubts) > 0 {
			t.Errorf("%s: %v", g, r.Doubts)
		}
		if f := r.Find("status_per"); g == wire.V1 && (f.State != calibrate.Shown || f.Value != "call") {
			t.Errorf("status_per: %+v", f)
		}
	}
}
