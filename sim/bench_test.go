package sim_test

import (
	"testing"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/wire"
)

// BenchmarkEngine plays whole calls without a network: facts, callbacks with
// their bytes, attempts and acknowledged answers.
func BenchmarkEngine(b *testing.B) {
	b.Run("kept", func(b *testing.B) { benchmarkEngine(b, false) })
	b.Run("recycled", func(b *testing.B) { benchmarkEngine(b, true) })
}

func benchmarkEngine(b *testing.B, recycle bool) {
	cfg := config()
	cfg.Dialect = wire.Default()
	cfg.Keep, cfg.Exclusive, cfg.Order, cfg.Recycle = 0, false, sim.Unordered, recycle
	e := sim.New(cfg)
	e.Begin()
	ep := endpoint(b, "http://127.0.0.1:9080/cb")
	_, _ = e.Step(epoch, sim.Register{App: 1400000001, Generation: wire.Both, Endpoint: ep, Typed: true, Words: wire.AllWords()})
	plan, _ := sim.Outcome{Result: call.NormalEnd, Ring: 3 * time.Second, Talk: 9 * time.Second}.Plan(&call.Setup{Caller: "alice", Callees: []string{"bob"}})
	answer := ok(nil)
	var sends []sim.Send
	now := epoch
	settle := func() {
		for _, s := range sends {
			_, _ = e.Step(now, sim.Answered{Delivery: s.Delivery, Attempt: s.Attempt, Answer: &answer})
		}
		sends = sends[:0]
	}
	callees := []string{"bob"}
	b.ReportAllocs()
	for b.Loop() {
		fx, err := e.Step(now, sim.Place{
			Setup: call.Setup{App: 1400000001, Caller: "alice", Callees: callees, Device: phone}, Generation: wire.V1, Plan: plan,
		})
		if err != nil {
			b.Fatal(err)
		}
		for ; ; fx, _ = e.Step(now, sim.Tick{}) {
			for i := range fx {
				if fx[i].Send != nil {
					sends = append(sends, *fx[i].Send)
				}
			}
			settle()
			next, more := e.Next()
			if !more {
				break
			}
			now = next
		}
	}
	b.ReportMetric(float64(e.State().Seq)/b.Elapsed().Seconds(), "events/s")
}
