package load_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ringback/sim/delivery"
	"ringback/sim/load"
	"ringback/sim/run"
	"ringback/sim/traffic"
	"ringback/sim/wire"
)

// bucket is a receiver of a known capacity, a token bucket. Without a token an
// attempt waits for one, or is refused.
type bucket struct {
	rate, depth float64
	refuses     bool

	mu     sync.Mutex
	tokens float64
	at     time.Time
}

func (b *bucket) answer(_ uint64, _ *delivery.Request, a *delivery.Answer) {
	b.mu.Lock()
	now := time.Now()
	if b.at.IsZero() {
		b.at, b.tokens = now, b.depth
	}
	b.tokens = min(b.depth, b.tokens+b.rate*now.Sub(b.at).Seconds())
	b.at = now
	if b.refuses && b.tokens < 1 {
		b.mu.Unlock()
		a.Status = 429
		return
	}
	b.tokens--
	wait := time.Duration(max(0, -b.tokens) / b.rate * float64(time.Second))
	b.mu.Unlock()
	time.Sleep(wait + 100*time.Microsecond) // of the bubble
}

func search(t *testing.T, b *bucket, change func(*load.Search)) (limit *load.Limit, lasted time.Duration, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		cfg := config(t, &receiver{answer: b.answer})
		cfg.Generation, cfg.Compress = wire.V1, 600
		s := load.Search{Config: cfg}
		if change != nil {
			change(&s)
		}
		began := time.Now()
		limit, err = s.Find(t.Context())
		lasted = time.Since(began)
	})
	return limit, lasted, err
}

// The limit of a receiver of known capacity is found within a twentieth, in
// less than a minute, whether it lets callbacks wait or refuses them.
func TestFindLimit(t *testing.T) {
	if testing.Short() {
		t.Skip("plays a hundred thousand callbacks")
	}
	for _, capacity := range []float64{1500} {
		for _, refuses := range []bool{true, false} {
			limit, lasted, err := search(t, &bucket{rate: capacity, depth: capacity / 10, refuses: refuses}, nil)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "limit", limit.Rate, capacity, capacity/20)
			want := "behind<100ms: it was"
			if refuses {
				want = "errors<1%: it was"
			}
			if !strings.HasPrefix(limit.Broke, want) {
				t.Errorf("capacity %g: %q broke, want %q", capacity, limit.Broke, want)
			}
			if lasted > time.Minute {
				t.Errorf("capacity %g: it took %s", capacity, lasted)
			}
			if limit.Highest == nil || !limit.Trials[0].OK {
				t.Errorf("capacity %g: %+v", capacity, limit.Trials)
			}
		}
	}
}

