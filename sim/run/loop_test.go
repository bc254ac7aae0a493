package run_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/fixtures/harness"
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/run"
	"ringback/sim/wire"
)

const epoch = harness.Epoch

var phone = &call.Device{Platform: "iOS", IP: "127.0.0.1"}

func Example() {
	endpoint, _ := delivery.ParseEndpoint("http://127.0.0.1:3000/callback")
	engine := sim.New(sim.Config{Run: journal.Run{Epoch: epoch, Token: "example"}})
	setup := call.Setup{App: 1400000001, Caller: "alice", Callees: []string{"bob"}, Device: phone}
	plan, _ := sim.Outcome{Result: call.NotAnswer}.Plan(&setup)
	loop := run.New(run.Config{
		Engine: engine,
		Pace:   run.Instant,
		Source: &run.List{
			{At: epoch, Input: sim.Register{App: 1400000001, Generation: wire.V1, Endpoint: endpoint, Typed: true, Words: wire.AllWords()}},
			{At: epoch, Input: sim.Place{Setup: setup, Generation: wire.V1, Plan: plan}},
		},
		NewSender: func() run.Sender { return &sender{} }, // post.New in real life
		Journal: func(step []sim.Effect) error {
			for _, fx := range step {
				if cb, ok := fx.Event.Data.(*journal.Callback); ok {
					fmt.Println(fx.Event.At.Sub(epoch), cb.Word)
				}
			}
			return nil
		},
	})
	fmt.Println(loop.Run(context.Background()))
	// Output:
	// 0s caller_start_call
	// 0s callee_receive_call
	// 30s callee_not_answer_call
	// 30s caller_call_missed
	// 30s not_answer
	// <nil>
}

// sender answers without a network.
type sender struct {
	answer func(*delivery.Request, *delivery.Answer) // nil: acknowledges
	done   chan struct{}
	once   sync.Once
}

func (s *sender) Send(r *delivery.Request, _ delivery.Transport, a *delivery.Answer) {
	*a = delivery.Answer{Status: 200, Body: []byte(`{"ErrorCode":0}`), Connected: true}
	if s.answer != nil {
		s.answer(r, a)
	}
}

func (s *sender) Close() {
	if s.done != nil {
		s.once.Do(func() { close(s.done) })
	}
}

// job is a run to be: calls on a loop.
type job struct {
	pace    run.Pace
	order   sim.Order
	workers int
	calls   int
	apart   time.Duration // between calls
	result  call.Result
	timeout time.Duration
	recycle bool // and keeps nothing
	answer  func(*delivery.Request, *delivery.Answer)
	journal func(*journal.Event) error
}

func (j job) run(t testing.TB, ctx context.Context) ([]string, *journal.State, error) {
	t.Helper()
	endpoint := harness.Endpoint(t, "http://127.0.0.1:3000/cb")
	cfg := sim.Config{
		Run: journal.Run{Seed: 7, Epoch: epoch, Token: "test"}, Order: j.order, Keep: journal.Keep, Recycle: j.recycle,
	}
	if j.recycle {
		cfg.Keep = 0
	}
	engine := sim.New(cfg)
	inputs := run.List{{At: epoch, Input: sim.Register{
		App: 1400000001, Generation: wire.Both, Endpoint: endpoint, Typed: true, Words: wire.AllWords(),
	}}}
	at := epoch
	for range j.calls {
		s := call.Setup{App: 1400000001, Caller: "alice", Callees: []string{"bob"}, Device: phone}
		plan, err := sim.Outcome{Result: j.result, Ring: 3 * time.Second, Talk: 9 * time.Second}.Plan(&s)
		if err != nil {
			t.Fatal(err)
		}
		inputs = append(inputs, run.Timed{At: at, Input: sim.Place{Setup: s, Generation: wire.V1, Plan: plan}})
		at = at.Add(j.apart)
	}
	var lines []string
	loop := run.New(run.Config{
		Engine: engine, Pace: j.pace, Workers: j.workers, Timeout: j.timeout, Source: &inputs,
		NewSender: func() run.Sender { return &sender{answer: j.answer} },
		Journal: func(step []sim.Effect) (err error) {
			for i := 0; i < len(step) && err == nil; i++ {
				var line []byte
				line, err = step[i].Event.AppendLine(nil)
				lines = append(lines, string(line))
				if err == nil && j.journal != nil {
					err = j.journal(&step[i].Event)
				}
			}
			return err
		},
	})
	err := loop.Run(ctx)
	return lines, engine.State(), err
}

