package session_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
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
	"ringback/sim/session"
	"ringback/sim/store"
	"ringback/sim/wire"
)

const app = 1400000001

var epoch = harness.Epoch

// sender hands each request to a function, which may wait.
type sender func(*delivery.Request, *delivery.Answer)

func (s sender) Send(r *delivery.Request, _ delivery.Transport, a *delivery.Answer) { s(r, a) }
func (s sender) Close()                                                             {}

func acknowledge(_ *delivery.Request, a *delivery.Answer) {
	run.Acknowledging{}.Send(nil, delivery.Transport{}, a)
}

// config is that of a session whose time moves by hand.
func config(send sender) session.Config {
	return session.Config{
		Engine: sim.Config{Run: journal.Run{Seed: 1, Epoch: epoch, Token: "test"}},
		Paused: true, NewSender: func() run.Sender { return send },
	}
}

func start(t *testing.T, cfg session.Config) *session.Session {
	t.Helper()
	s, err := session.Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func register(t *testing.T) sim.Register {
	t.Helper()
	to := harness.Endpoint(t, "http://receiver.invalid/cb")
	return sim.Register{App: app, Generation: wire.V1, Endpoint: to, Words: wire.AllWords()}
}

// aCall is one that is rejected after three seconds.
func aCall(t *testing.T) sim.Place {
	t.Helper()
	p := sim.Place{
		Setup:      call.Setup{App: app, Caller: "alice", Callees: []string{"bob"}, Device: &call.Device{Platform: "iOS", IP: "127.0.0.1"}},
		Generation: wire.V1,
	}
	var err error
	if p.Plan, err = (sim.Outcome{Result: call.Reject, Ring: 3 * time.Second}).Plan(&p.Setup); err != nil {
		t.Fatal(err)
	}
	return p
}

func do(t *testing.T, s *session.Session, inputs ...sim.Input) {
	t.Helper()
	for _, in := range inputs {
		if err := s.Do(in, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// What is seen of an event is in the journal, and the state is that right after it.
// What is sent was seen before.
func TestReadersSeeTheJournal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lines []byte
		fold := journal.NewReader(journal.Keep)
		seen, began := 0, 0
		cfg := config(func(r *delivery.Request, a *delivery.Answer) {
			if fold.Totals.Attempts == 0 {
				t.Error("an attempt was made before it was seen")
			}
			acknowledge(r, a)
		})
		cfg.Journal = func(step []byte) error {
			lines = append(lines, step...)
			began = seen
			return nil
		}
		cfg.Watch = func(st *journal.State, e *journal.Event) error {
			seen++
			if n := bytes.Count(lines, []byte("\n")); seen > n {
				t.Errorf("event %d was seen when the journal had %d lines", seen, n)
			}
			if err := fold.Apply(e); err != nil {
				return err
			}
			if st.Seq != e.Seq || st.Placed != fold.Placed || st.Totals != fold.Totals {
				t.Errorf("at event %d the state is that at %d: %+v, want %+v", e.Seq, st.Seq, st.Totals, fold.Totals)
			}
			return nil
		}
		s := start(t, cfg)
		do(t, s, register(t), aCall(t))
		if err := s.Advance(t.Context(), 3*time.Second); err != nil {
			t.Fatal(err)
		}
		if err := s.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		if seen < 10 || seen == began {
			t.Errorf("%d events were seen", seen)
		}
		if s.Now() != epoch.Add(3*time.Second) {
			t.Errorf("it is %s", s.Now())
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		again := journal.NewReader(journal.Keep)
		if _, err := store.Read(bytes.NewReader(lines), again.Apply); err != nil {
			t.Fatal(err)
		}
		s.State(func(st *journal.State) {
			if again.Totals != st.Totals || again.Seq != st.Seq || st.Totals.Acked == 0 {
				t.Errorf("the journal adds up to %+v, the state is %+v", again.Totals, st.Totals)
			}
		})
	})
}

// A journal that cannot be written ends the run before anything of the step is seen or
// sent, and so does whoever watches.
func TestEndsWithTheJournal(t *testing.T) {
	full := errors.New("no space left on device")
	for _, name := range []string{"journal", "watch"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := config(func(*delivery.Request, *delivery.Answer) { t.Error("something was sent") })
				broken, seen := false, 0
				check := func() error {
					if broken {
						return full
					}
					return nil
				}
				cfg.Watch = func(*journal.State, *journal.Event) error {
					seen++
					return check()
				}
				if name == "journal" {
					cfg.Journal = func([]byte) error { return check() }
					cfg.Watch = func(*journal.State, *journal.Event) error {
						seen++
						return nil
					}
				}
				s := start(t, cfg)
				do(t, s, register(t))
				broken, seen = true, 0
				if err := s.Do(aCall(t), nil); !errors.Is(err, full) || !errors.Is(err, run.ErrStopped) {
					t.Errorf("Do: %v", err)
				}
				<-s.Done()
				if want := map[string]int{"journal": 0, "watch": 1}[name]; seen != want {
					t.Errorf("%d events of the step were seen, want %d", seen, want)
				}
				if err := s.Await(t.Context(), func(*journal.State) bool { return false }); !errors.Is(err, full) {
					t.Errorf("Await: %v", err)
				}
				for _, err := range []error{s.Err(), s.Close(), s.Finish(t.Context())} {
					if !errors.Is(err, full) {
						t.Errorf("the run ended with %v", err)
					}
				}
			})
		})
	}
}