// A receiver with a bucket so deep that it passes short trials far beyond its
// capacity is not reported to sustain what longer trials refuted.
func TestFindLimitBeyondSavings(t *testing.T) {
	if testing.Short() {
		t.Skip("plays tens of thousands of callbacks")
	}
	limit, _, err := search(t, &bucket{rate: 150, depth: 1000, refuses: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, trial := range limit.Trials {
		if !trial.OK && trial.Rate <= limit.Highest.RateAsked {
			t.Errorf("%g/s is said to be sustained, but %g/s broke %s", limit.Highest.RateAsked, trial.Rate, trial.Broke)
		}
	}
	near(t, "limit", limit.Rate, 150, 50)
}

// A receiver that takes less than the first rate has a limit all the same.
func TestFindLimitBelow(t *testing.T) {
	if testing.Short() {
		t.Skip("plays tens of thousands of callbacks")
	}
	limit, _, err := search(t, &bucket{rate: 20, depth: 2}, nil)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "limit", limit.Rate, 20, 10)
}

// A threshold replaces the default one on the same metric: here nine of ten
// attempts may fail, and callbacks may be far behind.
func TestFindLimitAsAsked(t *testing.T) {
	if testing.Short() {
		t.Skip("plays tens of thousands of callbacks")
	}
	limit, _, err := search(t, &bucket{rate: 100, depth: 1, refuses: true}, func(s *load.Search) {
		s.TrialDuration = time.Second
		for _, expr := range []string{"errors<90%", "behind<1h"} {
			th, err := load.ParseThreshold(expr)
			if err != nil {
				t.Fatal(err)
			}
			s.Thresholds = append(s.Thresholds, th)
		}
	})
	if err != nil || limit.Rate < 200 || !strings.HasPrefix(limit.Broke, "errors<90%") {
		t.Errorf("%g/s, broke %q, %v; want more than the receiver has, and errors<90%% broken", limit.Rate, limit.Broke, err)
	}
}

// A trial in which no callback became due does not end a search: it is run again, for
// longer, with other calls, as each trial has its own.
func TestFindLimitShortTrials(t *testing.T) {
	if testing.Short() {
		t.Skip("plays tens of thousands of callbacks")
	}
	trials := trialCalls{of: map[string]int{}}
	limit, _, err := search(t, &bucket{rate: 300, depth: 50, refuses: true}, func(s *load.Search) {
		s.TrialDuration = 5 * time.Millisecond
		trials.next, s.Config.NewSender = s.Config.NewSender, trials.sender
	})
	if err != nil || limit.Rate == 0 {
		t.Errorf("%+v, %v", limit, err)
	}
	for _, trial := range limit.Trials {
		if trial.Report.Callbacks == 0 {
			t.Errorf("at %g/s no callback became due: %q", trial.Rate, trial.Broke)
		}
	}
	if trials.number <= len(limit.Trials) || len(trials.of) < 100 {
		t.Errorf("%d trials with %d calls, %d of them measured; want one that was run again", trials.number, len(trials.of), len(limit.Trials))
	}
	for _, id := range trials.shared {
		t.Errorf("two trials have a call %s", id)
	}
}

// Rates that differ by less than one a second, and rates that were tried before, have
// calls of their own, too.
func TestFindLimitOfFew(t *testing.T) {
	trials := trialCalls{of: map[string]int{}}
	limit, _, err := search(t, &bucket{rate: 2, depth: 1}, func(s *load.Search) {
		s.Start = 1.2
		trials.next, s.Config.NewSender = s.Config.NewSender, trials.sender
	})
	if err != nil || len(limit.Trials) < 3 {
		t.Errorf("%+v, %v", limit, err)
	}
	for _, id := range trials.shared {
		t.Errorf("two trials have a call %s", id)
	}
}

// trialCalls are the calls of each trial of a search. A trial has begun when there is a
// sender again after all were closed.
type trialCalls struct {
	next func() run.Sender

	mu           sync.Mutex
	number, open int            // of trials; senders
	of           map[string]int // number of the trial, by CallId
	shared       []string       // CallIds of more than one trial
}

func (c *trialCalls) sender() run.Sender {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open == 0 {
		c.number++
	}
	c.open++
	return &trialSender{Sender: c.next(), calls: c}
}

type trialSender struct {
	run.Sender
	calls *trialCalls
	once  sync.Once
}

func (s *trialSender) Send(r *delivery.Request, to delivery.Transport, a *delivery.Answer) {
	_, id, _ := strings.Cut(string(r.Body()), `"CallId":"`)
	id, _, _ = strings.Cut(id, `"`)
	c := s.calls
	c.mu.Lock()
	if trial := c.of[id]; trial != 0 && trial != c.number {
		c.shared = append(c.shared, id)
	}
	c.of[id] = c.number
	c.mu.Unlock()
	s.Sender.Send(r, to, a)
}

func (s *trialSender) Close() {
	s.Sender.Close()
	s.once.Do(func() {
		s.calls.mu.Lock()
		defer s.calls.mu.Unlock()
		s.calls.open--
	})
}

// A search in whose trials nothing becomes due ends soon, with an error, and its last
// trial says why.
func TestFindNothingDue(t *testing.T) {
	for _, duration := range []time.Duration{0, 20 * time.Millisecond, 10 * time.Second} {
		limit, lasted, err := search(t, &bucket{rate: 100, depth: 10}, func(s *load.Search) {
			s.TrialDuration, s.Start = duration, 1
			s.Config.Segment = traffic.Segment{Index: 64, Of: 64} // one callback in about a minute
		})
		if !errors.Is(err, load.ErrNothingDue) || lasted > max(25*time.Second, 5*duration) {
			t.Errorf("trials of %s: after %s: %v", duration, lasted, err)
		}
		if limit.Rate != 0 || len(limit.Trials) != 1 || limit.Trials[0].Broke != err.Error() || !strings.HasPrefix(limit.Summary(), "nothing was measured at 1 callbacks/s: no callback became due in the ") {
			t.Errorf("trials of %s: %+v", duration, limit)
		}
	}
}

// A receiver that sustains no rate has no limit, and an unreachable one is an
// error.
func TestFindNoLimit(t *testing.T) {
	limit, _, err := search(t, &bucket{rate: 0.01, refuses: true}, nil)
	if err != nil || limit.Rate != 0 || limit.Broke == "" || len(limit.Trials) != 1 {
		t.Errorf("%+v, %v", limit, err)
	}
	synctest.Test(t, func(t *testing.T) {
		cfg := config(t, &receiver{answer: func(_ uint64, _ *delivery.Request, a *delivery.Answer) {
			*a = delivery.Answer{Failure: delivery.Refused}
		}})
		if _, err := (load.Search{Config: cfg}).Find(t.Context()); !errors.Is(err, load.ErrUnreachable) {
			t.Errorf("nobody there: %v", err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
		defer cancel()
		_, err := load.Search{Config: config(t, &receiver{answer: took(0)})}.Find(ctx)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("stopped: %v", err)
		}
	})
}

// A search begins at a rate that it can go on from.
func TestFindLimitStart(t *testing.T) {
	_, _, err := search(t, &bucket{rate: 1500, depth: 150}, func(s *load.Search) { s.Start = 0.5 })
	if err == nil || err.Error() != "load: Search.Start is 0.5, want 1 to 5e+06 callbacks per second, or 0" {
		t.Error(err)
	}
}
