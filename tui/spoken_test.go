package tui_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ringback/sim/call"
	"ringback/sim/wire"
	"ringback/tui"
)

// spoken gives a screen lines, and returns what it says.
func spoken(t *testing.T, s *stage, lines ...string) (said []string) {
	t.Helper()
	in := make(chan string, len(lines))
	for _, l := range lines {
		in <- l
	}
	close(in)
	tui.Speak(t.Context(), s.model, in, func(text string) { said = append(said, text) })
	return said
}

// Each command is listed with its name, and is carried out by it or says why not.
func TestEachCommandIsSpoken(t *testing.T) {
	help := spoken(t, newStage(t), "help")
	for _, b := range tui.Bindings() {
		if !slices.ContainsFunc(help, func(l string) bool { return strings.HasPrefix(l, b.Name+": ") }) {
			t.Errorf("help does not list %s", b.Name)
		}
		s := newStage(t)
		s.place(wire.V1, call.NoResult, "alice", "bob")
		s.pass(time.Second)
		said := spoken(t, s, b.Name)
		if slices.ContainsFunc(said, func(l string) bool { return strings.Contains(l, "There is no command") }) {
			t.Errorf("%s is not known: %q", b.Name, said)
		}
	}
}

// What is said moves no cursor and has one line a text.
func TestSpokenIsPlain(t *testing.T) {
	s := newStage(t, func(c *tui.Config) { c.ASCII = true })
	foreign(s)
	for _, l := range spoken(t, s, "show calls", "show phones", "show deliveries", "show inspector", "show faults", "calls", "filter 张", "new-call", "esc", "take", "esc", "save-feature") {
		if strings.ContainsFunc(l, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("%q", l)
		}
	}
}
