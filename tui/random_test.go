package tui_test

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/wire"
	"ringback/tui"
)

// Whatever keys, sizes and answers come, the screen never has more than its
// size, and nothing panics.
func TestRandomKeys(t *testing.T) {
	var keys []string
	for _, b := range tui.Bindings() {
		for _, k := range b.Keys() {
			if k != "q" && k != "ctrl+c" && k != "ctrl+z" {
				keys = append(keys, k)
			}
		}
	}
	keys = append(keys, "backspace", "ctrl+u", "é", "界", "enter", "esc", "enter", "esc")
	replies := []func(*sim.Send) delivery.Answer{
		ok, answers(500, "<html>\x1b[2J\r\n\u202eolleh"), answers(200, `{"ErrorCode":"0"}`), answers(200, strings.Repeat("[", 100)),
		answers(204, ""), answers(200, strings.Repeat("界", 4000)), fails(delivery.Refused), fails(delivery.TimedOut), nil,
	}
	rapid.Check(t, func(rt *rapid.T) {
		s := newStage(t, func(c *tui.Config) {
			c.AnyIDs, c.ASCII = true, rapid.Bool().Draw(rt, "ascii")
			c.Keep = rapid.SampledFrom([]uint64{1, 20, journal.Keep}).Draw(rt, "keep")
		})
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			switch rapid.IntRange(0, 9).Draw(rt, "what") {
			case 0:
				s.size(rapid.IntRange(0, 220).Draw(rt, "w"), rapid.IntRange(0, 60).Draw(rt, "h"))
			case 1:
				s.answer = rapid.SampledFrom(replies).Draw(rt, "answer")
			case 2:
				s.pass(time.Duration(rapid.IntRange(0, 20_000).Draw(rt, "ms")) * time.Millisecond)
			case 3:
				at := tea.Mouse{
					X: rapid.IntRange(-1, 220).Draw(rt, "x"), Y: rapid.IntRange(-1, 60).Draw(rt, "y"),
					Button: rapid.SampledFrom([]tea.MouseButton{tea.MouseLeft, tea.MouseWheelDown, tea.MouseWheelUp}).Draw(rt, "button"),
				}
				if at.Button == tea.MouseLeft {
					s.model.Update(tea.MouseClickMsg(at))
				} else {
					s.model.Update(tea.MouseWheelMsg(at))
				}
			case 4:
				s.Do(tui.Feed{Input: sim.Place{
					Generation: rapid.SampledFrom([]wire.Generation{wire.V1, wire.V4, wire.Both}).Draw(rt, "generation"),
					Setup: call.Setup{
						App: app, Caller: rapid.SampledFrom([]string{"alice", "a\x1b[31mb", "💬👩‍👩‍👧"}).Draw(rt, "caller"), Callees: []string{"bob", "carol", "\u202eevil"},
						Kind: call.Group, Device: device, AnyIDs: true, Room: "📞\n", RoomTag: call.StringRoom,
					},
				}})
				s.look()
			default:
				if tui.Quits(s.model, rapid.SampledFrom(keys).Draw(rt, "key")) {
					rt.Fatal("it quit")
				}
				s.look()
			}
			checkSize(rt, s)
		}
	})
}

// checkSize fails the test if the screen is larger than its size, and returns it.
func checkSize(t interface{ Fatalf(string, ...any) }, s *stage) string {
	w, h := tui.Size(s.model)
	view := s.model.View().Content
	lines := strings.Split(view, "\n")
	if strings.Contains(view, "the journal is damaged") {
		t.Fatalf("an event could not be folded:\n%s", view)
	}
	if len(lines) > max(1, h) {
		t.Fatalf("%d lines at %dx%d", len(lines), w, h)
	}
	for _, l := range lines {
		if n := ansi.StringWidth(l); n > w {
			t.Fatalf("a line of %d cells at %dx%d: %q", n, w, h, l)
		}
		if strings.ContainsAny(ansi.Strip(l), "\x1b\r\b\u202e") {
			t.Fatalf("a line that moves the cursor: %q", l)
		}
	}
	return view
}
