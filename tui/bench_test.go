package tui_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/wire"
	"ringback/tui"
)

// crowd is a run with 10,000 calls and 100,000 attempts on its screen, which
// goes on.
func crowd(b *testing.B) *stage {
	s := newStage(b, func(c *tui.Config) { c.Keep = 1 << 40 })
	s.engine = sim.New(sim.Config{
		Run: journal.Run{Version: "test", Seed: 1, Epoch: epoch, Token: "test"}, Dialect: wire.Default(), Order: sim.Unordered, Keep: journal.Keep,
	})
	s.events, s.model = nil, tui.New(s, tui.Config{App: app, Generation: wire.V1, Device: device, Keep: 1 << 40})
	s.take(s.engine.Begin())
	at, err := delivery.ParseEndpoint("http://127.0.0.1:3000/cb")
	if err != nil {
		b.Fatal(err)
	}
	s.do(sim.Register{App: app, Generation: wire.V1, Endpoint: at, Typed: true, Words: wire.AllWords()})
	n := 0
	s.answer = func(send *sim.Send) delivery.Answer {
		if n++; n%4 == 0 { // a quarter is retried
			return answers(500, `{"ErrorCode":1}`)(send)
		}
		return ok(send)
	}
	for s.model != nil && attemptsOf(s) < 100_000 {
		s.next()
		s.look()
	}
	return s
}

func attemptsOf(s *stage) uint64 { return s.engine.State().Totals.Attempts }

// next places a call and plays on.
func (s *stage) next() {
	setup := call.Setup{App: app, Caller: fmt.Sprintf("user%d", s.engine.State().Placed), Callees: []string{"bob"}, Device: device}
	plan, err := sim.Outcome{Result: call.NormalEnd, Ring: 3 * time.Second, Talk: 9 * time.Second}.Plan(&setup)
	if err != nil {
		s.t.Fatal(err)
	}
	s.do(sim.Place{Setup: setup, Generation: wire.V1, Plan: plan})
	end := s.now.Add(time.Second)
	s.settle()
	for at, more := s.engine.Next(); more && at <= end; at, more = s.engine.Next() {
		s.now = max(s.now, at)
		fx, _ := s.engine.Step(s.now, sim.Tick{})
		s.take(fx)
		s.settle()
	}
	s.now = end
}

// BenchmarkCrowd is a second of the screen with 10,000 calls and 100,000
// attempts on it and 500 events coming in: 20 pictures, and what a key takes
// until its answer is drawn. ms/s is the share of one core.
func BenchmarkCrowd(b *testing.B) {
	s := crowd(b)
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for _, size := range [][2]int{{120, 36}, {200, 50}} {
		b.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(b *testing.B) {
			s.t = b
			s.size(size[0], size[1])
			events, spent, worst := 0, time.Duration(0), time.Duration(0)
			for b.Loop() {
				for range 20 {
					for len(s.events) < 25 { // not the screen's work
						s.next()
					}
					batch := s.events
					s.events = batch[:25:25]
					events += 25
					began := time.Now()
					s.look()
					_ = s.model.View()
					spent += time.Since(began)
					s.events = batch[25:]
				}
				for _, k := range "jk3jk1s!" {
					began := time.Now()
					s.model.Update(tea.KeyPressMsg{Code: k, Text: string(k)})
					_ = s.model.View()
					worst = max(worst, time.Since(began))
				}
				for _, k := range []tea.KeyPressMsg{
					{Code: '/', Text: "/"},
					{Code: '5', Text: "5"},
					{Code: '0', Text: "0"},
					{Code: '|', Text: "|"},
					{Code: tea.KeyEnter},
					{Code: tea.KeyEscape},
				} {
					began := time.Now()
					s.model.Update(k)
					_ = s.model.View()
					worst = max(worst, time.Since(began))
				}
			}
			b.ReportMetric(float64(spent.Microseconds())/1000/float64(b.N), "ms/s")
			b.ReportMetric(float64(worst.Microseconds())/1000, "worst-key-ms")
			b.ReportMetric(float64(before.HeapAlloc)/1e6, "heap-MB")
		})
	}
}
