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

// A trial in which no callback became due does not end a search: it is run again,
// for longer.
func TestFindLimitShortTrials(t *testing.T) {
	if testing.Short() {
		t.Skip("plays tens of thousands of callbacks")
	}
	limit, _, err := search(t, &bucket{rate: 300, depth: 50, refuses: true}, func(s *load.Search) { s.TrialDuration = 5 * time.Millisecond })
	if err != nil || limit.Rate == 0 {
		t.Errorf("%+v, %v", limit, err)
	}
	for _, trial := range limit.Trials {
		if trial.Report.Callbacks == 0 {
			t.Errorf("at %g/s no callback became due: %q", trial.Rate, trial.Broke)
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
