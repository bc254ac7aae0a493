package load_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ringback/sim/delivery"
	"ringback/sim/load"
	"ringback/sim/run"
	"ringback/sim/wire"
)

// temper is a receiver's behavior: how long it takes and how it answers, given the
// time since the run began and the number of attempts so far. What takes longer than
// the timeout times out.
type temper func(since time.Duration, n uint64) (time.Duration, delivery.Answer)

var acked = delivery.Answer{Connected: true, Status: 200, Body: good}

const forever = time.Hour

var tempers = map[string]temper{
	"fast": func(time.Duration, uint64) (time.Duration, delivery.Answer) { return time.Millisecond, acked },
	"slow": func(time.Duration, uint64) (time.Duration, delivery.Answer) { return 150 * time.Millisecond, acked },
	"frozen": func(since time.Duration, _ uint64) (time.Duration, delivery.Answer) {
		return max(time.Millisecond, min(since, time.Second)*5-since), acked
	},
	"killed": func(since time.Duration, _ uint64) (time.Duration, delivery.Answer) {
		if since < time.Second {
			return time.Millisecond, acked
		}
		return time.Millisecond, delivery.Answer{Failure: delivery.Refused}
	},
	"hanging": func(time.Duration, uint64) (time.Duration, delivery.Answer) { return forever, acked },
	"hanging now and then": func(_ time.Duration, n uint64) (time.Duration, delivery.Answer) {
		return time.Duration(n%7/6) * forever, acked
	},
	"refusing": func(time.Duration, uint64) (time.Duration, delivery.Answer) {
		return time.Millisecond, delivery.Answer{Connected: true, Status: 503}
	},
}

// moody is a sender to a receiver of a temper. Closing it interrupts an attempt.
type moody struct {
	*receiver
	temper  temper
	began   time.Time
	timeout time.Duration
	once    sync.Once
	closed  chan struct{}
}

func (s *moody) Send(_ *delivery.Request, _ delivery.Transport, a *delivery.Answer) {
	at := time.Now()
	var takes time.Duration
	takes, *a = s.temper(at.Sub(s.began), s.n.Add(1))
	if takes > s.timeout {
		takes, *a = s.timeout, delivery.Answer{Connected: true, Failure: delivery.TimedOut}
	}
	t := time.NewTimer(takes)
	defer t.Stop()
	select {
	case <-t.C:
	case <-s.closed:
		*a = delivery.Answer{Failure: delivery.Stopped}
	}
	a.Took = time.Since(at)
}

func (s *moody) Close() { s.once.Do(func() { close(s.closed) }) }

// against makes the receiver of a configuration behave like a temper. Call it in
// the bubble of the run.
func against(cfg *load.Config, how temper) {
	r, began := new(receiver), time.Now()
	cfg.NewSender = func() run.Sender {
		return &moody{receiver: r, temper: how, began: began, timeout: cfg.Timeout, closed: make(chan struct{})}
	}
}

// idle and starving are the processor times of a machine with all its processors to
// spare, and of one whose processors are all in use.
func idle() time.Duration { return 0 }

func starving() func() time.Duration {
	began := time.Now()
	return func() time.Duration { return time.Duration(runtime.GOMAXPROCS(0)) * time.Since(began) }
}

