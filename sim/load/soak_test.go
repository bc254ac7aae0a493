package load_test

import (
	"os"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"ringback/sim/delivery"
	"ringback/sim/load"
	"ringback/sim/wire"
)

// An hour of load, in synthetic time, takes no more memory at its end than
// after ten minutes, and its ledger balances.
func TestHour(t *testing.T) {
	r := hour(t, func(n uint64, a *delivery.Answer) {
		time.Sleep(2 * time.Millisecond) // of the bubble
		if n%100 == 0 {
			a.Status = 503
		}
	}, func(cfg *load.Config) { cfg.Callbacks = 2000 })
	if r.Unfinished != 0 || r.Abandoned != 0 || r.Acked != r.Callbacks {
		t.Errorf("%d of %d acknowledged", r.Acked, r.Callbacks)
	}
}

// The same holds for an hour of overload, of which the receiver takes a tenth, so
// that the backlog is full the whole time.
func TestHourOfOverload(t *testing.T) {
	r := hour(t, func(uint64, *delivery.Answer) {
		time.Sleep(80 * time.Millisecond) // of the bubble
	}, func(cfg *load.Config) {
		cfg.Callbacks, cfg.Connections, cfg.Backlog = 1000, 8, 10_000
	})
	near(t, "acknowledged a second", r.RateAcked, 100, 3)
	if r.Overload.Waiting != 10_000 || r.Dropped < 3_000_000 {
		t.Errorf("%d waited at most, %d dropped", r.Overload.Waiting, r.Dropped)
	}
}

func hour(t *testing.T, answer func(n uint64, a *delivery.Answer), change func(*load.Config)) (r *load.Report) {
	if os.Getenv("RINGBACK_SOAK") == "" {
		t.Skip("plays millions of callbacks; RINGBACK_SOAK=1 does it")
	}
	synctest.Test(t, func(t *testing.T) {
		cfg := config(t, &receiver{answer: func(n uint64, _ *delivery.Request, a *delivery.Answer) { answer(n, a) }})
		cfg.Calls, cfg.Duration, cfg.Generation = 0, time.Hour, wire.V1
		change(&cfg)
		l, err := load.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error)
		go func() { done <- l.Run(t.Context()) }()
		heap := func() float64 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			return float64(m.HeapAlloc) / (1 << 20)
		}
		time.Sleep(10 * time.Minute)
		early := heap()
		time.Sleep(49 * time.Minute)
		late := heap()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		r = l.Report()
		if err := r.Balance(); err != nil {
			t.Error(err)
		}
		t.Logf("%d callbacks in %d attempts; the heap was %.1f MB after 10 minutes and %.1f MB after 59", r.Callbacks, r.Attempts, early, late)
		if late > 1.25*early+1 {
			t.Errorf("the heap grew from %.1f MB to %.1f MB", early, late)
		}
	})
	return r
}
