package sim_test

import (
	"fmt"
	"strings"
	"testing"

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
