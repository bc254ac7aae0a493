package pane

import (
	"strings"

	"ringback/sim/text"
)

// Marks are the calls and callbacks that are marked, for commands about several.
type Marks struct {
	Calls     map[string]bool
	Callbacks map[uint64]bool
}

// ToggleCall marks a call, or takes its mark away.
func (m *Marks) ToggleCall(id string) { toggle(&m.Calls, id) }

// ToggleCallback marks a callback, or takes its mark away.
func (m *Marks) ToggleCallback(id uint64) { toggle(&m.Callbacks, id) }

func toggle[K comparable](set *map[K]bool, k K) {
	if (*set)[k] {
		delete(*set, k)
		return
	}
	if *set == nil {
		*set = map[K]bool{}
	}
	(*set)[k] = true
}

// Empty reports whether nothing is marked.
func (m *Marks) Empty() bool { return len(m.Calls)+len(m.Callbacks) == 0 }

// String counts what is marked.
func (m *Marks) String() string {
	var parts []string
	if n := len(m.Calls); n > 0 {
		parts = append(parts, text.Count(n, "call"))
	}
	if n := len(m.Callbacks); n > 0 {
		parts = append(parts, text.Count(n, "callback"))
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}
