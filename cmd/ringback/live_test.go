package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"ringback/cmd/cli"
	"ringback/fixtures/harness"
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/journal"
	"ringback/sim/run"
	"ringback/sim/wire"
	"ringback/tui"
)

// everySecond places a call each second: twice the same pair, so that every
// other one is refused.
type everySecond struct {
	at call.Instant
	n  int
}

func (e *everySecond) Next() (call.Instant, bool) { return e.at, true }

func (e *everySecond) Take() sim.Input {
	pair := e.n / 2
	e.n, e.at = e.n+1, e.at.Add(time.Second)
	return sim.Place{Generation: wire.V4, Setup: call.Setup{
		App: cli.DefaultApp, Caller: fmt.Sprintf("caller%d", pair), Callees: []string{fmt.Sprintf("callee%d", pair)},
		Device: &call.Device{Platform: "iOS", IP: "127.0.0.1"},
	}}
}

func (e *everySecond) Refused(error) error { return nil }

// aRun is a live run against a receiver that acknowledges, without a screen.
func aRun(t *testing.T) *liveRun {
	t.Helper()
	s := harness.Serve(t, harness.Answer(200, `{"ErrorCode":0}`))
	setup := cli.New(cli.Config{
		Endpoint: endpointOf(t, s.URL+"/cb"), App: cli.DefaultApp, Generation: wire.Both, Pace: 1000, Order: sim.Unordered, Timeout: 2 * time.Second,
		Run: journal.Run{Seed: 1, Epoch: harness.Epoch, Token: "test"},
	})
	l := newLiveRun(setup, nil, &scriptedScreen{}, func(_ journal.Run, _ uint32, from call.Instant, _ float64) (run.Source, error) {
		return &everySecond{at: from}, nil
	})
	if err := l.start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.stop(context.Background(), time.Second); err != nil {
			t.Error(err)
		}
	})
	return l
}

// watch looks until a fold of what came is as wanted.
func watch(l *liveRun, st *journal.State, until func(*journal.State) bool) {
	for !until(st) {
		for _, e := range l.Watch().Events {
			_ = st.Apply(e) // a damaged journal shows in what is wanted
		}
	}
}

// Background calls come while they are on. One that the engine refuses, since
// its caller is in a call, does not end the run.
func TestLiveTraffic(t *testing.T) {
	l := aRun(t)
	st := journal.NewReader(journal.Keep)
	if d := l.Do(tui.SwitchTraffic{On: true}); d.Err != nil {
		t.Fatal(d.Err)
	}
	watch(l, st, func(st *journal.State) bool { return st.Placed >= 5 })
	if d := l.Do(tui.SwitchTraffic{}); d.Err != nil {
		t.Fatal(d.Err)
	}
	watch(l, st, func(st *journal.State) bool { return st.Live == 0 }) // no one answers, nothing new comes
	if err := l.Watch().Over; err != nil {
		t.Errorf("the run ended: %v", err)
	}
}

// Time can be stopped, stepped and paced, and the journal has it.
func TestLiveClock(t *testing.T) {
	l := aRun(t)
	st := journal.NewReader(journal.Keep)
	do := func(o tui.Command) tui.Done {
		t.Helper()
		d := l.Do(o)
		if d.Err != nil {
			t.Fatalf("%+v: %v", o, d.Err)
		}
		return d
	}
	do(tui.SetClock{Do: tui.Pause})
	setup := call.Setup{App: cli.DefaultApp, Caller: "alice", Callees: []string{"bob"}, Device: &call.Device{Platform: "iOS", IP: "127.0.0.1"}}
	plan, err := sim.Outcome{Result: call.Reject, Ring: 3 * time.Second}.Plan(&setup)
	if err != nil {
		t.Fatal(err)
	}
	d := do(tui.Feed{Input: sim.Place{Setup: setup, Generation: wire.V1, Plan: plan}})
	if d.Call != sim.CallID(&l.setup.Run, l.setup.Dialect, 1) {
		t.Errorf("placed %q", d.Call)
	}
	do(tui.SetClock{Do: tui.Step})
	watch(l, st, func(st *journal.State) bool { return st.Call(d.Call) != nil && st.Call(d.Call).Phase == call.Over })
	if c := st.Call(d.Call); c.EndAt.Sub(c.StartAt) != 3*time.Second {
		t.Errorf("the step led %s on", c.EndAt.Sub(c.StartAt))
	}
	if c := l.Watch().Clock; !c.Paused || c.Pace != "1000x" {
		t.Errorf("the clock is %+v", c)
	}
	watch(l, st, func(st *journal.State) bool { return st.Totals.Open() == 0 })
	if d := do(tui.SetClock{Do: tui.Step}); !strings.Contains(d.Note, "nothing is due") {
		t.Errorf("a step with nothing due says %q", d.Note)
	}
	do(tui.SetClock{Do: tui.SetPace, Pace: "2x"})
	do(tui.SetClock{Do: tui.Resume})
	watch(l, st, func(st *journal.State) bool { return st.Clock != nil && *st.Clock == journal.Clock{Pace: "2x"} })
	if d := l.Do(tui.SetClock{Do: tui.SetPace, Pace: "fast"}); d.Err == nil {
		t.Error("an unknown pace was taken")
	}
}
