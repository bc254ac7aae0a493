package features_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ringback/features"
	"ringback/features/report"
	"ringback/sim/delivery"
	"ringback/sim/run"
)

const (
	afterRestart = "@clause-duplicate-after-restart"
	afterMinute  = "@clause-duplicate-after-a-minute"
)

// counting counts the attempts that are under way. A receiver may still be at one whose
// sender has hung up.
type counting struct {
	run.Sender
	underWay *atomic.Int64
}

func (s counting) Send(r *delivery.Request, t delivery.Transport, a *delivery.Answer) {
	s.underWay.Add(1)
	defer s.underWay.Add(-1)
	s.Sender.Send(r, t, a)
}

// The receiver is restarted when all other scenarios are over, and nothing is under
// way.
func TestRestartIsAlone(t *testing.T) {
	var underWay, ended atomic.Int64
	s := against(t, reference(t))
	for _, newSender := range []*func() run.Sender{&s.NewSender, &s.OwnSender} {
		plain := *newSender
		*newSender = func() run.Sender { return counting{plain(), &underWay} }
	}
	s.Tags = afterRestart + " or @clause-duplicate-stored-once or @clause-calls-at-once-acknowledged"
	selected, err := features.List(s)
	if err != nil {
		t.Fatal(err)
	}
	s.Progress = func(*report.Result) { ended.Add(1) }
	restarts := 0
	s.Restart = func(context.Context) error {
		if n, want := ended.Load(), int64(len(selected)-2+restarts); n != want || underWay.Load() != 0 {
			t.Errorf("restart %d: %d scenarios are over, want %d, and %d attempts are under way", restarts+1, n, want, underWay.Load())
		}
		restarts++
		return nil
	}
	wantPassed(t, s, func(*report.Result) bool { return true })
	if restarts != 2 {
		t.Errorf("%d restarts, want one for each generation", restarts)
	}
}

// Crowds play when all other scenarios are over, one after the other.
func TestCrowdsAreAlone(t *testing.T) {
	s := against(t, reference(t))
	s.Tags = "@v4 and (@clause-ack-means-stored or @clause-duplicate-at-once or @clause-duplicate-late-harmless or @clause-calls-at-once-acknowledged)"
	var order []string
	s.Progress = func(r *report.Result) { order = append(order, r.Name) }
	wantPassed(t, s, func(*report.Result) bool { return true })
	first := slices.IndexFunc(order, isCrowd)
	if first < 5 || len(order)-first != 3 || slices.ContainsFunc(order[first:], func(name string) bool { return !isCrowd(name) }) {
		t.Errorf("played were\n%s\nwant three crowds at the end", strings.Join(order, "\n"))
	}
}

// What takes long is left out where it can't be done, or its outcome can't be seen, and
// the reason says what is missing; a restart that fails is no fault of the receiver.
func TestWhatTakesLong(t *testing.T) {
	for name, test := range map[string]struct {
		tags   string
		change func(*features.Suite)
		want   report.Status
		says   string
	}{
		"no command":     {afterRestart, func(s *features.Suite) { s.Restart = nil }, report.Skipped, "it restarts the receiver: --restart-cmd"},
		"no time":        {afterMinute, func(s *features.Suite) { s.Minute = 0 }, report.Skipped, "it waits for more than a minute: --slow"},
		"blind":          {afterRestart, func(s *features.Suite) { s.Probe = nil }, report.Skipped, "--probe"},
		"blind, in time": {afterMinute, func(s *features.Suite) { s.Probe, s.Minute = nil, time.Hour }, report.Skipped, "--probe"},
		"not restarted": {
			afterRestart, func(s *features.Suite) {
				s.Restart = func(context.Context) error { return fmt.Errorf("%w: why", features.ErrNotRestarted) }
			}, report.Skipped, "nothing shows that the receiver was restarted: why",
		},
		"no such thing": {
			afterRestart, func(s *features.Suite) {
				s.Restart = func(context.Context) error { return fmt.Errorf("no such service") }
			}, report.Errored, "no such service",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := against(t, reference(t))
			s.Tags = test.tags
			test.change(&s)
			rep, err := features.Run(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			if len(rep.Scenarios) != 2 {
				t.Errorf("%d scenarios, want one of each generation", len(rep.Scenarios))
			}
			for i := range rep.Scenarios {
				if r := &rep.Scenarios[i]; r.Status != test.want || !strings.Contains(r.Message, test.says) {
					t.Errorf("%s: is %s: %s; want %s: %s", r.Name, r.Status, r.Message, test.want, test.says)
				}
			}
		})
	}
}
