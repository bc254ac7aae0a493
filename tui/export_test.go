package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"
)

// PlayStep plays one step of a script as [Play] does, but for the dump at its end, which
// takes as long as all else.
func PlayStep(ctx context.Context, m *Model, step string, limit time.Duration) error {
	p := player{ctx: ctx, model: m, watch: m.Init(), limit: limit}
	p.look()
	err := p.step(step)
	p.look()
	return err
}

// Size is the size that a model was told.
func Size(m *Model) (w, h int) { return m.w, m.h }

// Press gives a model a key, and returns the command that follows.
func Press(m *Model, key string) tea.Cmd {
	msg, err := keyOf(key)
	if err != nil {
		panic(err)
	}
	_, cmd := m.Update(msg)
	return cmd
}

// Quits gives a model a key and reports whether that ends it.
func Quits(m *Model, key string) bool {
	msg, err := keyOf(key)
	if err != nil {
		panic(err)
	}
	for next := tea.Msg(msg); next != nil; {
		_, cmd := m.Update(next)
		if cmd == nil {
			return false
		}
		if next = cmd(); next == (tea.QuitMsg{}) {
			return true
		}
		if _, ok := next.(done); !ok {
			return false
		}
	}
	return false
}

// Chosen is the call under the cursor.
func Chosen(m *Model) string { return m.Call }

// HasWindow reports whether there is a window on top of the panes.
func HasWindow(m *Model) bool { return m.overlay != nil }

// Typing pastes a text into the window on top, if that has a line.
func Typing(m *Model, text string) bool {
	_, ok := m.window().(interface{ paste(*Model, string) })
	m.paste(text)
	return ok
}

// ChosenDelivery is the callback under the cursor.
func ChosenDelivery(m *Model) uint64 { return m.Delivery }
