package sim_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// desktop is a phone that v1's pages do not have.
var desktop = &call.Device{Platform: "Windows", IP: "127.0.0.1"}

// warnings are what a journal warns of, with the call.
func warnings(t *testing.T, lines []string) (list []string) {
	t.Helper()
	for _, l := range lines {
		e, err := journal.ParseLine([]byte(l))
		if err != nil {
			t.Fatal(err)
		}
		if w, ok := e.Data.(*journal.Warned); ok {
			list = append(list, strings.TrimSpace(e.Call+" "+w.About+": "+w.Text))
		}
	}
	return list
}

// What the documents do not have is warned of once, until a reset, and also by an
// engine that goes on where another one ended.
func TestWarn(t *testing.T) {
	p := newPlayer(t, config())
	odd := sim.Warn{About: "random", Text: "app 1 sends a random"}
	p.do(odd)
	p.do(odd)
	p.do(sim.Warn{About: "random", Text: "app 2 sends a random"})
	want := []string{"random: app 1 sends a random", "random: app 2 sends a random"}
	if diff := cmp.Diff(want, warnings(t, p.lines)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for name, lines := range map[string][]string{"journal": p.lines, "snapshot": snapshot(t, rebuild(t, p.lines))} {
		restored, err := sim.Restore(config(), rebuild(t, lines))
		if err != nil {
			t.Fatal(err)
		}
		q := &player{t: t, engine: restored, now: p.now, answer: ok}
		q.do(odd)
		if got := warnings(t, q.lines); len(got) > 0 {
			t.Errorf("after the %s it is said again: %q", name, got)
		}
	}
	p.do(sim.Reset{})
	p.do(odd)
	if diff := cmp.Diff(append(want, want[0]), warnings(t, p.lines)); diff != "" {
		t.Errorf("after a reset (-want +got):\n%s", diff)
	}
}

// No client makes the state grow without end.
func TestWarningsAreBounded(t *testing.T) {
	p := newPlayer(t, config())
	p.twin = nil
	for range 5000 {
		p.do(sim.Warn{About: "random", Text: strings.Repeat("x", len(p.lines))})
	}
	if n := len(p.engine.State().Warned); n != 1000 {
		t.Errorf("%d warnings are kept, want 1000", n)
	}
}

// A platform that v1 does not have is warned of where a v1 callback names it.
func TestWarnOfPlatform(t *testing.T) {
	const text = "platform: v1 callbacks are sent with optplatform=Windows, and 60130 has only iOS, Android, Web, miniProgram"
	first := sim.ReadableID("test", 1)
	for _, test := range []struct {
		name  string
		setup call.Setup
		g     wire.Generation
		words []wire.Word // that are registered for; nil is all
		want  []string
	}{
		{"of all", call.Setup{Device: desktop}, wire.V1, nil, []string{first + " " + text}},
		{"of one", call.Setup{Device: phone, Devices: call.Devices{{User: "bob", Device: desktop}}}, wire.Both, nil, []string{first + " " + text}},
		{"v4", call.Setup{Device: desktop}, wire.V4, nil, nil},
		{"of a phone", call.Setup{Device: phone}, wire.V1, nil, nil},
		{"of a mini program", call.Setup{Device: &call.Device{Platform: "miniProgram"}}, wire.Both, nil, nil},
		{"that no registration gets", call.Setup{Device: desktop}, wire.Both, []wire.Word{wire.AfterEndCall}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPlayer(t, config())
			if test.words != nil {
				r := registration(t)
				r.Words = test.words
				p.do(r)
			}
			for range 2 {
				s := test.setup
				s.App, s.Caller, s.Callees = 1400000001, "alice", []string{"bob"}
				p.do(sim.Place{Setup: s, Generation: test.g})
				p.finish()
			}
			if diff := cmp.Diff(test.want, warnings(t, p.lines)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
