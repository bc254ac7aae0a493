package preflight_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/fixtures/harness"
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/preflight"
	"ringback/sim/probe"
	"ringback/sim/run"
	"ringback/sim/wire"
)

// receiver answers callbacks, and shows the calls whose ends it has acknowledged.
type receiver struct {
	answer func(n int, callID string, end bool) delivery.Answer // to the n-th attempt
	blind  bool                                                 // shows nothing
	n      int
	ended  map[string]bool
}

func (*receiver) Close() {}

func (r *receiver) Send(req *delivery.Request, _ delivery.Transport, a *delivery.Answer) {
	var b struct{ CallID string }
	if err := json.Unmarshal(req.Body(), &b); err != nil {
		panic(err)
	}
	end := strings.Contains(string(req.Target()), "command=call_end")
	*a = r.answer(r.n, b.CallID, end)
	if r.n++; end && a.Status == 200 {
		r.ended[b.CallID] = true
	}
}

func (r *receiver) Until(_ context.Context, id string, _ time.Duration, wanted func(probe.Stored) bool, _ func(context.Context), _ ...string) (probe.Stored, bool, error) {
	s := probe.Stored{}
	if r.ended[id] && !r.blind {
		s.Count = 1
	}
	return s, wanted(s), nil
}

// play plays a call of v1.
func (r *receiver) play(ctx context.Context, t preflight.Trial, look func(*preflight.Call) error) error {
	epoch := harness.Epoch
	endpoint, err := delivery.ParseEndpoint("http://127.0.0.1:3000/callback")
	if err != nil {
		return err
	}
	state, id := journal.NewReader(journal.Keep), ""
	loop := run.New(run.Config{
		Engine: sim.New(sim.Config{Run: journal.Run{Epoch: epoch, Token: preflight.RunToken("run", t.Name, t.Readable)}, Dialect: t.Dialect, Order: sim.Serial, Keep: journal.Keep}),
		Pace:   run.Instant, Paused: true, Linger: true, Timeout: 2 * time.Second, NewSender: func() run.Sender { return r }, Workers: 1,
		Journal: func(step []sim.Effect) error {
			for i := range step {
				if err := state.Apply(&step[i].Event); err != nil {
					return err
				}
				if c := step[i].Event.Call; c != "" {
					id = c
				}
			}
			return nil
		},
	})
	running, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = loop.Run(running) // what stops it shows in the next step
	}()
	defer func() { stop(); <-ended }()
	setup := call.Setup{App: 1400000001, Caller: "alice", Callees: []string{"bob"}, Device: &call.Device{Platform: "iOS", IP: "127.0.0.1"}}
	outcome := sim.Outcome{Result: call.NormalEnd, Ring: 3 * time.Second, Talk: 9 * time.Second}
	plan, err := outcome.Plan(&setup)
	if err != nil {
		return err
	}
	for _, in := range []sim.Input{
		sim.Register{App: setup.App, Generation: wire.V1, Endpoint: endpoint, Typed: true, Words: wire.Every.List()},
		sim.Place{Setup: setup, Generation: wire.V1, Plan: plan},
	} {
		if err := loop.Do(in, nil); err != nil {
			return err
		}
	}
	if err := errors.Join(loop.Advance(ctx, outcome.Length()), loop.Settle(ctx)); err != nil {
		return err
	}
	return look(&preflight.Call{ID: id, Read: func(look func(*journal.State)) { look(state) }})
}

