package load_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"ringback/sim/delivery"
	"ringback/sim/load"
	"ringback/sim/run"
	"ringback/sim/wire"
)

// BenchmarkAttempt measures the cost of an attempt without the network: one second
// of load on a receiver that answers at once.
func BenchmarkAttempt(b *testing.B) {
	for b.Loop() {
		cfg := config(b, &receiver{})
		cfg.NewSender = func() run.Sender { return run.Acknowledging{} }
		cfg.Calls, cfg.Max, cfg.Compress, cfg.Duration, cfg.Generation = 0, true, 0, time.Second, wire.V1
		l, err := load.New(cfg)
		if err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		if err := l.Run(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(time.Since(began).Nanoseconds())/float64(l.Report().Attempts), "ns/attempt")
	}
}

// In the steady state an attempt allocates next to nothing: a call's memory is
// shared by its attempts, and most of it is recycled from another call.
func TestAttemptsAllocateNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("counts what the race detector allocates, too")
	}
	const from, to = 40_000, 60_000
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var before, after runtime.MemStats
	cfg := config(t, &receiver{answer: func(n uint64, _ *delivery.Request, _ *delivery.Answer) {
		switch n {
		case from:
			runtime.ReadMemStats(&before)
		case to:
			runtime.ReadMemStats(&after)
			cancel()
		}
	}})
	cfg.Calls, cfg.Max, cfg.Compress, cfg.Duration, cfg.Generation = 0, true, 0, time.Minute, wire.V1
	cfg.Model.Users = 1000 // all of whom have called by then
	l, err := load.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Run(ctx); err != nil {
		t.Fatal(err)
	}
	each := float64(after.Mallocs-before.Mallocs) / (to - from)
	if t.Logf("%.2f allocations an attempt", each); each > 1 {
		t.Errorf("want less than one")
	}
}

// Preparing a run allocates little: the heap that it leaves is part of the peak of the
// run.
func TestPreparationIsSmall(t *testing.T) {
	if testing.Short() {
		t.Skip("counts what the race detector allocates, too")
	}
	cfg := config(t, &receiver{})
	cfg.Calls, cfg.Max, cfg.Compress, cfg.Generation = 0, true, 0, wire.V1
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := load.New(cfg); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	allocated := (after.TotalAlloc - before.TotalAlloc) >> 10
	if t.Logf("%d KiB allocated", allocated); allocated > 3<<10 {
		t.Errorf("want at most 3 MiB")
	}
}