// Under instant the journal is the same whatever the answers' times, the
// number of workers and the number of processors, and whether memory is used
// again. A request is the same as long as a worker has it.
func TestInstantJournalsAreIdentical(t *testing.T) {
	var first []string
	for i, procs := range []int{1, 2, 2, 4, 1, 2, 4} {
		was := runtime.GOMAXPROCS(procs)
		lines, _, err := job{
			pace: run.Instant, calls: 30, result: call.NormalEnd, apart: 500 * time.Millisecond, workers: []int{64, 1, 3, 64}[i%4],
			timeout: 2 * time.Second, recycle: i >= 4,
			answer: func(r *delivery.Request, a *delivery.Answer) {
				was := string(r.Bytes())
				for range rand.IntN(50) {
					runtime.Gosched() // answers come in any order
				}
				if is := string(r.Bytes()); is != was {
					t.Errorf("a request became\n%s\nand was\n%s", is, was)
				}
				switch n := len(r.Body()) + int(r.Body()[len(r.Body())-2]); n % 5 { // but the same ones each time
				case 0:
					a.Status = 503
				case 1:
					*a = delivery.Answer{Failure: delivery.TimedOut}
				}
			},
		}.run(t, t.Context())
		runtime.GOMAXPROCS(was)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = lines
		}
		if diff := cmp.Diff(first, lines); diff != "" {
			t.Fatalf("run %d differs from the first:\n%s", i, diff)
		}
	}
	if !strings.Contains(strings.Join(first, ""), `"is":"timeout"`) || !strings.Contains(strings.Join(first, ""), `"is":"status_5xx"`) {
		t.Error("the run has no failures, so it shows little")
	}
}

// An attempt that timed out takes its timeout in simulated time, and other
// calls go on meanwhile.
func TestTimeoutTakesSimulatedTime(t *testing.T) {
	var due []time.Duration
	_, _, err := job{
		pace: run.Instant, calls: 1, result: call.Cancel, timeout: 2 * time.Second,
		answer: func(_ *delivery.Request, a *delivery.Answer) { *a = delivery.Answer{Failure: delivery.TimedOut} },
		journal: func(e *journal.Event) error {
			if a, ok := e.Data.(*journal.Attempt); ok && a.Delivery == 1 {
				due = append(due, e.At.Sub(epoch)/time.Second)
			}
			return nil
		},
	}.run(t, t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// Each attempt takes 2 s, and then the waits are 0, 1, 1, 2, 3 and 5 s.
	if diff := cmp.Diff([]time.Duration{0, 2, 5, 8, 12, 17, 24}, due); diff != "" {
		t.Errorf("attempts start at (-want +got):\n%s", diff)
	}
}

// In real time the schedule is kept to the millisecond, whatever the answers
// take.
func TestRealPaceKeepsTheSchedule(t *testing.T) {
	for _, pace := range []run.Pace{run.Real, 10} {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			var at []time.Duration
			start := time.Now()
			_, st, err := job{
				pace: pace, order: sim.Unordered, calls: 1, result: call.Reject,
				answer: func(r *delivery.Request, a *delivery.Answer) {
					if strings.Contains(string(r.Target()), "caller_start_call") {
						mu.Lock()
						at = append(at, time.Duration(float64(time.Since(start).Round(time.Millisecond))*float64(pace)))
						mu.Unlock()
						a.Status = 500
						time.Sleep(time.Duration(float64(100*time.Millisecond) / float64(pace)))
					}
				},
			}.run(t, t.Context())
			if err != nil {
				t.Fatal(err)
			}
			want := []time.Duration{0, 100, 1200, 2300, 4400, 7500, 12600} // each attempt takes 100 ms
			for i := range want {
				want[i] *= time.Millisecond
			}
			near := cmp.Comparer(func(a, b time.Duration) bool { return (a - b).Abs() <= 20*time.Millisecond })
			if diff := cmp.Diff(want, at, near); diff != "" {
				t.Errorf("pace %s: attempts at (-want +got):\n%s", pace, diff)
			}
			if st.Totals.Abandoned != 1 || st.Totals.Acked != 4 {
				t.Errorf("totals %+v", st.Totals)
			}
		})
	}
}