// What each receiver is told apart by, whatever comes after it.
func TestRun(t *testing.T) {
	good := delivery.Answer{Connected: true, Status: 200, Body: []byte(`{"ErrorCode":0,"ErrorMessage":""}`)}
	status := func(status int) delivery.Answer { return delivery.Answer{Connected: true, Status: status} }
	timedOut := delivery.Answer{Connected: true, Failure: delivery.TimedOut}
	always := func(a delivery.Answer) func(int, string, bool) delivery.Answer {
		return func(int, string, bool) delivery.Answer { return a }
	}
	short := func(_ int, id string, _ bool) delivery.Answer {
		if len(id) > 32 {
			return status(500)
		}
		return good
	}
	for name, test := range map[string]struct {
		answer func(n int, callID string, end bool) delivery.Answer
		blind  bool
		kept   bool
		want   string // what came of it
	}{
		"good":             {answer: always(good), want: "uuid"},
		"no one":           {answer: always(delivery.Answer{Failure: delivery.Unreachable}), want: "unreachable"},
		"silent":           {answer: always(timedOut), want: "silent after 49 attempts"},
		"blind":            {answer: always(good), blind: true, want: "blind"},
		"refuses all":      {answer: always(status(403)), want: "uuid, forbidden 403"},
		"fails":            {answer: always(status(500)), want: "uuid"},
		"refuses or fails": {answer: func(n int, _ string, _ bool) delivery.Answer { return status(401 + n%2*99) }, want: "uuid"},
		"refuses ends, blind": {
			answer: func(_ int, _ string, end bool) delivery.Answer {
				if end {
					return status(500)
				}
				return good
			}, blind: true, want: "uuid",
		},
		"takes short ids": {answer: short, want: "readable"},
		"asked for uuid":  {answer: short, kept: true, want: "uuid"},
		"starts": {answer: func(n int, _ string, _ bool) delivery.Answer {
			return map[bool]delivery.Answer{true: status(503), false: good}[n < 50]
		}, want: "uuid"},
		"one is too slow": {
			answer: func(n int, id string, end bool) delivery.Answer {
				if n == 0 {
					return timedOut
				}
				return short(n, id, end)
			}, want: "uuid",
		},
	} {
		r := &receiver{answer: test.answer, blind: test.blind, ended: map[string]bool{}}
		forbidden, before := "", 0
		found, err := preflight.Run(t.Context(), preflight.Config{
			Dialect: wire.Default(), KeepCallIDs: test.kept, Probe: r, Play: r.play,
			Before:    func(*delivery.Request) { before++ },
			Forbidden: func(status int) { forbidden += fmt.Sprint(", forbidden ", status) },
		})
		got := found.Dialect.CallID + forbidden
		var silent *preflight.SilentError
		switch {
		case errors.Is(err, preflight.ErrUnreachable):
			got = "unreachable"
		case errors.Is(err, preflight.ErrBlindProbe):
			got = "blind"
		case errors.As(err, &silent):
			got = fmt.Sprintf("silent after %d attempts", silent.Attempts)
		case err != nil:
			got = err.Error()
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if found.Readable != (got == "readable") || before > 1 {
			t.Errorf("%s: readable is %v, an acknowledged request was told of %d times", name, found.Readable, before)
		}
	}
}

// No id of a part of a run is longer than 32 characters where that matters, and none is
// changed where it does not.
func TestRunToken(t *testing.T) {
	for _, test := range []struct {
		run, part string
		readable  bool
		want      string
	}{
		{"monday", "abcdef", false, "monday-abcdef"},
		{"monday", "abcdef", true, "monday-abcdef"},
		{"", "1", true, "1"},
		{strings.Repeat("x", 17), "abcdef", true, strings.Repeat("x", 17) + "-abcdef"},
		{strings.Repeat("x", 32), "abcdef", false, strings.Repeat("x", 32) + "-abcdef"},
	} {
		if got := preflight.RunToken(test.run, test.part, test.readable); got != test.want {
			t.Errorf("%s, %s: %s, want %s", test.run, test.part, got, test.want)
		}
	}
	for n := range 33 {
		token := preflight.RunToken(strings.Repeat("x", n), "1234567", true)
		if id := sim.ReadableID(token, 1); len(id) > 32 {
			t.Errorf("a run token of %d characters: %s", n, id)
		}
	}
}
