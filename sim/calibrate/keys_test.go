package calibrate_test

import (
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"ringback/sim"
	"ringback/sim/calibrate"
	"ringback/sim/wire"
)

// untold are the keys that callbacks never tell.
var untold = []string{"v1_actions", "delete_missing", "delete_pending", "set_pending", "client_events", "network_quality"}

// wantAll checks that a report shows a dialect, but for what callbacks can't tell.
func wantAll(t testing.TB, r *calibrate.Report, d *wire.Dialect) {
	t.Helper()
	for _, key := range wire.Keys() {
		f := r.Find(key.Name)
		if slices.Contains(untold, key.Name) || key.Name == "v4_ack" && d.V4Retry == "none" {
			if f.State != calibrate.Unknown {
				t.Errorf("%s: %s %s, want unknown", key.Name, f.State, f.Value)
			}
			continue
		}
		if f.State != calibrate.Shown || f.Value != key.Of(d) {
			t.Errorf("%s: %s %q %s, want %s\n%+v", key.Name, f.State, f.Value, f.Why, key.Of(d), f.Evidence)
		}
	}
}

// wantNoneWrong checks that a report shows nothing that is not so.
func wantNoneWrong(t testing.TB, r *calibrate.Report, dialects ...*wire.Dialect) {
	t.Helper()
	for _, key := range wire.Keys() {
		f := r.Find(key.Name)
		so := func(d *wire.Dialect) bool { return key.Of(d) == f.Value }
		if f.State == calibrate.Other || f.State == calibrate.Shown && !slices.ContainsFunc(dialects, so) {
			t.Errorf("%s: %s %q %s, want %s\n%+v", key.Name, f.State, f.Value, f.Why, key.Of(dialects[0]), f.Evidence)
		}
	}
}

// randomDialect makes each choice by chance.
func randomDialect(r *rand.Rand) *wire.Dialect {
	d := wire.Default()
	for _, key := range wire.Keys() {
		if err := d.Set(key.Name + "=" + key.Values[r.IntN(len(key.Values))]); err != nil {
			panic(err)
		}
	}
	return d
}

func randomTraffic(r *rand.Rand, d *wire.Dialect) traffic {
	tr := traffic{dialect: d, seed: r.Uint64(), app: 1400000001, from: epoch, every: time.Duration(20+r.IntN(100)) * time.Second, order: sim.Serial}
	if r.IntN(2) == 0 {
		tr.order = sim.Unordered
	}
	if r.IntN(2) == 0 {
		tr.pace = 100_000
	}
	return tr
}

// Each value of each key is calibrated back, all others being the default.
func TestEachValue(t *testing.T) {
	for _, key := range wire.Keys() {
		for _, value := range key.Values[1:] {
			t.Run(key.Name+"="+value, func(t *testing.T) {
				d := wire.Default()
				if err := d.Set(key.Name + "=" + value); err != nil {
					t.Fatal(err)
				}
				tr := randomTraffic(rand.New(rand.NewPCG(1, 1)), d)
				got := play(t, tr, cover(1, 100))
				wantAll(t, calibrated(calibrate.Options{Calls: got.deeds}, got.exchanges...), d)
			})
		}
	}
}

// soak is how many random worlds a property is tried on.
func soak(few, many int) int {
	switch {
	case os.Getenv("RINGBACK_SOAK") != "":
		return many
	case testing.Short():
		return max(1, few/5)
	}
	return few
}

// Random dialects are calibrated back.
func TestRoundTrip(t *testing.T) {
	for seed := range uint64(soak(10, 1000)) {
		r := rand.New(rand.NewPCG(seed, 7))
		d := randomDialect(r)
		got := play(t, randomTraffic(r, d), cover(seed, 200))
		wantAll(t, calibrated(calibrate.Options{Calls: got.deeds}, got.exchanges...), d)
		if t.Failed() {
			t.Fatalf("seed %d: %d exchanges", seed, len(got.exchanges))
		}
	}
}
