package traffic_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/fixtures"
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/journal"
	"ringback/sim/traffic"
)

// monday is a weekday's midnight.
var monday = call.At(time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC))

func preset(t testing.TB, name string) *traffic.Model {
	t.Helper()
	text, ok := fixtures.Preset(name)
	if !ok {
		t.Fatalf("there is no preset %s", name)
	}
	m, err := traffic.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return m
}

func makeWorld(t testing.TB, m *traffic.Model, o traffic.Options) *traffic.Generator {
	t.Helper()
	w, err := traffic.New(m, o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// fate is how a call went, as the model and an engine both tell it.
type fate struct {
	Result      call.Result
	Accept, End call.Instant
	Joined      int
}

// An engine that knows who is in which call plays every call of each preset
// exactly as the model says: same result, same times; it refuses none, and no
// step of any plan.
func TestEngineAgrees(t *testing.T) {
	for _, name := range fixtures.Presets() {
		t.Run(name, func(t *testing.T) { agree(t, preset(t, name), sim.PlatformExpiry) })
	}
	for _, heartbeat := range []time.Duration{30 * time.Second, 30 * time.Minute} {
		for _, name := range []string{"consumer", "meeting"} {
			t.Run(fmt.Sprint(name, " with a heartbeat of ", heartbeat), func(t *testing.T) {
				m := preset(t, name)
				m.Talk.Silent, m.Talk.Hazard, m.Users = 1, 1e-3, m.Users/4
				agree(t, m, heartbeat)
			})
		}
	}
}

func agree(t *testing.T, m *traffic.Model, heartbeat time.Duration) {
	t.Helper()
	o := traffic.Options{Seed: 5, Epoch: monday, Until: monday.Add(24 * time.Hour), Heartbeat: heartbeat}
	var want []fate
	for c := range makeWorld(t, m, o).Calls() {
		want = append(want, fate{c.Result, c.Accept, c.End, c.Joined})
	}
	if len(want) < 100 {
		t.Errorf("only %d calls", len(want))
	}
	compare(t, want, played(t, traffic.NewSource(makeWorld(t, m, o), traffic.Feed{App: 1}), m.Ring.Timeout, heartbeat))
}

func compare(t *testing.T, model, engine []fate) {
	t.Helper()
	if diff := cmp.Diff(model, engine); diff != "" {
		t.Errorf("the model (-) and the engine (+) differ:\n%s", diff)
	}
}

// played lets an engine play a source's calls to their ends.
func played(t *testing.T, source *traffic.Source, timeout, heartbeat time.Duration) (fates []fate) {
	e := sim.New(sim.Config{Run: journal.Run{Epoch: monday, Token: "t"}, Exclusive: true, HeartbeatExpiry: heartbeat, RingTimeout: timeout})
	e.Begin()
	place := map[string]int{} // in fates
	joined := map[string]map[string]bool{}
	watch := func(fx []sim.Effect, err error) {
		if err != nil {
			t.Fatal(err)
		}
		for i := range fx {
			ev := &fx[i].Event
			switch d := ev.Data.(type) {
			case *journal.Refused:
				t.Errorf("%s: step %d, %s, refused: %s", ev.Call, d.Step, d.Action.Do, d.Why)
			case *journal.Fact:
				switch d.Kind {
				case call.Started, call.StartFailed:
					place[ev.Call] = len(fates)
					joined[ev.Call] = map[string]bool{}
					fates = append(fates, fate{})
					if d.Kind == call.StartFailed {
						fates[len(fates)-1].End = ev.At
					}
				case call.Accepted, call.Joined:
					f := &fates[place[ev.Call]]
					if joined[ev.Call][d.By] = true; f.Accept == 0 {
						f.Accept = ev.At
					}
					f.Joined = len(joined[ev.Call])
				case call.Ended:
					f := &fates[place[ev.Call]]
					if f.Result, f.End = d.Result, ev.At; f.Result == call.Offline {
						f.Result = call.Interrupt // as v1 reports it
					}
				}
			}
		}
	}
	for {
		due, timers := e.Next()
		at, more := source.Next()
		switch {
		case timers && (!more || due <= at):
			watch(e.Step(due, sim.Tick{}))
		case more:
			watch(e.Step(at, source.Take()))
		default:
			return fates
		}
	}
}
