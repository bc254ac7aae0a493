package tui_test

import (
	"bytes"
	"errors"
	"testing"

	tea "charm.land/bubbletea/v2"

	"ringback/fixtures/damage"
	"ringback/sim/journal"
	"ringback/sim/store"
	"ringback/tui"
)

// archive is a stage on which nothing can be changed.
type archive struct{ *stage }

func (a archive) Do(o tui.Command) tui.Done {
	if _, feed := o.(tui.Feed); feed {
		return tui.Done{Err: errors.New("this is a recording")}
	}
	return a.stage.Do(o)
}

// Whatever became of a journal that is read at all, the screen shows it, and no
// key breaks it.
func FuzzDamagedJournal(f *testing.F) {
	journals := damage.Journals()
	for i := range journals {
		for edit := range byte(20) {
			f.Add(byte(i), []byte{edit, edit * 11, edit, edit * 7, 19, 0, 0, 0}, []byte("abcdefghijklm"))
		}
	}
	f.Fuzz(func(t *testing.T, which byte, script, pressed []byte) {
		shown(t, journals[int(which)%len(journals)], script[:min(len(script), 32)], pressed[:min(len(pressed), 40)])
	})
}

// shown checks that a journal or a recording is shown if it can be read, after some edits.
func shown(t *testing.T, whole, script, pressed []byte) {
	var keys []string
	for _, b := range tui.Bindings() {
		keys = append(keys, b.Keys()...)
	}
	edited := damage.Of(whole, script)
	s := &stage{t: t, clock: tui.Clock{Pace: "10x", Paused: true}}
	st := journal.NewState(journal.Keep)
	if _, err := store.Read(bytes.NewReader(edited), func(e *journal.Event) error {
		s.events = append(s.events, e)
		return st.Apply(e)
	}); err != nil {
		return // which other tests look at
	}
	s.now = st.Now
	s.model = tui.New(archive{s}, tui.Config{Recording: "damaged.ndjson", Keep: 1 << 60, App: app, Device: device})
	s.model.Update(tea.WindowSizeMsg{Width: 120, Height: 36})
	s.look()
	for _, k := range pressed {
		tui.Quits(s.model, keys[int(k)%len(keys)])
		s.look()
		checkSize(t, s)
	}
}
