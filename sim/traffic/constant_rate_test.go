package traffic_test

import (
	"fmt"
	"testing"
	"time"

	"ringback/fixtures"
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/traffic"
)

// At a rate calls start evenly, whoever makes them, and each goes as its model
// says.
func TestRate(t *testing.T) {
	m, o := preset(t, "consumer"), days(1, 1)
	m.Ring.Fail = 0
	o.Rate, o.Until = 50, monday.Add(10*time.Minute)
	var last call.Instant
	n := 0
	for c := range makeWorld(t, m, o).Calls() {
		if gap := c.Start - last; n > 0 && (gap < 19 || gap > 21) {
			t.Fatalf("%s after %s: a gap of %d ms, want 20", c.Start, last, gap)
		}
		last = c.Start
		n++
	}
	if n != 30_000 {
		t.Errorf("%d calls in 10 minutes at 50/s", n)
	}
	calls := observe(t, m, o)
	for _, err := range []error{
		checkC0(calls, structure{timeoutMS: 30_000}),
		checkC3(naturals(calls), consumerTalk().cdf),
		checkC4(calls, consumerRing().solve()),
		checkC4b(calls, consumerRing().solve()),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	ramped := o
	ramped.Ramp = 4 * time.Minute
	inRamp, half := 0, 0
	for _, c := range observe(t, m, ramped) {
		switch after := call.Instant(c.startMS).Sub(o.Epoch); {
		case after < ramped.Ramp/2:
			half++
			fallthrough
		case after < ramped.Ramp:
			inRamp++
		}
	}
	if inRamp < 5990 || inRamp > 6010 || half < 1490 || half > 1510 {
		t.Errorf("%d calls in a ramp of 4 minutes to 50/s, %d of them in its first half, want 6000 and 1500", inRamp, half)
	}
	o.Poisson = true
	calls = observe(t, m, o)
	if err := checkC1(starts(calls), int64(o.Epoch), int64(o.Until), func(ms int64) float64 { return float64(ms) }); err != nil {
		t.Error(err)
	}
}

// Whatever the compression, an engine plays the calls as the model has them.
func TestCompress(t *testing.T) {
	for _, name := range fixtures.Presets() {
		for _, times := range []float64{2.5, 60, 1000, 1e6} {
			t.Run(fmt.Sprint(name, " ", times), func(t *testing.T) {
				m, o := preset(t, name), days(7, 1)
				o.Rate, o.Until, o.Compress = 20, monday.Add(time.Minute), times
				results := map[call.Result]int{}
				var want []fate
				for c := range makeWorld(t, m, o).Calls() {
					want = append(want, fate{c.Result, c.Accept, c.End, c.Joined})
					results[c.Result]++
				}
				compare(t, want, played(t, traffic.NewSource(makeWorld(t, m, o), traffic.Feed{App: 1}), m.Ring.Timeout, sim.PlatformExpiry))
				if len(want) != 1200 || results[call.NormalEnd] < 700 {
					t.Errorf("%d calls: %v", len(want), results)
				}
			})
		}
	}
}

// An observer who starts late sees the calls in progress, but not most of
// those that are over.
func TestJoined(t *testing.T) {
	for _, name := range []string{"consumer", "callcentre"} {
		m, o := preset(t, name), days(1, 1)
		join := monday.Add(time.Hour)
		o.Rate, o.Until = 20, join
		count := func() (all, old, alive int) {
			for c := range makeWorld(t, m, o).Calls() {
				all++
				if c.Start < join.Add(-10*time.Minute) {
					old++
				}
				if c.End > join {
					alive++
				}
			}
			return all, old, alive
		}
		all, _, alive := count()
		o.ObservedFrom = join
		fewer, old, still := count()
		if still < alive || float64(still) > 1.05*float64(alive) {
			t.Errorf("%s: %d calls are under way, of %d that are", name, still, alive)
		}
		if old > still || fewer > all/2 {
			t.Errorf("%s: %d calls are made, %d of them long before, and %d are under way", name, fewer, old, still)
		}
	}
}
