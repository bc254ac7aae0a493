package load_test

import (
	"context"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/fixtures"
	"ringback/fixtures/harness"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/load"
	"ringback/sim/run"
	"ringback/sim/traffic"
	"ringback/sim/wire"
)

// receiver answers attempts without a network. It is shared by all senders.
type receiver struct {
	answer func(n uint64, r *delivery.Request, a *delivery.Answer) // n counts attempts from 1
	n      atomic.Uint64
}

func (r *receiver) sender() run.Sender { return &sender{receiver: r, closed: make(chan struct{})} }

type sender struct {
	*receiver
	once   sync.Once
	closed chan struct{}
}

func (s *sender) Send(r *delivery.Request, _ delivery.Transport, a *delivery.Answer) {
	began := time.Now()
	*a = delivery.Answer{Connected: true, Status: 200, Body: good}
	s.answer(s.n.Add(1), r, a)
	a.Took = time.Since(began)
}

func (s *sender) Close() { s.once.Do(func() { close(s.closed) }) }

var good = []byte(`{"ErrorCode":0,"ErrorInfo":"","ActionStatus":"OK"}`)

// took answers after a while.
func took(d time.Duration) func(uint64, *delivery.Request, *delivery.Answer) {
	return func(uint64, *delivery.Request, *delivery.Answer) {
		time.Sleep(d) // of the bubble
	}
}

func config(t testing.TB, r *receiver) load.Config {
	t.Helper()
	text, _ := fixtures.Preset("consumer")
	m, err := traffic.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	endpoint := harness.Endpoint(t, "http://127.0.0.1:3000/cb")
	return load.Config{
		Model: m, Run: journal.Run{Seed: 1, Epoch: harness.Epoch, Token: "t"},
		App: 1, Generation: wire.Both, Endpoint: endpoint, NewSender: r.sender, Calls: 50, Duration: 10 * time.Second, Compress: 60,
	}
}

// play runs a load in a synctest bubble.
func play(t *testing.T, change func(*load.Config), answer func(uint64, *delivery.Request, *delivery.Answer)) *load.Report {
	t.Helper()
	var r *load.Report
	synctest.Test(t, func(t *testing.T) {
		cfg := config(t, &receiver{answer: answer})
		if change != nil {
			change(&cfg)
		}
		l, err := load.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		r = l.Report()
	})
	if err := r.Balance(); err != nil {
		t.Error(err)
	}
	return r
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.Abs(got-want) > tolerance {
		t.Errorf("%s: %g, want %g within %g", what, got, want, tolerance)
	}
}

func TestCalls(t *testing.T) {
	r := play(t, nil, took(3*time.Millisecond))
	if r.Calls != 500 {
		t.Errorf("%d calls in 10 s at 50/s", r.Calls)
	}
	if r.Acked != r.Callbacks || r.Attempts != r.Callbacks || r.Unfinished != 0 || r.Callbacks < 2000 {
		t.Errorf("%d callbacks, %d acknowledged in %d attempts", r.Callbacks, r.Acked, r.Attempts)
	}
	near(t, "p50", r.Latency.P50, 3, 1)
	near(t, "rate", r.RateAchieved*r.DurationS, float64(r.Callbacks), 0.001)
	if len(r.ByCommand) < 15 || r.ByCommand["caller_start_call"].Callbacks == 0 || r.ByCommand["Call.CallbackAfterEndCall"].Callbacks == 0 {
		t.Errorf("commands: %v", r.ByCommand)
	}
	sum := uint64(0)
	for _, c := range r.ByCommand {
		sum += c.Callbacks
	}
	if sum != r.Callbacks {
		t.Errorf("%d callbacks by command, %d in all", sum, r.Callbacks)
	}
}

// A load in the steady state has its rate from the first second on.
func TestCallbacks(t *testing.T) {
	r := play(t, func(c *load.Config) { c.Calls, c.Callbacks = 0, 1000 }, took(time.Millisecond))
	near(t, "rate achieved", r.RateAchieved, 1000, 50)
	for i, p := range r.Series[:10] {
		near(t, fmt.Sprint("callbacks in second ", i), float64(p.Due), 1000, 150)
	}
}

