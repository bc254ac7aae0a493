package run_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/run"
	"ringback/sim/wire"
)

var noFiles = delivery.Answer{Failure: delivery.OwnFault, Detail: "socket: too many open files; raise ulimit -n"}

// An attempt that this machine cannot make ends a run, at any pace. It does not count
// against the receiver: no answer is in the journal, no retry is made, nothing is
// abandoned.
func TestOwnFaultEndsARun(t *testing.T) {
	for _, pace := range []run.Pace{run.Real, run.Instant} {
		synctest.Test(t, func(t *testing.T) {
			var sent atomic.Int32
			_, st, err := job{
				pace: pace, calls: 20, result: call.NormalEnd,
				answer: func(_ *delivery.Request, a *delivery.Answer) {
					if sent.Add(1) > 3 {
						*a = noFiles
					}
				},
			}.run(t, t.Context())
			var own *delivery.OwnFaultError
			if !errors.As(err, &own) || own.Detail != noFiles.Detail {
				t.Errorf("%s: error %v, want what is missing", pace, err)
			}
			if tot := st.Totals; tot.Attempts == 0 || tot.Acked > 3 || tot.Abandoned+tot.Dropped > 0 || tot.Callbacks != tot.Acked+tot.Open() {
				t.Errorf("%s: totals %+v", pace, tot)
			}
			for _, d := range st.Deliveries {
				for _, try := range d.Tries {
					if try.Verdict.Failure == delivery.OwnFault {
						t.Errorf("%s: %+v is in the journal", pace, try)
					}
				}
			}
		})
	}
}

// An input after that gets the reason why the run is over.
func TestInputAfterAnOwnFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, run.Real, func(_ *delivery.Request, a *delivery.Answer) { *a = noFiles })
		s.place()
		s.reject() // while bob's phone rings: no time passes by itself
		var own *delivery.OwnFaultError
		if err := <-s.done; !errors.As(err, &own) {
			t.Errorf("the run: %v", err)
		}
		for what, err := range map[string]error{
			"Do": s.Do(sim.Drain{}, nil), "Advance": s.Advance(t.Context(), time.Second), "Settle": s.Settle(t.Context()),
		} {
			if !errors.As(err, &own) || !errors.Is(err, run.ErrStopped) {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

// A server repeats the attempt unchanged until it can be made, and the receiver's
// answer is then its first answer.
func TestServerOutlastsAnOwnFault(t *testing.T) {
	for _, pace := range []run.Pace{run.Real, run.Instant} {
		synctest.Test(t, func(t *testing.T) {
			tries, told := 0, 0
			engine := sim.New(sim.Config{Run: journal.Run{Epoch: epoch, Token: "test"}, Dialect: readable(), Keep: journal.Keep})
			loop := run.New(run.Config{
				Engine: engine, Pace: pace, Linger: true, Workers: 1, OwnFault: func(*delivery.OwnFaultError) { told++ },
				NewSender: func() run.Sender {
					return &sender{answer: func(_ *delivery.Request, a *delivery.Answer) {
						if tries++; tries <= 5 {
							*a = noFiles
						}
					}}
				},
			})
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error)
			go func() { done <- loop.Run(ctx) }()
			endpoint, _ := delivery.ParseEndpoint("http://127.0.0.1:3000/cb")
			for _, in := range []sim.Input{
				sim.Register{App: 1, Generation: wire.V1, Endpoint: endpoint, Words: []wire.Word{wire.StatusReject}},
				// The plan is part of the input: an instant run does not wait for another.
				sim.Place{
					Setup: call.Setup{App: 1, Caller: "alice", Callees: []string{"bob"}, Device: phone}, Generation: wire.V1,
					Plan: []call.Step{{After: call.Span(time.Second), Action: call.Action{Do: call.DoReject, By: "bob"}}},
				},
			} {
				if err := loop.Do(in, nil); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(time.Minute) // of the bubble
			synctest.Wait()
			loop.Look(func() {
				if tot := engine.State().Totals; tot.Attempts != 1 || tot.Acked != 1 || tries != 6 || told != 5 {
					t.Errorf("%s: %+v after %d tries, told %d times", pace, tot, tries, told)
				}
			})
			cancel()
			<-done
		})
	}
}

// A server that ends meanwhile leaves the callback open for the next run.
func TestFinishDuringAnOwnFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		engine := sim.New(sim.Config{Run: journal.Run{Epoch: epoch, Token: "test"}, Dialect: readable(), Keep: journal.Keep})
		loop := run.New(run.Config{
			Engine: engine, Pace: run.Real, Linger: true, OwnFault: func(*delivery.OwnFaultError) {},
			NewSender: func() run.Sender {
				return &sender{answer: func(_ *delivery.Request, a *delivery.Answer) { *a = noFiles }}
			},
		})
		done := make(chan error)
		go func() { done <- loop.Run(t.Context()) }()
		endpoint, _ := delivery.ParseEndpoint("http://127.0.0.1:3000/cb")
		for _, in := range []sim.Input{
			sim.Register{App: 1, Generation: wire.V1, Endpoint: endpoint, Words: wire.AllWords()},
			sim.Place{Setup: call.Setup{App: 1, Caller: "alice", Callees: []string{"bob"}, Device: phone}, Generation: wire.V1},
		} {
			if err := loop.Do(in, nil); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(10 * time.Second) // of the bubble
		loop.Finish(t.Context())
		if err := <-done; err != nil {
			t.Error(err)
		}
		if tot := engine.State().Totals; tot.Attempts == 0 || tot.Open() == 0 || tot.Acked+tot.Abandoned > 0 {
			t.Errorf("%+v", tot)
		}
	})
}
