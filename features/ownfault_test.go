package features_test

import (
	"strings"
	"sync/atomic"
	"testing"

	"ringback/features"
	"ringback/features/report"
	"ringback/fixtures/harness"
	"ringback/sim/delivery"
	"ringback/sim/run"
)

// lacking makes senders that acknowledge everything, until this machine has no
// file left for them.
func lacking(attempts int64) func() run.Sender {
	var n atomic.Int64
	return func() run.Sender { return lackingSender{&n, attempts} }
}

type lackingSender struct {
	n        *atomic.Int64
	attempts int64
}

func (s lackingSender) Send(r *delivery.Request, t delivery.Transport, a *delivery.Answer) {
	if s.n.Add(1) > s.attempts {
		*a = delivery.Answer{Failure: delivery.OwnFault, Detail: "socket: too many open files; raise ulimit -n"}
		return
	}
	run.Acknowledging{}.Send(r, t, a)
}

func (lackingSender) Close() {}

// What this machine lacks ends the suite without a verdict, before the suite and
// in the midst of it: no scenario after it is said to have failed, and the report
// says what was lacking, and judges none of those before it.
func TestOwnFault(t *testing.T) {
	at := harness.Endpoint(t, "http://127.0.0.1:3000/cb")
	for _, attempts := range []int64{0, 100} {
		rep, err := features.Run(t.Context(), features.Suite{
			Options: features.Options{Target: at, NewSender: lacking(attempts)},
			Progress: func(r *report.Result) {
				if strings.Contains(r.Message, "open files") || strings.Contains(r.Message, "canceled") {
					t.Errorf("%s %s: %s", r.Name, r.Status, r.Message)
				}
			},
		})
		if delivery.AsOwnFault(err) == nil || rep == nil || len(rep.Scenarios) > 0 || rep.Verdict() != "none" || !strings.Contains(rep.Reason, "open files") {
			t.Errorf("after %d attempts: %+v, error %v", attempts, rep, err)
		}
	}
}