func TestRamp(t *testing.T) {
	r := play(t, func(c *load.Config) { c.Ramp, c.Compress = 4*time.Second, 1e6 }, took(time.Millisecond))
	first, fourth := float64(r.Series[0].Due), float64(r.Series[3].Due)
	if first > fourth/4 {
		t.Errorf("%g callbacks in the first second of the ramp, %g in its last", first, fourth)
	}
	due := uint64(0)
	for _, p := range r.Series {
		due += p.Due
	}
	if r.Calls != 500 || due <= r.Callbacks {
		t.Errorf("%d calls, %d callbacks of %d are measured", r.Calls, r.Callbacks, due)
	}
}

// The schedule does not wait: a receiver that freezes for a second shows it in
// the latency of all that became due meanwhile.
func TestFrozen(t *testing.T) {
	var frozen atomic.Int64
	r := play(t, func(c *load.Config) { c.Callbacks, c.Calls, c.Duration = 1000, 0, 20*time.Second },
		func(n uint64, _ *delivery.Request, _ *delivery.Answer) {
			if n == 5000 {
				frozen.Store(time.Now().UnixNano())
			}
			if at := frozen.Load(); at != 0 {
				time.Sleep(max(0, time.Second-time.Since(time.Unix(0, at)))) // of the bubble
			}
			time.Sleep(time.Millisecond) // of the bubble
		})
	near(t, "p50", r.Latency.P50, 1.5, 1)
	near(t, "p99", r.Latency.P99, 800, 150)
	near(t, "max", r.Latency.Max, 1000, 50)
	near(t, "callbacks", float64(r.Callbacks), 20_000, 600)
	if r.Acked != r.Callbacks {
		t.Errorf("%d of %d acknowledged", r.Acked, r.Callbacks)
	}
}

// A receiver that fails for ten seconds gets every callback in the end, by the
// schedule, and the echo of the retries shows in the series.
func TestRetryStorm(t *testing.T) {
	var begin sync.Once
	var began time.Time
	r := play(t, func(c *load.Config) { c.Generation, c.Duration = wire.V1, 15*time.Second },
		func(_ uint64, _ *delivery.Request, a *delivery.Answer) {
			begin.Do(func() { began = time.Now() })
			if time.Since(began) < 10*time.Second {
				a.Status = 500
			}
			time.Sleep(time.Millisecond) // of the bubble
		})
	if r.Acked != r.Callbacks || r.Abandoned != 0 {
		t.Errorf("%d of %d acknowledged, %d abandoned", r.Acked, r.Callbacks, r.Abandoned)
	}
	if r.Reasons["status_5xx"] != r.AttemptsRejected || r.Retries < r.Callbacks {
		t.Errorf("%d rejected, %d retries: %v", r.AttemptsRejected, r.Retries, r.Reasons)
	}
	near(t, "slowest attempt", r.Latency.Max, 1, 1)
	near(t, "slowest callback", r.Delivery.Max, 12_000, 100) // all seven attempts
	if storm, calm := r.Series[9].Retries, r.Series[14].Retries; storm < 100 || calm > storm {
		t.Errorf("%d retries in the tenth second, %d in the fifteenth", storm, calm)
	}
}

// What a fault does is done under load, too.
func TestFaults(t *testing.T) {
	r := play(t, func(c *load.Config) { c.Faults = []string{"drop:20%"} }, took(time.Millisecond))
	near(t, "share lost", float64(r.Lost)/float64(r.Callbacks), 0.2, 0.03)
	if r.Abandoned != r.Lost || r.Acked+r.Lost != r.Callbacks {
		t.Errorf("%+v", r)
	}
}

// The ledger balances whenever the run is stopped, and while it goes on.
func TestStopped(t *testing.T) {
	for _, after := range []time.Duration{0, 10 * time.Millisecond, 2500 * time.Millisecond, 11 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			cfg := config(t, &receiver{answer: func(n uint64, _ *delivery.Request, a *delivery.Answer) {
				time.Sleep(300 * time.Millisecond)
				if n%3 == 0 {
					a.Status = 500
				}
			}})
			l, err := load.New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), after)
			defer cancel()
			done := make(chan error)
			go func() { done <- l.Run(ctx) }()
			time.Sleep(after / 2)
			if err := l.Report().Balance(); err != nil {
				t.Errorf("in the middle: %v", err)
			}
			if err := <-done; err != nil {
				t.Fatal(err)
			}
			if err := l.Report().Balance(); err != nil {
				t.Errorf("stopped after %s: %v", after, err)
			}
		})
	}
}