func TestAwait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, config(acknowledge))
		do(t, s, register(t))
		acked := func(st *journal.State) bool { return st.Totals.Acked > 0 && st.Totals.Open() == 0 }
		met := make(chan error)
		go func() { met <- s.Await(t.Context(), acked) }()
		synctest.Wait()
		do(t, s, aCall(t))
		if err := s.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := <-met; err != nil {
			t.Error(err)
		}

		// The context ends, but a last look finds what is wanted.
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := s.Await(ctx, func(*journal.State) bool { return false }); err != context.Canceled {
			t.Errorf("Await: %v, want the context's error", err)
		}
		looks := 0
		if err := s.Await(ctx, func(*journal.State) bool { looks++; return looks == 2 }); err != nil {
			t.Errorf("Await: %v at the last look", err)
		}

		go func() { met <- s.Await(t.Context(), func(*journal.State) bool { return false }) }()
		synctest.Wait()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := <-met; err != run.ErrStopped {
			t.Errorf("Await: %v", err)
		}
		if err := s.Do(sim.Tick{}, nil); !errors.Is(err, run.ErrStopped) {
			t.Errorf("Do: %v", err)
		}
	})
}

// Finish waits for what is in flight, Close does not.
func TestEnds(t *testing.T) {
	for _, test := range []struct {
		name  string
		end   func(*session.Session) error
		acked uint64
	}{
		{"Finish", func(s *session.Session) error { return s.Finish(context.Background()) }, 1},
		{"Close", (*session.Session).Close, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := config(func(r *delivery.Request, a *delivery.Answer) {
					time.Sleep(time.Second) // of the bubble
					acknowledge(r, a)
				})
				cfg.Paused = false
				s := start(t, cfg)
				do(t, s, register(t), aCall(t))
				synctest.Wait()
				if err := test.end(s); err != nil {
					t.Error(err)
				}
				s.State(func(st *journal.State) {
					if st.Totals.Attempts == 0 || st.Totals.Acked != test.acked {
						t.Errorf("%+v, want %d acknowledged", st.Totals, test.acked)
					}
				})
			})
		})
	}
}

