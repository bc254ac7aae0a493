package run_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/run"
)

// A panic in any goroutine of a run is the run's error, with its stack.
func TestPanicEndsARun(t *testing.T) {
	broken := errors.New("out of order")
	for _, pace := range []run.Pace{run.Real, run.Instant} {
		for name, j := range map[string]job{
			"the header": {journal: func(e *journal.Event) error {
				if e.Seq == 0 {
					panic(broken)
				}
				return nil
			}},
			"a step": {journal: func(e *journal.Event) error {
				if e.Seq == 9 {
					panic(broken)
				}
				return nil
			}},
			"a sender": {answer: func(*delivery.Request, *delivery.Answer) { panic(broken) }},
		} {
			synctest.Test(t, func(t *testing.T) {
				j.pace, j.calls, j.result = pace, 20, call.NormalEnd
				_, _, err := j.run(t, t.Context())
				var p *run.PanicError
				if !errors.As(err, &p) || p.Cause != broken || !strings.Contains(string(p.Stack), "panic_test.go") {
					t.Errorf("%s, %s: got %v, want the panic", pace, name, err)
				}
			})
		}
	}
}

// An input that panics, and one after that, gets that error.
func TestInputThatBreaksARun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, run.Real, nil)
		var p *run.PanicError
		err := s.Do(sim.Clock{Pace: "real"}, func([]sim.Effect) { panic("out of order") })
		if !errors.As(err, &p) || !errors.Is(err, run.ErrStopped) {
			t.Errorf("got %v, want the panic", err)
		}
		if err := s.Do(sim.Clock{Pace: "real"}, nil); !errors.As(err, &p) {
			t.Errorf("then got %v, want the panic", err)
		}
		if err := <-s.done; !errors.As(err, &p) {
			t.Errorf("the run ends with %v, want the panic", err)
		}
	})
}