// One slow answer keeps no other callback waiting: the schedule is open loop.
func TestNobodyWaitsForASlowAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var late atomic.Int64
		_, st, err := job{
			pace: run.Real, order: sim.Unordered, calls: 200, apart: 10 * time.Millisecond, result: call.Cancel,
			workers: 2000,
			answer: func(r *delivery.Request, a *delivery.Answer) {
				at := time.Since(start)
				if ms := (at % (10 * time.Millisecond)).Milliseconds(); ms > 1 {
					late.Store(ms)
				}
				time.Sleep(1500 * time.Millisecond)
			},
		}.run(t, t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if late.Load() != 0 || st.Totals.Acked != 5*200 {
			t.Errorf("an attempt was %d ms late; totals %+v", late.Load(), st.Totals)
		}
	})
}

// There are never more attempts in flight than workers.
func TestWorkersAreBounded(t *testing.T) {
	var flying, most atomic.Int64
	_, st, err := job{
		pace: run.Instant, order: sim.Unordered, calls: 50, workers: 3, result: call.Cancel,
		answer: func(*delivery.Request, *delivery.Answer) {
			most.Store(max(most.Load(), flying.Add(1)))
			runtime.Gosched()
			flying.Add(-1)
		},
	}.run(t, t.Context())
	if err != nil || st.Totals.Acked != 250 {
		t.Fatalf("err %v, totals %+v", err, st.Totals)
	}
	if most.Load() > 3 {
		t.Errorf("%d attempts in flight with 3 workers", most.Load())
	}
}

// A journal that cannot be written stops the run, and nothing is sent that is
// not in it.
func TestJournalErrorStops(t *testing.T) {
	full := errors.New("disk full")
	var sent, journalled atomic.Int64
	_, _, err := job{
		pace: run.Instant, calls: 10, apart: time.Minute, result: call.NormalEnd,
		answer: func(*delivery.Request, *delivery.Answer) { sent.Add(1) },
		journal: func(e *journal.Event) error {
			if _, ok := e.Data.(*journal.Attempt); ok && journalled.Add(1) > 20 {
				return full
			}
			return nil
		},
	}.run(t, t.Context())
	if !errors.Is(err, full) {
		t.Errorf("got error %v, want %v", err, full)
	}
	if sent.Load() != 20 {
		t.Errorf("%d attempts sent, 20 journalled", sent.Load())
	}
}

// Cancelling stops a run in the middle of an attempt.
func TestCancelStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		block := make(chan struct{})
		go func() { <-ctx.Done(); close(block) }()
		_, st, err := job{
			pace: run.Real, calls: 1, result: call.NormalEnd,
			answer: func(_ *delivery.Request, a *delivery.Answer) {
				<-block
				*a = delivery.Answer{Failure: delivery.Stopped}
			},
		}.run(t, ctx)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got error %v", err)
		}
		if st.Totals.Attempts != 1 || st.Totals.Acked != 0 {
			t.Errorf("totals %+v", st.Totals)
		}
	})
}

