package features_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ringback/features"
	"ringback/features/report"
	"ringback/fixtures/harness"
	"ringback/sim/delivery"
	"ringback/sim/run"
)

// sheds is a receiver that has room for a few requests at once, and answers 503 to others.
type sheds struct{ room chan struct{} }

func (sheds) Close() {}

func (s sheds) Send(r *delivery.Request, t delivery.Transport, a *delivery.Answer) {
	select {
	case s.room <- struct{}{}:
	default:
		*a = delivery.Answer{Connected: true, Status: http.StatusServiceUnavailable}
		return
	}
	began := time.Now()
	time.Sleep(5 * time.Millisecond) // of the bubble
	run.Acknowledging{}.Send(r, t, a)
	a.Took = time.Since(began)
	<-s.room
}

// A receiver that has no room for many requests at once is not blamed for those of other
// scenarios, and where a scenario sends many at once, it breaks the clause about that.
func TestSheds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := harness.Endpoint(t, "http://127.0.0.1:3000/callback")
		var notes []string
		room := make(chan struct{}, 4)
		rep, err := features.Run(t.Context(), features.Suite{
			Options: features.Options{Target: target, Seed: 7, Run: "test", NewSender: func() run.Sender { return sheds{room} }},
			Note:    func(text string) { notes = append(notes, text) },
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(notes) != 1 || !strings.Contains(notes[0], "HTTP 503") {
			t.Errorf("noted: %q, want that it answers 503", notes)
		}
		warned := 0
		for i := range rep.Scenarios {
			r := &rep.Scenarios[i]
			if r.Status == report.Failed || r.Status == report.Errored {
				t.Errorf("%s: %s: %s", r.Name, r.Status, r.Message)
			}
			for _, f := range r.Findings {
				if f.Busy {
					warned++
				}
				if f.Busy && !slices.Contains(f.Clauses, "calls-at-once-acknowledged") {
					t.Errorf("%s: breaks %q: %s", r.Name, f.Clauses, f.Text)
				}
			}
		}
		if warned == 0 {
			t.Error("nothing was found of requests at once")
		}
	})
}
