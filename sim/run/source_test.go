package run_test

import (
	"context"
	"errors"
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

// A run can be stopped in the middle of a jump that has no end.
func TestStopWhileJumping(t *testing.T) {
	engine := sim.New(sim.Config{Run: journal.Run{Epoch: epoch, Token: "test"}})
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
