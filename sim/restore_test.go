package sim_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// story is what a journal says of calls and callbacks, without the attempts:
// an attempt that was under way when a journal ended is made again.
func story(t *testing.T, lines []string) (s []string) {
	for _, l := range lines {
		e, err := journal.ParseLine([]byte(l))
		if err != nil {
			t.Fatal(err)
		}
		switch d := e.Data.(type) {
		case *journal.Fact:
			s = append(s, e.At.String()+" "+factText(d))
		case *journal.Callback:
			s = append(s, fmt.Sprintf("%s %s%s %s %s", e.At, d.Word, callbackText(d), d.URL, d.Body))
		case *journal.Released:
			s = append(s, fmt.Sprintf("%s delivery %d goes on%s", e.At, d.Delivery, dueText(d.Due)))
		}
	}
	return s
}

// Wherever a journal ends, an engine restored from it tells the same story to
// its end. A step that is not whole does not count.
func TestRestoreFromEveryPrefix(t *testing.T) {
	for _, result := range sim.Outcomes {
		for _, g := range []wire.Generation{wire.V1, wire.V4} {
			p := newPlayer(t, config())
			p.place(g, result, "bob", "carol")
			p.finish()
			restoreEach(t, p, config(), fmt.Sprint(result, " ", g))
		}
	}
}

// The same with each fault.
func TestRestoreWithFaults(t *testing.T) {
	for _, on := range allFaults {
		for _, order := range []sim.Order{sim.Serial, sim.Unordered} {
			cfg := config()
			cfg.Order, cfg.Sign = order, "xxxxyyyy"
			p := newPlayer(t, cfg)
			p.answer = network
			p.do(sim.SetFaults{On: []string{on, "replay=1:20%"}})
			p.place(wire.V1, call.NormalEnd, "bob")
			p.finish()
			restoreEach(t, p, cfg, fmt.Sprintf("%s order %s", on, order))
		}
	}
}

// restoreEach restores an engine from each prefix of what was played and plays
// to the end.
func restoreEach(t *testing.T, p *player, cfg sim.Config, name string) {
	t.Helper()
	want := story(t, p.lines)
	for n := range p.lines {
		prefix := p.lines[:n+1]
		if strings.Contains(prefix[n], `"more":true`) || !strings.Contains(strings.Join(prefix, ""), `"kind":"started"`) {
			continue
		}
		restored, err := sim.Restore(cfg, rebuild(t, prefix))
		if err != nil {
			t.Fatal(err)
		}
		q := &player{t: t, engine: restored, now: restored.State().Now, answer: p.answer, lines: append([]string(nil), prefix...)}
		q.finish()
		if diff := cmp.Diff(want, story(t, q.lines)); diff != "" {
			t.Fatalf("%s, restored after line %d (-want +got):\n%s", name, n+1, diff)
		}
	}
}

// With nothing kept for readers, a call is gone when it is over and its plan
// is done, and not before.
func TestNothingKept(t *testing.T) {
	cfg := config()
	cfg.Keep = 0
	p := newPlayer(t, cfg)
	setup := call.Setup{App: 1400000001, Caller: "alice", Callees: []string{"bob"}, Device: phone}
	p.do(sim.Place{Generation: wire.V1, Setup: setup, Plan: []call.Step{
		{After: call.Span(time.Second), Action: call.Action{Do: call.DoCancel, By: "alice"}},
		{After: call.Span(time.Minute), Action: call.Action{Do: call.DoAccept, By: "bob"}},
	}})
	p.until(epoch.Add(2 * time.Second))
	setup.Caller, setup.Callees = "carol", []string{"dave"}
	p.do(sim.Place{Generation: wire.V1, Setup: setup})
	p.finish()
	if !strings.Contains(p.journal(), `"kind":"refused"`) {
		t.Error("the step that came too late was not refused")
	}
	p.do(sim.Place{Generation: wire.V1, Setup: setup, Fail: true})
	if n := len(p.engine.State().CallsAfter(0)); n != 1 {
		t.Errorf("%d calls are left, want the last one", n)
	}
}

// With nothing kept for readers, a call that goes on keeps no callback that is
// settled, once another call has its turn.
func TestNothingKeptOfLiveCalls(t *testing.T) {
	cfg := config()
	cfg.Keep = 0
	p := newPlayer(t, cfg)
	for _, user := range []string{"a", "b", "c"} {
		p.do(sim.Place{Generation: wire.V1, Setup: call.Setup{App: 1400000001, Caller: user + "1", Callees: []string{user + "2"}, Device: phone}})
		p.settle()
	}
	st := p.engine.State()
	if st.Live != 3 || st.Totals.Acked != 6 || len(st.Deliveries) != 2 {
		t.Errorf("%d calls, %d callbacks acknowledged, %d kept, want 3, 6 and those 2 of the last call", st.Live, st.Totals.Acked, len(st.Deliveries))
	}
	for c := range st.Calls() {
		if want := uint64(2); c.Number < 3 && len(c.Deliveries) != 0 || uint64(c.Callbacks) != want {
			t.Errorf("%s keeps %d of %d callbacks, want none of %d", c.ID, len(c.Deliveries), c.Callbacks, want)
		}
	}
}

// Phones stop ringing at their time whatever the plan says: before its steps,
// between them, at the same instant, and after them.
func TestPhonesStopRinging(t *testing.T) {
	mic := func(at time.Duration) call.Step {
		return call.Step{After: call.Span(at), Action: call.Action{Do: call.DoMic, By: "alice"}}
	}
	accept := call.Step{After: call.Span(sim.RingTimeout), Action: call.Action{Do: call.DoAccept, By: "bob"}}
	for name, plan := range map[string][]call.Step{
		"none":    nil,
		"before":  {mic(time.Minute)},
		"between": {mic(time.Second), mic(2 * time.Second), mic(time.Minute)},
		"at once": {mic(time.Second), accept},
		"after":   {mic(time.Second)},
	} {
		p := newPlayer(t, config())
		p.do(sim.Place{
			Generation: wire.V1, Plan: plan,
			Setup: call.Setup{App: 1400000001, Caller: "alice", Callees: []string{"bob"}, Device: phone},
		})
		p.finish()
		c := p.engine.State().Call(sim.ReadableID("test", 1))
		if c.Result != call.NotAnswer || c.EndAt != epoch.Add(sim.RingTimeout) {
			t.Errorf("%s: %s at %s, want not_answer after 30s", name, c.Result, c.EndAt)
		}
		if !c.Over() {
			t.Errorf("%s: the plan is not done", name)
		}
	}
}
