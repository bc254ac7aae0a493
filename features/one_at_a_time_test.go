package features_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/features"
	"ringback/features/report"
	"ringback/fixtures/harness"
	"ringback/sim/delivery"
	"ringback/sim/run"
)

// oneAtATime is a receiver that answers well, one request after the other, each of
// which takes its time of a bubble; or several at once.
type oneAtATime struct {
	takes    time.Duration
	event    time.Duration // what it takes for a callback that is no end
	turn     chan struct{} // one for each request at once
	timedOut *atomic.Int64
	gone     chan struct{}
}

func (s oneAtATime) Close() { close(s.gone) }

func (s oneAtATime) Send(r *delivery.Request, t delivery.Transport, a *delivery.Answer) {
	began, done := time.Now(), make(chan struct{})
	go func() { // it answers whoever does not wait any more, too
		s.turn <- struct{}{}
		if bytes.Contains(r.Target(), []byte("=call_end&")) || bytes.Contains(r.Target(), []byte("EndCall&")) {
			time.Sleep(s.takes) // of the bubble
		} else {
			time.Sleep(s.event) // of the bubble
		}
		<-s.turn
		close(done)
	}()
	if comesInTime(done, s.gone, a) {
		run.Acknowledging{}.Send(r, t, a)
		a.Took = time.Since(began)
	}
	if a.Failure == delivery.TimedOut {
		s.timedOut.Add(1)
	}
}

// A receiver that answers one request after the other, however slowly, is judged as one
// that answers all at once; what it cannot be judged by is left out, and the reason says
// why.
func TestOneAtATime(t *testing.T) {
	t.Parallel()
	// crowds are scenarios of 100 calls at once, of five times 100, and of 200; all are
	// those of two requests at once or more.
	const crowds, all = 6, 22
	tags := ofEachClause(t, "@clause-calls-at-once-acknowledged", "@clause-calls-at-once-apart", "@clause-ack-means-stored", "@clause-distinct-of-one-moment",
		"@clause-callbacks-at-once-one-call", "@clause-duplicate-at-once", "@clause-duplicate-at-once-acknowledged", "@clause-duplicate-late-harmless")
	judged := func(t *testing.T, takes, event time.Duration, atOnce int) (statuses map[string]report.Status, left, timedOut int) {
		target := harness.Endpoint(t, "http://127.0.0.1:3000/callback")
		late, turn := new(atomic.Int64), make(chan struct{}, atOnce)
		rep, err := features.Run(t.Context(), features.Suite{Tags: tags, Options: features.Options{
			Target: target, Seed: 7, Run: "test",
			NewSender: func() run.Sender { return oneAtATime{takes, event, turn, late, make(chan struct{})} },
		}})
		if err != nil {
			t.Fatal(err)
		}
		statuses = map[string]report.Status{}
		for i := range rep.Scenarios {
			r := &rep.Scenarios[i]
			statuses[r.Name] = r.Status
			if r.Status == report.Skipped && strings.Contains(r.Message, "the receiver takes ") {
				left++
			}
		}
		time.Sleep(time.Hour) // of the bubble: the receiver is done with everything
		return statuses, left, int(late.Load())
	}
	var want map[string]report.Status
	synctest.Test(t, func(t *testing.T) { want, _, _ = judged(t, 0, 0, 1000) })
	for i, test := range []struct {
		takes, event time.Duration
		atOnce, left int
	}{
		{300 * time.Millisecond, 300 * time.Millisecond, 4, 0},
		{300 * time.Millisecond, 300 * time.Millisecond, 1, crowds}, // so much under the race detector
		{30 * time.Millisecond, 30 * time.Millisecond, 1, 0},
		{1900 * time.Millisecond, 1900 * time.Millisecond, 1, all},
		{300 * time.Millisecond, 300 * time.Millisecond, 1000, 0},
		{100 * time.Millisecond, time.Millisecond, 1, 0},
		{300 * time.Millisecond, 0, 1, crowds},
	} {
		t.Run(fmt.Sprint(test.takes, " ", test.event, " ", test.atOnce), func(t *testing.T) {
			if i > 1 {
				sameUnderRace(t)
			}
			synctest.Test(t, func(t *testing.T) {
				got, left, timedOut := judged(t, test.takes, test.event, test.atOnce)
				for name, status := range want {
					if got[name] != status && (got[name] != report.Skipped || test.left < all) {
						t.Errorf("%s: is %s, want %s as of a receiver that answers at once", name, got[name], status)
					}
				}
				if len(got) != len(want) || left != test.left || timedOut > 0 {
					t.Errorf("%d scenarios, want %d; %d left out, want %d; %d attempts were not answered in time", len(got), len(want), left, test.left, timedOut)
				}
			})
		})
	}
}

// What takes long is said before it does, and about how long.
func TestForetells(t *testing.T) {
	sameUnderRace(t)
	t.Parallel()
	for _, test := range []struct {
		takes time.Duration
		want  []string
	}{
		{30 * time.Millisecond, nil},
		{300 * time.Millisecond, []string{
			"the receiver takes 300ms for an answer: up to 12 calls come before the first scenario, and take up to 40s",
			"the receiver takes 300ms for each of several requests at once: scenarios play 1 at a time, not 8; all 405 may take 20m15s (--tags selects fewer)",
		}},
	} {
		t.Run(test.takes.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				target := harness.Endpoint(t, "http://127.0.0.1:3000/callback")
				var notes []string
				var at []time.Duration // of the bubble, since the suite began
				turn, began := make(chan struct{}, 1), time.Now()
				if _, err := features.Run(t.Context(), features.Suite{
					Options: features.Options{Target: target, Seed: 7, Run: "test", NewSender: func() run.Sender {
						return oneAtATime{test.takes, test.takes, turn, new(atomic.Int64), make(chan struct{})}
					}},
					Note: func(text string) { notes, at = append(notes, text), append(at, time.Since(began)) },
				}); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, notes); diff != "" {
					t.Fatalf("noted (-want +got):\n%s", diff)
				}
				if test.want == nil {
					return
				}
				preflight, suite := at[1]-at[0], time.Since(began)-at[1]
				if preflight < 20*time.Second || preflight > 40*time.Second || suite < 10*time.Minute || suite > 20*time.Minute {
					t.Errorf("the first calls took %v, and the suite %v, want half of what was said or more, and not more than that", preflight, suite)
				}
			})
		})
	}
}