// A run that goes on has what came before in its engine, and in what readers see if
// they say so; its journal goes on, too.
func TestResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lines []byte
		cfg := config(acknowledge)
		cfg.Journal = func(step []byte) error { lines = append(lines, step...); return nil }
		s := start(t, cfg)
		do(t, s, register(t), aCall(t))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}

		cfg.Resume, cfg.State = journal.NewState(journal.Keep), journal.NewReader(journal.Keep)
		_, err := store.Read(bytes.NewReader(lines), func(e *journal.Event) error { return errors.Join(cfg.Resume.Apply(e), cfg.State.Apply(e)) })
		if err != nil {
			t.Fatal(err)
		}
		s = start(t, cfg)
		defer s.Close()
		if err := s.Advance(t.Context(), 5*time.Second); err != nil {
			t.Fatal(err)
		}
		s.State(func(st *journal.State) {
			if st.Placed != 1 || st.Live != 0 || st.Totals.Open() != 0 || st.Totals.Acked == 0 {
				t.Errorf("%d calls, %d alive, %+v", st.Placed, st.Live, st.Totals)
			}
		})
		again := journal.NewState(journal.Keep)
		if _, err := store.Read(bytes.NewReader(lines), again.Apply); err != nil {
			t.Errorf("the journal of both: %v", err)
		}
	})
}

// What comes before the run comes at its own times, at once: at the real pace, too.
func TestBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at := func(d time.Duration, in sim.Input) run.Timed { return run.Timed{At: epoch.Add(d), Input: in} }
		cfg := config(acknowledge)
		cfg.Paused = false
		cfg.Before = &run.List{at(0, aCall(t)), at(time.Hour, register(t))}
		cfg.Source = &run.List{at(time.Hour+time.Second, aCall(t))}
		var kinds []string
		cfg.Watch = func(_ *journal.State, e *journal.Event) error {
			if e.Seq <= 1 || e.Kind() == "registered" || e.Kind() == "callback" {
				kinds = append(kinds, e.Kind())
			}
			return nil
		}
		began := time.Now()
		st, err := session.Run(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took != 4*time.Second {
			t.Errorf("it took %s, want the second until the call and its three", took)
		}
		if st.Placed != 2 || st.Now != epoch.Add(time.Hour+4*time.Second) {
			t.Errorf("%d calls until %s", st.Placed, st.Now)
		}
		if want := "run started registered callback"; !strings.HasPrefix(strings.Join(kinds, " "), want) {
			t.Errorf("the events are %q, want %s", kinds, want)
		}

		refused := errors.New("not so")
		cfg.Before, cfg.Source = refusing{&run.List{at(0, sim.Act{Call: "nobody's"})}, refused}, nil
		if st, err := session.Run(t.Context(), cfg); st != nil || !errors.Is(err, refused) {
			t.Errorf("after an input that was refused: %v, %v", st, err)
		}
	})
}

type refusing struct {
	run.Source
	with error
}

func (r refusing) Refused(error) error { return r.with }

// An engine that recycles has no readers, and is watched all the same.
func TestRecycles(t *testing.T) {
	cfg := config(acknowledge)
	cfg.Paused, cfg.Pace, cfg.Engine.Recycle = false, run.Instant, true
	cfg.Source = &run.List{{At: epoch, Input: register(t)}, {At: epoch, Input: aCall(t)}}
	var kinds []string
	cfg.Watch = func(st *journal.State, e *journal.Event) error {
		if st != nil {
			t.Error("there is a state")
		}
		kinds = append(kinds, e.Kind())
		return nil
	}
	if st, err := session.Run(t.Context(), cfg); st != nil || err != nil {
		t.Fatal(st, err)
	}
	if !slices.Contains(kinds, "answer") {
		t.Errorf("the events are %q", kinds)
	}
}

// Nothing need be said of a session but what run it is.
func TestDefaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, session.Config{Engine: sim.Config{Run: journal.Run{Epoch: epoch}}})
		time.Sleep(time.Minute) // of the bubble
		now, pace, paused := s.Loop().Time()
		if diff := cmp.Diff([]any{epoch.Add(time.Minute), run.Real, false}, []any{now, pace, paused}); diff != "" {
			t.Errorf("the clock (-want +got):\n%s", diff)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// Whoever looks at a run that has just begun sees which one it is.
func TestStateOfABeginning(t *testing.T) {
	s, err := session.Start(config(acknowledge))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.State(func(st *journal.State) {
		if st.Run.V != 1 {
			t.Errorf("the run is %+v", st.Run)
		}
	})
}
