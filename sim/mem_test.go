package sim_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/wire"
)

// BenchmarkLiveCalls places calls that all stay alive and reports what each
// takes in memory, without pending deliveries: the engine's own bytes, and
// those of the texts that came with the call, its users' ids. Run it with
// -benchtime 1000000x: what maps and slices hold in reserve depends on N.
func BenchmarkLiveCalls(b *testing.B) {
	for _, bench := range []struct {
		name    string
		planned bool // accepts, talks and hangs up
		called  bool // its callbacks so far were sent and acknowledged
	}{
		{name: "bare"},
		{name: "planned", planned: true},
		{name: "acked", called: true},
	} {
		b.Run(bench.name, func(b *testing.B) {
			p := newCrowd(b, bench.called, false)
			ids, own := make([][2]string, b.N), heap()
			for i := range ids {
				ids[i] = [2]string{fmt.Sprintf("caller-%07d", i), fmt.Sprintf("callee-%07d", i)}
			}
			texts := heap() - own
			own = heap()
			b.ResetTimer()
			for i := range b.N {
				in := sim.Place{
					Setup:      call.Setup{App: 1400000001, Caller: ids[i][0], Callees: []string{ids[i][1]}, Device: phone},
					Generation: wire.V1,
				}
				if bench.planned {
					in.Plan = talk(b, &in.Setup, 3*time.Second, time.Minute)
				}
				p.do(in)
			}
			b.StopTimer()
			p.sends = nil
			b.ReportMetric(float64(heap()-own)/float64(b.N), "B/call")
			b.ReportMetric(float64(texts)/float64(b.N), "B/ids")
			runtime.KeepAlive(ids)
			runtime.KeepAlive(p)
		})
	}
}

// heap is how many bytes are alive.
func heap() uint64 {
	runtime.GC()
	runtime.GC() // what the first one found dead may have kept something in pools
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkCrowd has N calls alive at once, each with ids of its own, and plays
// them to their end: they are answered within the time that phones ring, and
// hang up over the next ten minutes. It times the playing, not the placing. Run
// it with -benchtime 1000000x.
func BenchmarkCrowd(b *testing.B) {
	b.Run("kept", func(b *testing.B) { benchmarkCrowd(b, false) })
	b.Run("recycled", func(b *testing.B) { benchmarkCrowd(b, true) })
}

func benchmarkCrowd(b *testing.B, recycle bool) {
	p := newCrowd(b, true, recycle)
	for i := range b.N {
		p.gather(i)
	}
	runtime.GC()
	before := p.engine.State().Seq
	b.ResetTimer()
	p.finish()
	b.StopTimer()
	st := p.engine.State()
	if st.Live != 0 {
		b.Fatalf("%d calls are left", st.Live)
	}
	b.ReportMetric(float64(st.Seq-before)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkSteady has N calls alive, and for each that ends another one begins,
// until all of the first are over: a load generator's steady state.
func BenchmarkSteady(b *testing.B) {
	b.Run("kept", func(b *testing.B) { benchmarkSteady(b, false) })
	b.Run("recycled", func(b *testing.B) { benchmarkSteady(b, true) })
}

func benchmarkSteady(b *testing.B, recycle bool) {
	p := newCrowd(b, true, recycle)
	for i := range b.N {
		p.gather(i)
	}
	runtime.GC()
	st := p.engine.State()
	before := st.Seq
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; i < b.N; {
		for ; i < b.N && st.Live < b.N; i++ {
			p.gather(i)
		}
		p.now, _ = p.engine.Next()
		p.do(sim.Tick{})
	}
	b.StopTimer()
	b.ReportMetric(float64(st.Seq-before)/b.Elapsed().Seconds(), "events/s")
}

// gather places the i-th of N calls.
func (c *crowd) gather(i int) {
	if i == len(c.ids) {
		c.ids = append(c.ids, [2]string{fmt.Sprintf("caller-%07d", i), fmt.Sprintf("callee-%07d", i)})
	}
	in := sim.Place{
		Setup:      call.Setup{App: 1400000001, Caller: c.ids[i][0], Callees: c.ids[i][1:], Device: phone},
		Generation: wire.V1,
	}
	rank := i * 7919 % c.b.N // so that they do not end in the order in which they began
	ring := time.Duration(rank%29)*time.Second + time.Duration(rank%1000)*time.Millisecond
	talk := time.Duration(30+rank%600) * time.Second
	if !c.recycles {
		c.plan = nil
	}
	c.plan = append(c.plan[:0],
		call.Step{After: call.Span(ring), Action: call.Action{Do: call.DoAccept, By: c.ids[i][1]}},
		call.Step{After: call.Span(ring + talk), Action: call.Action{Do: call.DoHangUp, By: c.ids[i][0]}})
	in.Plan = c.plan
	c.do(in)
}

// crowd drives an engine as fast as it goes: every attempt is acknowledged at
// once, and nothing is written down.
type crowd struct {
	b      *testing.B
	engine *sim.Engine
	now    call.Instant
	sends  []sim.Send
	answer delivery.Answer

	ids      [][2]string // of callers and callees
	recycles bool
	plan     []call.Step
}

func newCrowd(b *testing.B, registered, recycle bool) *crowd {
	cfg := config()
	cfg.Dialect = wire.Default()
	cfg.Keep, cfg.Exclusive, cfg.Order, cfg.Recycle = 0, false, sim.Unordered, recycle
	c := &crowd{b: b, engine: sim.New(cfg), now: epoch, answer: ok(nil), recycles: recycle}
	c.engine.Begin()
	if registered {
		c.do(registration(b))
	}
	return c
}

// talk is the plan of a call that is answered and hung up.
func talk(b *testing.B, s *call.Setup, ring, talk time.Duration) []call.Step {
	plan, err := sim.Outcome{Result: call.NormalEnd, Ring: ring, Talk: talk}.Plan(s)
	if err != nil {
		b.Fatal(err)
	}
	return plan
}

// do gives the engine an input, and answers what it sends.
func (c *crowd) do(in sim.Input) {
	fx, err := c.engine.Step(c.now, in)
	if err != nil {
		c.b.Fatal(err)
	}
	c.note(fx)
	for len(c.sends) > 0 {
		s := c.sends[len(c.sends)-1]
		c.sends = c.sends[:len(c.sends)-1]
		fx, err := c.engine.Step(c.now, sim.Answered{Delivery: s.Delivery, Attempt: s.Attempt, Answer: &c.answer})
		if err != nil {
			c.b.Fatal(err)
		}
		c.note(fx)
	}
}

func (c *crowd) note(fx []sim.Effect) {
	for i := range fx {
		if fx[i].Send != nil {
			c.sends = append(c.sends, *fx[i].Send)
		}
	}
}

// finish plays until nothing is left to do.
func (c *crowd) finish() {
	for next, more := c.engine.Next(); more; next, more = c.engine.Next() {
		c.now = next
		c.do(sim.Tick{})
	}
}