// Whatever the receiver does, whatever the load is, and whenever it is stopped, both
// sums of the report hold, the backlog is kept, and the run ends when it says.
func TestLedger(t *testing.T) {
	names := []string{"fast", "slow", "frozen", "killed", "hanging", "hanging now and then", "refusing"}
	seeds := uint64(14) // each twice
	if testing.Short() {
		seeds = 7
	}
	if os.Getenv("RINGBACK_SOAK") != "" {
		seeds = 600
	}
	for seed := range seeds {
		rng := rand.New(rand.NewPCG(seed, 7))
		pick := func(n int) int { return rng.IntN(n) }
		name := names[int(seed)%len(names)]
		var r *load.Report
		var cfg load.Config
		var lasted time.Duration
		stopped := time.Duration(-1)
		synctest.Test(t, func(t *testing.T) {
			cfg = config(t, nil)
			cfg.Run.Seed = seed
			cfg.Calls, cfg.Callbacks, cfg.Max = 0, 0, false
			cfg.Duration, cfg.Timeout = 2*time.Second, time.Duration(100+pick(900))*time.Millisecond
			cfg.Ramp = time.Duration(pick(2)*pick(1000)) * time.Millisecond
			cfg.Connections = 1 + pick(12)
			cfg.Generation = []wire.Generation{wire.V1, wire.V4, wire.Both}[pick(3)]
			switch pick(5) {
			case 0, 1:
				cfg.Callbacks = float64(20 + pick(600))
			case 2:
				cfg.Max, cfg.Compress = true, 0
			default:
				cfg.Calls = float64(5 + pick(100))
			}
			if !cfg.Max {
				cfg.Backlog = pick(2) * (1 + pick(60))
			}
			if pick(3) == 0 {
				cfg.Drain = time.Duration(1+pick(2000)) * time.Millisecond
			}
			cfg.NoDrain = pick(6) == 0
			if pick(2) == 0 {
				cfg.Faults = []string{[]string{"delay=1s:50%", "race=2", "replay=2", "duplicate=3", "drop:30%", "reorder", "late=500ms"}[pick(7)]}
			}
			cfg.CPU = idle
			if pick(4) == 0 {
				cfg.CPU = starving()
			}
			cfg.Sample = 5
			against(&cfg, tempers[name])
			l, err := load.New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if pick(3) == 0 {
				stopped = time.Duration(pick(6000)) * time.Millisecond
				time.AfterFunc(stopped, cancel)
			}
			began, done := time.Now(), make(chan error, 1)
			go func() { done <- l.Run(ctx) }()
			for playing := true; playing; {
				select {
				case err := <-done:
					playing = false
					if err != nil {
						t.Fatal(err)
					}
				case <-time.After(time.Duration(1+pick(700)) * time.Millisecond):
					balanced(t, seed, name, l.Report())
				}
			}
			lasted = time.Since(began)
			r = l.Report()
			balanced(t, seed, name, r)
			bound := cfg.Ramp + cfg.Duration + l.Drain()
			if cfg.NoDrain {
				bound += cfg.Timeout
			}
			if stopped >= 0 {
				bound = min(bound, stopped+cfg.Timeout)
			}
			if lasted > bound {
				t.Errorf("seed %d, %s: it took %s, and may take %s", seed, name, lasted, bound)
			}
		})
		if cfg.Backlog > 0 && r.Overload.Waiting > uint64(cfg.Backlog) && cfg.Generation == wire.V4 && len(cfg.Faults) == 0 {
			t.Errorf("seed %d, %s: %d waited of %d that may", seed, name, r.Overload.Waiting, cfg.Backlog)
		}
		if cfg.Max && r.Dropped > 0 {
			t.Errorf("seed %d, %s: a closed loop dropped %d", seed, name, r.Dropped)
		}
		if got := r.Overload.DroppedReceiver + r.Overload.DroppedMachine; got != r.Dropped {
			t.Errorf("seed %d, %s: %d dropped, %d of them with somebody to blame", seed, name, r.Dropped, got)
		}
	}
}

