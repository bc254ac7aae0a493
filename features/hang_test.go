package features_test

import (
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ringback/features"
	"ringback/features/report"
	"ringback/fixtures/harness"
	"ringback/sim/delivery"
	"ringback/sim/run"
)

// hanging acknowledges what it wants to, and lets all else wait for the timeout,
// 2 s of a bubble.
type hanging struct {
	answers func(n int64, r *delivery.Request) bool
	n       *atomic.Int64
	gone    chan struct{}
}

func (s hanging) Close() { close(s.gone) }

func (s hanging) Send(r *delivery.Request, t delivery.Transport, a *delivery.Answer) {
	if s.answers(s.n.Add(1), r) || comesInTime(nil, s.gone, a) {
		run.Acknowledging{}.Send(r, t, a)
	}
}

// comesInTime waits for an answer as a sender does that is closed once it is gone, and
// reports whether it comes. If not, a is why.
func comesInTime(answered, gone <-chan struct{}, a *delivery.Answer) bool {
	began, timer := time.Now(), time.NewTimer(2*time.Second)
	defer timer.Stop()
	select {
	case <-answered:
		return true
	case <-timer.C:
		*a = delivery.Answer{Connected: true, Failure: delivery.TimedOut, Took: time.Since(began)}
	case <-gone:
		*a = delivery.Answer{Connected: true, Failure: delivery.Stopped}
	}
	return false
}

// A suite against a receiver that hangs ends within the time that is announced,
// whenever it begins to, and nothing that was not played to its end is green.
func TestHangingReceiver(t *testing.T) {
	inARow, inAll := "no answer came for 28s", "attempts waited 1m24s in all"
	for name, test := range map[string]struct {
		answers func(n int64, r *delivery.Request) bool
		why     string
		within  time.Duration // of the bubble
		played  bool
	}{
		"in the pre-flight": {func(n int64, _ *delivery.Request) bool { return n < 3 }, inARow, 30 * time.Second, false},
		"from the 300th on": {func(n int64, _ *delivery.Request) bool { return n < 300 }, inARow, 30 * time.Second, true},
		"every third":       {func(n int64, _ *delivery.Request) bool { return n%3 > 0 }, inAll, 86 * time.Second, true},
		"on one event, and one command": {
			func(_ int64, r *delivery.Request) bool {
				target, _ := url.QueryUnescape(string(r.Target()))
				return !strings.Contains(target, "callee_accept_call") && !strings.Contains(target, "MemberChanged")
			}, inAll, 86 * time.Second, true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				target := harness.Endpoint(t, "http://127.0.0.1:3000/callback")
				var sent atomic.Int64
				var announced []string
				began := time.Now()
				rep, err := features.Run(t.Context(), features.Suite{
					Options: features.Options{
						Target: target, Seed: 7, Run: "test",
						NewSender: func() run.Sender { return hanging{test.answers, &sent, make(chan struct{})} },
					},
					Hangs: func(text string) { announced = append(announced, text) },
				})
				if err != nil {
					t.Fatal(err)
				}
				if took := time.Since(began); took > test.within {
					t.Errorf("it took %v, want at most %v", took, test.within)
				}
				if len(announced) != 1 || !strings.Contains(announced[0], "28s, or 1m24s") {
					t.Errorf("announced %q", announced)
				}
				verdict := 0
				for i := range rep.Scenarios {
					switch r := &rep.Scenarios[i]; {
					case r.Name == "The callbacks of a call are answered at all":
						verdict++
						if r.Status != report.Failed || !strings.Contains(r.Message, test.why) || strings.Join(r.Clauses, " ") != "ack-within-timeout" {
							t.Errorf("%s, of %v: %s", r.Status, r.Clauses, r.Message)
						}
						if len(r.Findings) == 0 || attempt(r, r.Findings[0].Delivery, r.Findings[0].Attempt) == nil {
							t.Error("no exchange shows it")
						}
					case r.Status == report.Skipped && !strings.Contains(r.Message, "the receiver hangs") && !strings.Contains(r.Message, "--probe"):
						t.Errorf("%s is skipped without the reason: %s", r.Name, r.Message)
					}
				}
				if rep.Verdict() != "fail" || verdict != 1 {
					t.Errorf("verdict %s, said %d times", rep.Verdict(), verdict)
				}
				all, err := features.List(features.Suite{})
				if err != nil {
					t.Fatal(err)
				}
				if want := len(all) + 1; test.played && (len(rep.Scenarios) != want || rep.Count(report.Skipped) == 0 || rep.Count(report.Passed) == 0) {
					t.Errorf("%d results, %d skipped, %d passed, want %d in all, and some of each",
						len(rep.Scenarios), rep.Count(report.Skipped), rep.Count(report.Passed), want)
				}
			})
		})
	}
}
