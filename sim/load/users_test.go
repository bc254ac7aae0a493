package load_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ringback/sim/delivery"
	"ringback/sim/load"
)

// Users come and go, and what is taken on the way adds up to what the receiver got and to
// the report.
func TestUsers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		got, refused := uint64(0), uint64(0)
		urls := map[string]bool{} // of first attempts
		cfg := config(t, &receiver{answer: func(n uint64, r *delivery.Request, a *delivery.Answer) {
			time.Sleep(3 * time.Millisecond)
			mu.Lock()
			defer mu.Unlock()
			got++
			urls[string(r.Bytes())] = true
			if n%10 == 0 {
				refused++
				a.Status = 503
			}
		}})
		cfg.Calls, cfg.Callbacks, cfg.Duration = 0, 20, time.Hour
		u, err := load.NewUsers(cfg)
		if err != nil {
			t.Fatal(err)
		}
		var taken, failed uint64
		take := func() (n uint64) {
			list, err := u.Take()
			if err != nil {
				t.Error(err)
			}
			for _, a := range list {
				n += a.N
				failed += a.Failures["status_5xx"]
				times := uint64(0)
				for _, c := range a.Times {
					times += c.N
				}
				if times != a.N {
					t.Errorf("%s: %d times of %d attempts", a.Word, times, a.N)
				}
			}
			taken += n
			return n
		}
		for _, step := range []struct{ users, min, max int }{{1, 150, 250}, {4, 650, 950}, {2, 300, 500}, {0, 0, 0}} {
			if err := u.SetUsers(1, step.users); err != nil {
				t.Fatal(err)
			}
			take() // of the users before
			time.Sleep(10 * time.Second)
			if n := int(take()); n < step.min || n > step.max {
				t.Errorf("%d users at 20 callbacks a second made %d attempts in 10 s, want %d to %d", step.users, n, step.min, step.max)
			}
		}
		r := u.Report()
		if err := r.Balance(); err != nil {
			t.Error(err)
		}
		if taken != got || failed != refused || r.Attempts != got || r.AttemptsRejected != refused || refused == 0 {
			t.Errorf("the receiver got %d attempts and refused %d; taken were %d, %d; the report has %d, %d", got, refused, taken, failed, r.Attempts, r.AttemptsRejected)
		}
		if want := int(got - r.Retries); len(urls) != want {
			t.Errorf("%d requests differ, want %d", len(urls), want)
		}
		if r.RateAsked != 80 || !r.Cut {
			t.Errorf("rate %g, cut %t, want 80, true", r.RateAsked, r.Cut)
		}
	})
}

// The run token of a user has that of the load and two numbers in it.
func TestUsersToken(t *testing.T) {
	cfg := config(t, &receiver{})
	cfg.Calls, cfg.Callbacks, cfg.Run.Token = 0, 20, strings.Repeat("a", 20)
	u, err := load.NewUsers(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(u.SetUsers(9999, 1), u.SetUsers(9999, 0)); err != nil {
		t.Error(err)
	}
	cfg.Run.Token += "a"
	if _, err := load.NewUsers(cfg); err == nil || !strings.Contains(err.Error(), "at most 20") {
		t.Error(err)
	}
}
