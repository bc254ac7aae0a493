package run_test

import (
	"context"
	"errors"
	"strings"
	"sync"
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

// server is a loop that goes on until the test ends, and what it journalled.
type server struct {
	*run.Loop
	t    *testing.T
	mu   sync.Mutex
	seen []string
	done chan error
}

// serve starts a loop with a receiver, in a synctest bubble.
func serve(t *testing.T, pace run.Pace, answer func(*delivery.Request, *delivery.Answer)) *server {
	s := &server{t: t, done: make(chan error, 1)}
	engine := sim.New(sim.Config{Run: journal.Run{Epoch: epoch, Token: "test"}, Dialect: readable(), Keep: journal.Keep})
	s.Loop = run.New(run.Config{
		Engine: engine, Pace: pace, Linger: true, Timeout: 2 * time.Second, Workers: 4,
		NewSender: func() run.Sender { return &sender{answer: answer} },
		Journal: func(step []sim.Effect) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			for i := range step {
				if e := &step[i].Event; e.Kind() != "callback" && e.Kind() != "registered" && e.Kind() != "run" {
					s.seen = append(s.seen, e.At.Sub(epoch).String()+" "+e.Kind())
				}
			}
			return nil
		},
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { s.done <- s.Run(ctx) }()
	t.Cleanup(cancel)
	endpoint := harness.Endpoint(t, "http://127.0.0.1:3000/cb")
	s.do(sim.Register{App: 1, Generation: wire.V1, Endpoint: endpoint, Words: []wire.Word{wire.StatusNotAnswer, wire.StatusReject}})
	return s
}

func (s *server) do(in sim.Input) {
	s.t.Helper()
	if err := s.Do(in, nil); err != nil {
		s.t.Fatal(err)
	}
}

func (s *server) place() {
	s.t.Helper()
	s.do(sim.Place{Setup: call.Setup{App: 1, Caller: "alice", Callees: []string{"bob"}, Device: phone}, Generation: wire.V1})
}

func (s *server) reject() {
	s.t.Helper()
	s.do(sim.Act{Call: sim.ReadableID("test", 1), Action: call.Action{Do: call.DoReject, By: "bob"}})
}

func (s *server) now() time.Duration {
	now, _, _ := s.Time()
	return now.Sub(epoch)
}

// said compares the journal so far.
func (s *server) said(want string) {
	s.t.Helper()
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if diff := cmp.Diff(want, strings.Join(s.seen, ", ")); diff != "" {
		s.t.Errorf("journal (-want +got):\n%s", diff)
	}
}

func failing(_ *delivery.Request, a *delivery.Answer) { a.Status = 500 }

// While the clock is paused, attempts that are due are made and answered, but no
// timer fires.
func TestPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, run.Real, failing)
		s.Pause()
		s.place()
		time.Sleep(time.Hour)
		s.reject()
		s.said("0s started, 0s ringing, 0s rejected, 0s ended, 0s attempt, 0s answer, 0s attempt, 0s answer")
		s.Resume()
		time.Sleep(1500 * time.Millisecond)
		if now := s.now(); now != 1500*time.Millisecond {
			t.Errorf("it is %s", now)
		}
		s.said("0s started, 0s ringing, 0s rejected, 0s ended, 0s attempt, 0s answer, 0s attempt, 0s answer, 1s attempt, 1s answer")
	})
}

// Advance plays all that is due meanwhile, at its own time, retries included.
func TestAdvance(t *testing.T) {
	for _, paused := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			s := serve(t, 2, failing)
			if paused {
				s.Pause()
			}
			s.place()
			if err := s.Advance(t.Context(), 35*time.Second); err != nil {
				t.Fatal(err)
			}
			s.said("0s started, 0s ringing, 30s timed_out, 30s ended, 30s attempt, 30s answer, 30s attempt, 30s answer, " +
				"31s attempt, 31s answer, 32s attempt, 32s answer, 34s attempt, 34s answer")
			time.Sleep(time.Second)
			want := 35 * time.Second
			if !paused {
				want += 2 * time.Second
			}
			if now := s.now(); now != want {
				t.Errorf("paused %t: it is %s, want %s", paused, now, want)
			}
		})
	}
}

// An advance by 0 waits for the answers to what is due now.
func TestAdvanceByNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, run.Real, func(_ *delivery.Request, a *delivery.Answer) {
			time.Sleep(time.Second)
			a.Status = 500
		})
		s.Pause()
		s.place()
		s.reject()
		if err := s.Advance(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		s.said("0s started, 0s ringing, 0s rejected, 0s ended, 0s attempt, 0s answer, 0s attempt, 0s answer")
		if now := s.now(); now != 0 {
			t.Errorf("it is %s", now)
		}
	})
}

// An attempt that times out takes its time out of the advance; what is left of
// it comes later.
func TestAdvanceThroughATimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, run.Real, func(_ *delivery.Request, a *delivery.Answer) {
			*a = delivery.Answer{Failure: delivery.TimedOut}
		})
		s.Pause()
		s.place()
		if err := s.Advance(t.Context(), 31*time.Second); err != nil {
			t.Fatal(err)
		}
		s.said("0s started, 0s ringing, 30s timed_out, 30s ended, 30s attempt")
		s.Resume()
		time.Sleep(time.Second)
		s.said("0s started, 0s ringing, 30s timed_out, 30s ended, 30s attempt, 32s answer, 32s attempt, 32s answer")
	})
}

func TestSetPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, run.Real, nil)
		time.Sleep(time.Second)
		s.SetPace(10)
		time.Sleep(time.Second)
		if now := s.now(); now != 11*time.Second {
			t.Errorf("it is %s", now)
		}
		s.place()
		s.SetPace(run.Instant)
		s.said("11s started, 11s ringing, 41s timed_out, 41s ended, 41s attempt, 41s answer")
		s.SetPace(run.Real)
		time.Sleep(time.Second)
		if now, pace, paused := s.Time(); now != epoch.Add(42*time.Second) || pace != run.Real || paused {
			t.Errorf("it is %s, pace %s, paused %t", now, pace, paused)
		}
	})
}

// Finish lets what is in flight come back, and sends nothing new.
func TestFinish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, run.Real, func(_ *delivery.Request, a *delivery.Answer) {
			time.Sleep(time.Second)
			a.Status = 500
		})
		s.place()
		s.reject()
		synctest.Wait()
		s.Finish(t.Context())
		s.said("0s started, 0s ringing, 0s rejected, 0s ended, 0s attempt, 1s answer, 1s attempt")
		if err := <-s.done; err != nil {
			t.Errorf("Run returned %v", err)
		}
		if err := s.Do(sim.Tick{}, nil); !errors.Is(err, run.ErrStopped) {
			t.Errorf("an input after the end: %v", err)
		}
		if err := s.Advance(t.Context(), time.Second); !errors.Is(err, run.ErrStopped) {
			t.Errorf("an advance after the end: %v", err)
		}
	})
}

// A receiver that hangs does not delay the end beyond the context of Finish.
func TestFinishGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, run.Real, func(_ *delivery.Request, a *delivery.Answer) {
			time.Sleep(time.Minute)
			a.Failure = delivery.Stopped
		})
		s.place()
		s.reject()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		s.Finish(ctx)
		if took := time.Since(began); took != time.Second {
			t.Errorf("it took %s", took)
		}
		<-s.done
		s.said("0s started, 0s ringing, 0s rejected, 0s ended, 0s attempt")
	})
}

// After a reset, what waited to be sent is not sent.
func TestReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, run.Real, failing)
		s.Pause()
		s.place()
		s.reject()
		s.said("0s started, 0s ringing, 0s rejected, 0s ended, 0s attempt, 0s answer, 0s attempt, 0s answer")
		s.do(sim.Reset{})
		if err := s.Advance(t.Context(), time.Minute); err != nil {
			t.Fatal(err)
		}
		s.said("0s started, 0s ringing, 0s rejected, 0s ended, 0s attempt, 0s answer, 0s attempt, 0s answer, 0s reset")
	})
}

// Time does not advance beyond call.Latest, at any pace.
func TestTimeEnds(t *testing.T) {
	for _, pace := range []run.Pace{run.Real, 1e6, run.Instant} {
		synctest.Test(t, func(t *testing.T) {
			s := serve(t, pace, func(*delivery.Request, *delivery.Answer) {})
			var err error
			for range 30 {
				if err = s.Advance(t.Context(), 1<<63-1); err != nil {
					break
				}
			}
			if !errors.Is(err, call.ErrTooLate) {
				t.Errorf("pace %s: the time is moved on without end: %v", pace, err)
			}
			now, _, _ := s.Time()
			if err := s.Advance(t.Context(), call.Latest.Sub(now)); err != nil {
				t.Errorf("pace %s: to the end: %v", pace, err)
			}
			time.Sleep(time.Hour) // of the bubble
			if now, _, _ := s.Time(); now != call.Latest && pace != run.Real {
				t.Errorf("pace %s: it is %s, want %s", pace, now, call.Latest)
			}
			if err := s.Do(sim.Clock{Pace: "real"}, nil); err != nil {
				t.Errorf("pace %s: at the end: %v", pace, err)
			}
		})
	}
}

// A loop is at rest while its clock is paused, once no attempt is under way:
// also where the last of them changed nothing, since it was given up meanwhile.
func TestRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sent, leave := make(chan struct{}, 1), make(chan struct{})
		s := serve(t, run.Real, func(_ *delivery.Request, a *delivery.Answer) {
			sent <- struct{}{}
			<-leave
			a.Status = 500
		})
		rests := func(rest <-chan struct{}) bool {
			synctest.Wait()
			select {
			case <-rest:
				return true
			default:
				return false
			}
		}
		running := s.Quiescent()
		if rests(running) {
			t.Error("it is at rest while time passes")
		}
		s.do(sim.Place{Generation: wire.V1, Setup: call.Setup{App: 1, Caller: "alice", Callees: []string{"bob"}, Device: phone}})
		s.do(sim.Act{Call: sim.ReadableID("test", 1), Action: call.Action{Do: call.DoReject, By: "bob"}})
		<-sent
		s.Pause()
		if rests(running) || rests(s.Quiescent()) {
			t.Error("it is at rest while an attempt is under way")
		}
		s.do(sim.GiveUp{Delivery: 1})
		leave <- struct{}{}
		if !rests(running) || !rests(s.Quiescent()) {
			t.Error("it is not at rest after the last attempt")
		}
		if list := s.Upcoming(10); len(list) > 0 {
			t.Errorf("upcoming: %+v", list)
		}
		s.Resume()
		if rests(s.Quiescent()) {
			t.Error("it is at rest while time passes again")
		}
	})
}

// readable is the default dialect but for its CallIds, which a test can name.
func readable() *wire.Dialect {
	d := wire.Default()
	d.CallID = "readable"
	return d
}