// A receiver that takes half of what is asked for shows in the figures, though the
// schedule does not wait for it and the drain settles every callback.
func TestOverload(t *testing.T) {
	r := play(t, func(c *load.Config) { c.Calls, c.Callbacks, c.Connections = 0, 1600, 8 }, took(10*time.Millisecond))
	if r.Unfinished != 0 || r.Acked != r.Callbacks {
		t.Errorf("%d of %d acknowledged, %d unfinished", r.Acked, r.Callbacks, r.Unfinished)
	}
	near(t, "rate achieved", r.RateAchieved, 1600, 100)
	near(t, "rate acknowledged", r.RateAcked, 800, 10)
	near(t, "behind", r.Behind, 5000, 200)
	near(t, "drain", r.DrainS, 10, 1)
	for _, expr := range []string{"achieved>60%", "behind<1s"} {
		th, err := load.ParseThreshold(expr)
		if err != nil {
			t.Fatal(err)
		}
		if result := th.Check(r); result.OK {
			t.Errorf("%s: kept, at %s", expr, result.Text)
		}
	}
}

// With Max, calls that last long and send no callback before their end do not pile up:
// there are 80,000 at most, whatever the number of connections and of processors.
func TestMaxOfLongCalls(t *testing.T) {
	if testing.Short() {
		t.Skip("plays eighty thousand calls")
	}
	r := play(t, func(c *load.Config) {
		c.Calls, c.Max, c.Connections, c.Compress, c.Duration = 0, true, 2, 1, time.Second
		c.Words = []wire.Word{wire.StatusNormalEnd}
	}, took(time.Millisecond))
	if r.Calls < 80_000 || r.Calls > 85_000 {
		t.Errorf("%d calls of minutes started in a second, want 80,000 and as many as ended meanwhile", r.Calls)
	}
}

func TestMax(t *testing.T) {
	r := play(t, func(c *load.Config) {
		c.Calls, c.Compress, c.Max, c.Connections, c.Duration = 0, 0, true, 16, 2*time.Second
	}, took(10*time.Millisecond))
	near(t, "callbacks a second over 16 connections that take 10 ms", r.RateAchieved, 1600, 30)
	near(t, "p50", r.Latency.P50, 10, 1)
}

func TestNoDrain(t *testing.T) {
	r := play(t, func(c *load.Config) { c.NoDrain, c.Generation = true, wire.V1 }, func(_ uint64, _ *delivery.Request, a *delivery.Answer) { a.Status = 500 })
	if r.Unfinished == 0 || r.DrainS > 0.1 {
		t.Errorf("%d callbacks unfinished after a drain of %gs", r.Unfinished, r.DrainS)
	}
}

// Equal seeds make equal calls, so equal counts, whatever the receiver does.
func TestEqualSeeds(t *testing.T) {
	counts := func(d time.Duration) map[string]uint64 {
		m := map[string]uint64{}
		for name, c := range play(t, nil, took(d)).ByCommand {
			m[name] = c.Callbacks
		}
		return m
	}
	if diff := cmp.Diff(counts(time.Millisecond), counts(100*time.Millisecond)); diff != "" {
		t.Errorf("a fast and a slow receiver got other callbacks:\n%s", diff)
	}
}

func TestConfigErrors(t *testing.T) {
	for _, change := range []func(*load.Config){
		func(c *load.Config) { c.Max = true },
		func(c *load.Config) { c.Calls = 0 },
		func(c *load.Config) { c.Duration = 0 },
		func(c *load.Config) { c.Ramp = -1 },
		func(c *load.Config) { c.Compress = -1 },
		func(c *load.Config) { c.Model = nil },
	} {
		cfg := config(t, &receiver{})
		change(&cfg)
		if _, err := load.New(cfg); err == nil {
			t.Errorf("%+v was taken", cfg)
		}
	}
}
