package run_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/journal"
	"ringback/sim/run"
	"ringback/sim/wire"
)

// stranger calls somebody else every ten seconds, and does not mind if it is
// refused.
type stranger struct {
	at      call.Instant
	refused int
}

func (s *stranger) Next() (call.Instant, bool) { return s.at, true }

func (s *stranger) Take() sim.Input {
	s.at = s.at.Add(10 * time.Second)
	return sim.Place{Setup: call.Setup{App: 1, Caller: "carol", Callees: []string{"carol"}, Device: phone}, Generation: wire.V1}
}

func (s *stranger) Refused(error) error {
	s.refused++
	return nil
}

// A source can be put in and taken out while the loop runs, and one that goes
// on when an input is refused does.
func TestSetSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, run.Real, failing)
		time.Sleep(time.Second)
		src := &stranger{at: epoch.Add(5 * time.Second)}
		s.SetSource(src)
		time.Sleep(30 * time.Second) // it is 31 s
		synctest.Wait()
		if src.refused != 3 {
			t.Errorf("%d calls to oneself were refused, want 3", src.refused)
		}
		s.SetSource(nil)
		time.Sleep(time.Minute)
		if src.refused != 3 {
			t.Errorf("%d were made after the source was taken out", src.refused-3)
		}
		s.SetSource(&run.List{{At: epoch.Add(2 * time.Minute), Input: sim.Place{
			Setup: call.Setup{App: 1, Caller: "alice", Callees: []string{"bob"}, Device: phone}, Generation: wire.V1, Fail: true,
		}}})
		time.Sleep(time.Minute)
		s.said("2m0s start_failed")
	})
}

func TestFirst(t *testing.T) {
	src := &stranger{at: epoch}
	both := run.First(run.List{{At: epoch.Add(time.Second), Input: sim.Tick{}}}, src)
	if at, ok := both.Next(); at != epoch.Add(time.Second) || !ok {
		t.Errorf("first comes %s, %t", at, ok)
	}
	if _, ok := both.Take().(sim.Tick); !ok {
		t.Error("the list's input is not the first")
	}
	if err := both.Refused(errors.New("no")); err == nil || src.refused != 0 {
		t.Errorf("an input of the list was refused: %v, and the source was told of %d", err, src.refused)
	}
	if at, _ := both.Next(); at != epoch {
		t.Errorf("then comes %s", at)
	}
	if _, ok := both.Take().(sim.Place); !ok {
		t.Error("the source's input is not the next")
	}
	if err := both.Refused(errors.New("no")); err != nil || src.refused != 1 {
		t.Errorf("%v, %d refused", err, src.refused)
	}
	var list run.List
	if err := list.Refused(errors.New("no")); err == nil {
		t.Error("a list goes on when an input is refused")
	}
}

// endless is a source that always has something for the next millisecond.
type endless struct {
	at    call.Instant
	under chan struct{} // closed when it has given a thousand inputs
}

func (s *endless) Next() (call.Instant, bool) { return s.at, true }

func (s *endless) Take() sim.Input {
	if s.at++; s.at == epoch+1000 {
		close(s.under)
	}
	return sim.Tick{}
}

func (*endless) Refused(err error) error { return err }

// A run can be stopped in the middle of an endless jump.
func TestStopWhileJumping(t *testing.T) {
	engine := sim.New(sim.Config{Run: journal.Run{Epoch: epoch, Token: "test"}, Dialect: readable()})
	src := &endless{epoch, make(chan struct{})}
	loop := run.New(run.Config{Engine: engine, Pace: run.Instant, Source: src, NewSender: func() run.Sender { return &sender{} }})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- loop.Run(ctx) }()
	<-src.under
	if err := loop.Do(sim.Tick{}, nil); err != nil { // others have a word, too
		t.Error(err)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Run returned %v", err)
	}
}

// A run whose pace is more than it keeps up with can be asked, told and stopped
// all the same. Its time comes to nothing that is due before that was done, and
// waits for it if it may.
func TestOverrun(t *testing.T) {
	for _, slips := range []bool{false, true} {
		t.Run(fmt.Sprintf("slips %t", slips), func(t *testing.T) {
			src := &endless{epoch, make(chan struct{})}
			cfg := run.Config{
				Engine: sim.New(sim.Config{Run: journal.Run{Epoch: epoch, Token: "test"}, Dialect: readable()}),
				Pace:   1e6, // a millisecond is a million steps
				Source: src, NewSender: func() run.Sender { return &sender{} },
			}
			slipped := make(chan time.Duration, 100)
			if slips {
				cfg.Slipped = func(by time.Duration) { slipped <- by }
			}
			loop := run.New(cfg)
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error)
			go func() { done <- loop.Run(ctx) }()
			<-src.under
			var last call.Instant
			for range 100 {
				if err := loop.Do(sim.Tick{}, nil); err != nil {
					t.Fatal(err)
				}
				now, _, _ := loop.Time()
				due, _ := loop.Next()
				if now < last || now > due {
					t.Fatalf("it is %s after %s, and something is due at %s", now, last, due)
				}
				last = now
			}
			if slips {
				if by := <-slipped; by < time.Minute {
					t.Errorf("time waited for %s", by)
				}
			}
			loop.SetPace(run.Real) // there is nothing left to catch up
			loop.SetSource(nil)
			soon, cancelSoon := context.WithTimeout(ctx, time.Minute)
			defer cancelSoon()
			loop.Finish(soon)
			if soon.Err() != nil {
				t.Error("the run does not finish")
			}
			cancel()
			if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("Run returned %v", err)
			}
		})
	}
}