// Inputs that come from outside while the loop idles are taken at once.
func TestDo(t *testing.T) {
	for _, pace := range []run.Pace{run.Real, run.Instant} {
		synctest.Test(t, func(t *testing.T) {
			endpoint, _ := delivery.ParseEndpoint("http://127.0.0.1:3000/cb")
			engine := sim.New(sim.Config{Run: journal.Run{Epoch: epoch, Token: "test"}, Dialect: readable(), Keep: journal.Keep})
			sent := make(chan string, 10)
			loop := run.New(run.Config{
				Engine: engine, Pace: pace, Linger: true,
				NewSender: func() run.Sender {
					return &sender{answer: func(r *delivery.Request, _ *delivery.Answer) { sent <- string(r.Target()) }}
				},
			})
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error)
			go func() { done <- loop.Run(ctx) }()
			synctest.Wait()
			if err := loop.Do(sim.Register{App: 1, Generation: wire.V1, Endpoint: endpoint, Words: wire.AllWords()}, nil); err != nil {
				t.Fatal(err)
			}
			s := call.Setup{App: 1, Caller: "alice", Callees: []string{"bob"}, Device: phone}
			if err := loop.Do(sim.Place{Setup: s, Generation: wire.V1, Fail: true}, nil); err != nil {
				t.Fatal(err)
			}
			if target := <-sent; !strings.Contains(target, "command=caller_call_failed") {
				t.Errorf("sent %s", target)
			}
			if err := loop.Do(sim.Act{Call: sim.ReadableID("test", 1), Action: call.Action{Do: call.DoAccept, By: "bob"}}, nil); err == nil {
				t.Error("an action on a call that is over was taken")
			}
			cancel()
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Errorf("Run returned %v", err)
			}
		})
	}
}

// However late the loop comes to look, what was due first happens first: a
// phone that answers at 29 s is not timed out at 30 s.
func TestLateWakeUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		engine := sim.New(sim.Config{Run: journal.Run{Epoch: epoch, Token: "test"}, Dialect: readable(), Keep: journal.Keep})
		setup := call.Setup{App: 1, Caller: "alice", Callees: []string{"bob"}, Device: phone}
		act := func(at time.Duration, do call.Verb, by string) run.Timed {
			return run.Timed{At: epoch.Add(at), Input: sim.Act{Call: sim.ReadableID("test", 1), Action: call.Action{Do: do, By: by}}}
		}
		loop := run.New(run.Config{
			Engine: engine, Pace: 100_000, // a millisecond is 100 s: the loop is always late
			NewSender: func() run.Sender { return &sender{} },
			Source: &run.List{
				{At: epoch, Input: sim.Place{Setup: setup, Generation: wire.V1}},
				act(29*time.Second, call.DoAccept, "bob"), act(40*time.Second, call.DoHangUp, "alice"),
			},
		})
		if err := loop.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if c := engine.State().Call(sim.ReadableID("test", 1)); c.Result != call.NormalEnd || c.AcceptAt != epoch.Add(29*time.Second) {
			t.Errorf("ended as %s, answered at %s", c.Result, c.AcceptAt)
		}
	})
}

// A run ends when its work does, not when the last timer would have.
func TestRunEndsWithItsWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		if _, _, err := (job{pace: run.Real, calls: 1, result: call.Reject}).run(t, t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start).Round(time.Millisecond); took != 3*time.Second {
			t.Errorf("a call that is rejected after 3 s took %s", took)
		}
	})
}

// With every worker waiting for an answer, time goes on.
func TestClockIsWatchedWhileAllSend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		_, _, err := job{
			pace: run.Real, order: sim.Unordered, calls: 1, result: call.Reject, workers: 1,
			answer: func(*delivery.Request, *delivery.Answer) { time.Sleep(2 * time.Second) },
			journal: func(e *journal.Event) error {
				if e.Kind() == "rejected" {
					at = append(at, e.At.Sub(epoch))
				}
				return nil
			},
		}.run(t, t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]time.Duration{3 * time.Second}, at); diff != "" {
			t.Errorf("rejected at (-want +got):\n%s", diff)
		}
	})
}

func TestParsePace(t *testing.T) {
	for text, want := range map[string]run.Pace{"real": run.Real, "instant": run.Instant, "10x": 10, "0.5x": 0.5} {
		p, err := run.ParsePace(text)
		if err != nil || p != want || p.String() != text {
			t.Errorf("%s: got %v (%s), %v", text, float64(p), p, err)
		}
	}
	for _, text := range []string{"", "x", "10", "-1x", "0x", "1e-9x", "NaNx", "Infx", "fast"} {
		if _, err := run.ParsePace(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}
