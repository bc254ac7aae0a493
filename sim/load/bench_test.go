package load

import (
	"testing"
	"time"

	"ringback/fixtures"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/run"
	"ringback/sim/traffic"
	"ringback/sim/wire"
)

func BenchmarkWhole(b *testing.B) {
	text, ok := fixtures.Preset("consumer")
	_ = ok
	m, err := traffic.Parse(text)
	if err != nil {
		b.Fatal(err)
	}
	e, _ := delivery.ParseEndpoint("http://127.0.0.1:1/cb")
	l, err := New(Config{Model: m, Run: journal.Run{Seed: 1, Token: "t", Epoch: 1767225600000}, App: 1400000001, Generation: wire.V1, Endpoint: e,
		NewSender: func() run.Sender { return run.Acknowledging{} }, Max: true, Duration: 2 * time.Second})
	if err != nil {
		b.Fatal(err)
	}
	t := time.Now()
	if err := l.Play(b.Context()); err != nil {
		b.Fatal(err)
	}
	r := l.Report()
	b.ReportMetric(float64(time.Since(t).Nanoseconds())/float64(r.Attempts), "ns/attempt")
}
