package sim_test

import (
	"runtime"
	"testing"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/wire"
)

// BenchmarkLiveCalls places calls that all stay alive and reports what each
// takes in memory, without pending deliveries.
func BenchmarkLiveCalls(b *testing.B) {
	cfg := config()
	cfg.Keep, cfg.Exclusive = 0, false
	e := sim.New(cfg)
	e.Begin()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	callees := []string{"bob"}
	for b.Loop() {
		if _, err := e.Step(epoch, sim.Place{
			Setup: call.Setup{App: 1400000001, Caller: "alice", Callees: callees, Device: phone}, Generation: wire.V1,
		}); err != nil {
			b.Fatal(err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(b.N), "B/call")
	runtime.KeepAlive(e)
}