// balanced checks all sums of a report.
func balanced(t *testing.T, seed uint64, name string, r *load.Report) {
	t.Helper()
	if err := r.Balance(); err != nil {
		t.Errorf("seed %d, %s: %v", seed, name, err)
	}
	var all load.Command
	for _, c := range r.ByCommand {
		all.Callbacks += c.Callbacks
		all.Acked += c.Acked
		all.Abandoned += c.Abandoned
		all.Dropped += c.Dropped
	}
	if all.Callbacks != r.Callbacks || all.Acked != r.Acked || all.Abandoned+r.Lost != r.Abandoned || all.Dropped != r.Dropped {
		t.Errorf("seed %d, %s: by command %+v; in all %d, %d acknowledged, %d abandoned (%d lost), %d dropped",
			seed, name, all, r.Callbacks, r.Acked, r.Abandoned, r.Lost, r.Dropped)
	}
	if begun := r.RateAchieved * r.DurationS; r.DurationS > 0 && (begun-float64(r.Callbacks-r.Dropped) > 0.01 || begun-float64(r.Callbacks-r.Dropped) < -0.01) {
		t.Errorf("seed %d, %s: rate_achieved x duration_s is %g, and %d - %d callbacks began", seed, name, begun, r.Callbacks, r.Dropped)
	}
	if r.Waiting > r.Unfinished || r.AttemptsUnfinished > r.Unfinished {
		t.Errorf("seed %d, %s: %d wait and %d attempts are in flight, of %d unfinished callbacks", seed, name, r.Waiting, r.AttemptsUnfinished, r.Unfinished)
	}
}

// A receiver that takes a tenth of the rate: what waits is bounded, the rest is
// dropped, and the receiver is named, with the share of the time.
func TestReceiverDoesNotKeepUp(t *testing.T) {
	r := play(t, func(c *load.Config) {
		c.Calls, c.Callbacks, c.Connections, c.Backlog, c.Duration, c.CPU = 0, 1000, 8, 200, 20*time.Second, idle
	}, took(80*time.Millisecond))
	near(t, "acknowledged a second", r.RateAcked, 100, 2)
	near(t, "dropped", float64(r.Dropped), 17_800, 800)
	near(t, "share of the receiver", r.Overload.ReceiverShare, 1, 0.03)
	near(t, "drain", r.DrainS, 2.1, 0.3)
	near(t, "most that waited", float64(r.Overload.Waiting), 200, 0)
	if o := &r.Overload; o.Bottleneck() != load.Receiver || o.MachineShare != 0 || o.DroppedReceiver != r.Dropped {
		t.Errorf("%+v", o)
	}
	if words := r.OverloadSummary(); !strings.HasPrefix(words, "the receiver did not keep up for ") || !strings.HasSuffix(words, "of the time (all connections waited for its answers); at most 200 waited, of 200 that may") {
		t.Errorf("it says %q", words)
	}
	if p := r.Series[15]; p.Due < 900 || p.Acked > 110 || p.Dropped < 800 || p.Waiting < 190 {
		t.Errorf("in second 15: %+v", p)
	}
	for expr, ok := range map[string]bool{"dropped<100": false, "dropped<95%": true, "dropped>80%": true, "dropped<=50%": false} {
		th, err := load.ParseThreshold(expr)
		if err != nil {
			t.Fatal(err)
		}
		if result := th.Check(r); result.OK != ok {
			t.Errorf("%s: %+v", expr, result)
		}
	}
}

// With the same receiver and a machine whose processors are all in use, the machine
// is the bottleneck, though all connections are busy.
func TestMachineDoesNotKeepUp(t *testing.T) {
	r := play(t, func(c *load.Config) {
		c.Calls, c.Callbacks, c.Connections, c.Backlog, c.CPU = 0, 1000, 8, 200, starving()
	}, took(80*time.Millisecond))
	if o := &r.Overload; o.Bottleneck() != load.Machine || o.ReceiverShare != 0 || o.MachineShare < 0.9 || o.DroppedMachine != r.Dropped || r.Dropped == 0 {
		t.Errorf("%+v, %d dropped", o, r.Dropped)
	}
	if words := r.OverloadSummary(); !strings.HasPrefix(words, "this machine did not keep up for ") {
		t.Errorf("it says %q", words)
	}
}

