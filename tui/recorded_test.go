package tui_test

import (
	"fmt"
	"os"
	"testing"

	tea "charm.land/bubbletea/v2"

	"ringback/fixtures/golden"
	"ringback/sim/journal"
	"ringback/sim/store"
	"ringback/tui"
)

// A recording shows as a journal does: its calls by their CallIds, with callbacks,
// retries and answers. It has no phones, and says why.
func TestRecorded(t *testing.T) {
	file, err := os.Open("testdata/recorded.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	s := &stage{t: t, clock: tui.Clock{Pace: "10x", Paused: true}}
	tail, err := store.Read(file, func(e *journal.Event) error {
		s.events, s.now = append(s.events, e), max(s.now, e.At)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s.model = tui.New(archive{s}, tui.Config{Recording: "monday.ndjson", Notice: tail.String(), Target: "staging", Keep: 1 << 60, App: app, Device: device})
	s.model.Update(tea.WindowSizeMsg{Width: 120, Height: 36})
	s.look()
	for _, screen := range []struct {
		name string
		keys []string
	}{
		{"first", []string{"1", "end", "3", "home"}},
		{"group", []string{"1", "home", "down", "3", "end"}},
		{"refused", []string{"1", "end", "3", "home", "r"}},
	} {
		s.press(screen.keys...)
		golden.Compare(t, fmt.Sprintf("screens/recorded_%s_120x36.txt", screen.name), s.screen())
	}
	s.press("S")
	s.shows("a recording has callbacks alone")
	s.press("1", "end", "]", "4")
	s.shows("#2 v4", "try 1 of 1", "not sent again within 30s")
}

// Whatever became of a recording that is read at all, the screen shows it, and no key
// breaks it.
func FuzzDamagedRecording(f *testing.F) {
	tape, err := os.ReadFile("testdata/recorded.ndjson")
	if err != nil {
		f.Fatal(err)
	}
	for edit := range byte(40) {
		f.Add([]byte{edit, edit * 11, edit, edit * 7, 19, 0, 0, 0}, []byte("abcdefghijklm"))
	}
	f.Fuzz(func(t *testing.T, script, pressed []byte) {
		shown(t, tape, script[:min(len(script), 32)], pressed[:min(len(pressed), 40)])
	})
}
