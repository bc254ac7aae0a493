package run_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"ringback/fixtures/harness"
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/run"
	"ringback/sim/wire"
)

// Settle takes as long as the retries do, and no longer; it gives up on what a fault
// holds back forever.
func TestSettle(t *testing.T) {
	endpoint := harness.Endpoint(t, "http://127.0.0.1:3000/callback")
	for _, test := range []struct {
		status int
		fault  string
		took   time.Duration
		err    error
	}{
		{200, "drop", 0, nil},
		{200, "duplicate", 0, nil},
		{200, "delay=5s", 5 * time.Second, nil},
		{500, "duplicate", 12 * time.Second, nil}, // seven attempts
		{200, "late=1s", time.Minute, run.ErrUnsettled},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		l := run.New(run.Config{
			Engine: sim.New(sim.Config{Run: journal.Run{Epoch: epoch}, Dialect: readable()}), Pace: run.Instant, Paused: true, Linger: true,
			NewSender: func() run.Sender {
				return &sender{answer: func(_ *delivery.Request, a *delivery.Answer) { a.Status = test.status }}
			},
		})
		ended := make(chan error, 1)
		go func() { ended <- l.Run(ctx) }()
		for _, in := range []sim.Input{
			sim.Register{App: 1, Generation: wire.V1, Endpoint: endpoint, Typed: true, Words: []wire.Word{wire.CallerStartCall}},
			sim.SetFaults{On: []string{test.fault}},
			sim.Place{Generation: wire.V1, Setup: call.Setup{App: 1, Caller: "alice", Callees: []string{"bob"}, Kind: call.Group, Device: phone}},
			sim.Act{Call: sim.ReadableID("", 1), Action: call.Action{Do: call.DoAccept, By: "bob"}}, // so that it goes on
		} {
			if err := l.Do(in, nil); err != nil {
				t.Fatal(err)
			}
		}
		err := l.Settle(ctx)
		now, _, _ := l.Time()
		if took := now.Sub(epoch); !errors.Is(err, test.err) || took != test.took {
			t.Errorf("%s, HTTP %d: %v after %s, want %v after %s", test.fault, test.status, err, took, test.err, test.took)
		}
		cancel()
		<-ended
	}
}