// A run that keeps up has no bottleneck, however busy the machine is.
func TestAllIsInTime(t *testing.T) {
	r := play(t, func(c *load.Config) { c.CPU = starving() }, took(time.Millisecond))
	if words := r.OverloadSummary(); words != "" || r.Dropped != 0 || r.Overload.Bottleneck() != load.NoSide {
		t.Errorf("%q, %d dropped", words, r.Dropped)
	}
}

// A closed loop drops nothing, and says who set its pace.
func TestPaceOfAClosedLoop(t *testing.T) {
	for side, cpu := range map[load.Side]func() time.Duration{load.Receiver: idle, load.Machine: nil} {
		r := play(t, func(c *load.Config) {
			c.Calls, c.Compress, c.Max, c.Connections, c.Duration = 0, 0, true, 16, 2*time.Second
			if c.CPU = cpu; cpu == nil {
				c.CPU = starving()
			}
		}, took(10*time.Millisecond))
		if words := r.OverloadSummary(); r.Dropped != 0 || !strings.HasPrefix(words, fmt.Sprintf("limited by %s: ", side)) {
			t.Errorf("%q, %d dropped", words, r.Dropped)
		}
	}
}

// The drain against a receiver that never answers ends when it is announced: by
// default when a callback has had all its attempts and waits.
func TestDrainOfAHangingReceiver(t *testing.T) {
	for _, tt := range []struct {
		generation wire.Generation
		drain      time.Duration
		fault      string
		want       time.Duration
	}{
		{wire.V1, 0, "", 27 * time.Second}, // 12 s of waits, 7 attempts of 2 s, and 1 s
		{wire.V4, 0, "", 3 * time.Second},
		{wire.Both, 0, "", 27 * time.Second},
		{wire.V4, 0, "delay=20s", 23 * time.Second},
		{wire.V1, 1500 * time.Millisecond, "", 1500 * time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			cfg := config(t, nil)
			cfg.Generation, cfg.Timeout, cfg.Drain, cfg.Duration, cfg.Connections = tt.generation, 2*time.Second, tt.drain, 5*time.Second, 4
			if tt.fault != "" {
				cfg.Faults = []string{tt.fault}
			}
			against(&cfg, tempers["hanging"])
			l, err := load.New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			if l.Drain() != tt.want {
				t.Errorf("announced: %s, want %s", l.Drain(), tt.want)
			}
			if err := l.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			r := l.Report()
			balanced(t, 0, "hanging", r)
			if r.DrainS > tt.want.Seconds() || r.DrainBoundS != tt.want.Seconds() || r.Unfinished == 0 {
				t.Errorf("%s: a drain of %gs, at most %gs; %d unfinished", tt.generation, r.DrainS, r.DrainBoundS, r.Unfinished)
			}
			if r.AttemptsUnfinished > 4 {
				t.Errorf("%d attempts in flight over 4 connections", r.AttemptsUnfinished)
			}
		})
	}
}

// Calls of which a receiver was not told everything are not sampled.
func TestSampleWithoutDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config(t, nil)
		cfg.Calls, cfg.Backlog, cfg.Connections, cfg.Sample, cfg.Generation = 60, 5, 2, 10_000, wire.V1
		var mu sync.Mutex
		told := map[string]int{} // callbacks by call
		r := &receiver{answer: func(_ uint64, r *delivery.Request, _ *delivery.Answer) {
			_, id, _ := strings.Cut(string(r.Body()), `"CallId":"`)
			id, _, _ = strings.Cut(id, `"`)
			mu.Lock()
			told[id]++
			mu.Unlock()
			time.Sleep(10 * time.Millisecond)
		}}
		cfg.NewSender = r.sender
		l, err := load.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		list, _ := l.Sample(10_000)
		if report := l.Report(); report.Dropped == 0 || len(list) == 0 {
			t.Fatalf("%d dropped, a sample of %d", report.Dropped, len(list))
		}
		for _, e := range list {
			if e.Result == "normal_end" && told[e.ID] < 7 {
				t.Errorf("%s is asked for, of which only %d callbacks were sent", e.ID, told[e.ID])
			}
		}
	})
}
