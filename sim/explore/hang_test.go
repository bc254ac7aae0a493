package explore

import (
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ringback/sim/delivery"
	"ringback/sim/run"
)

// hangingSender lets some of what it is to send wait for the timeout, 2 s of a
// bubble.
type hangingSender struct {
	run.Sender
	hangs func(*delivery.Request) bool
	gone  chan struct{}
}

func (s hangingSender) Close() { close(s.gone) }

func (s hangingSender) Send(r *delivery.Request, t delivery.Transport, a *delivery.Answer) {
	if !s.hangs(r) {
		s.Sender.Send(r, t, a)
		return
	}
	began := time.Now()
	timer := time.NewTimer(2 * time.Second)
	defer timer.Stop()
	select {
	case <-timer.C:
		*a = delivery.Answer{Connected: true, Failure: delivery.TimedOut, Took: time.Since(began)}
	case <-s.gone:
		*a = delivery.Answer{Connected: true, Failure: delivery.Stopped}
	}
}

// A search against a receiver that hangs ends within the time that is announced,
// with what was found until then.
func TestHangingReceiver(t *testing.T) {
	fromOn := func(m *memory, n int) func(*delivery.Request) bool {
		return func(*delivery.Request) bool { m.mu.Lock(); defer m.mu.Unlock(); return m.taken >= n }
	}
	for name, test := range map[string]struct {
		hangs  func(*memory) func(*delivery.Request) bool
		why    string
		within time.Duration
	}{
		"at once":           {func(m *memory) func(*delivery.Request) bool { return fromOn(m, 0) }, "no answer came for 28s", 30 * time.Second},
		"in the first play": {func(m *memory) func(*delivery.Request) bool { return fromOn(m, 3) }, "no answer came for 28s", 30 * time.Second},
		"later":             {func(m *memory) func(*delivery.Request) bool { return fromOn(m, 110) }, "no answer came for 28s", 30 * time.Second},
		"every third": {func(*memory) func(*delivery.Request) bool {
			var n atomic.Int64
			return func(*delivery.Request) bool { return n.Add(1)%3 == 0 }
		}, "attempts waited 1m24s in all", 86 * time.Second},
		"on one event": {func(*memory) func(*delivery.Request) bool {
			return func(r *delivery.Request) bool { return strings.Contains(string(r.Target()), "callee_accept_call") }
		}, "attempts waited 1m24s in all", 86 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMemory()
				hangs := test.hangs(m)
				cfg := config(t, m)
				cfg.Findings = 3
				cfg.NewSender = func() run.Sender { return hangingSender{m.sender(), hangs, make(chan struct{})} }
				announced := 0
				cfg.Hangs = func(string) { announced++ }
				began := time.Now()
				r := mustRun(t, cfg)
				if took := time.Since(began); took > test.within {
					t.Errorf("it took %v, want at most %v", took, test.within)
				}
				if announced != 1 {
					t.Errorf("announced %d times", announced)
				}
				if !strings.Contains(r.Hangs, test.why) {
					t.Errorf("hangs: %q, want %q", r.Hangs, test.why)
				}
				for _, f := range r.Findings {
					if f.Clause == "ack-within-timeout" {
						return
					}
				}
				t.Errorf("%d findings, none that no answer came", len(r.Findings))
			})
		})
	}
}
