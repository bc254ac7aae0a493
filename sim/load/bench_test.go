package load_test

import (
	"testing"
	"time"

	"ringback/sim/load"
	"ringback/sim/run"
	"ringback/sim/wire"
)

// BenchmarkAttempt tells what an attempt costs without the network: one second
// of load on a receiver that answers at once.
func BenchmarkAttempt(b *testing.B) {
	for b.Loop() {
		cfg := config(b, &receiver{})
		cfg.NewSender = func() run.Sender { return run.Acknowledging{} }
		cfg.Calls, cfg.Max, cfg.Duration, cfg.Generation = 0, true, time.Second, wire.V1
		l, err := load.New(cfg)
		if err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		if err := l.Play(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(time.Since(began).Nanoseconds())/float64(l.Report().Attempts), "ns/attempt")
	}
}
