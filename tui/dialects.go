package tui

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"ringback/sim"
	"ringback/sim/wire"
	"ringback/tui/draw"
	"ringback/tui/pane"
)

// dialectWindow chooses between the readings of the documents, for callbacks
// and answers from then on.
type dialectWindow struct{ at, top, rows int }

func (*dialectWindow) title() string { return "Dialect" }

func (o *dialectWindow) key(m *Model, msg tea.KeyPressMsg) (tea.Cmd, bool) {
	list := wire.Keys()
	switch msg.String() {
	case "up", "k":
		o.at = max(0, o.at-1)
	case "down", "j":
		o.at = min(len(list)-1, o.at+1)
	case "left", "h":
		return o.turn(m, list[o.at], -1), false
	case "right", "space", "enter":
		return o.turn(m, list[o.at], 1), false
	case "esc", "L", "q":
		return nil, true
	}
	return nil, false
}

func (o *dialectWindow) turn(m *Model, k wire.Key, by int) tea.Cmd {
	if why := m.recording(); why != "" {
		m.warn(why)
		return nil
	}
	i := slices.Index(k.Values, m.dialectOf(k.Name, k.Of(m.history.State.Dialect)))
	next := k.Values[(i+by+len(k.Values))%len(k.Values)]
	return m.submit(Feed{sim.SetDialect{Set: []string{k.Name + "=" + next}}})
}

func (o *dialectWindow) render(_ *Model, v *pane.View, w, h int) []string {
	list := wire.Keys()
	notes := draw.Wrap(list[o.at].About+": "+list[o.at].Source, w)
	notes = notes[:min(len(notes), max(3, h/2))]
	o.rows = max(1, min(len(list), h-len(notes)-3))
	o.top = pane.ScrollTo(o.top, o.at, o.rows, len(list))
	var lines []string
	for i := o.top; i < o.top+o.rows; i++ {
		k := &list[i]
		here, value := " ", k.Of(v.State.Dialect)
		if i == o.at {
			here = v.Here
		}
		line := fmt.Sprintf("%s %s  %s", here, v.Fit(k.Name, 17), v.Fit(value, 12))
		if i == o.at {
			line += "  " + v.Key.Of(v.Sides())
		}
		if value != k.Default() {
			line = v.Mark.Of(line) + v.Dim.Of("  default "+k.Default())
		}
		lines = append(lines, draw.Cut(line, w, v.More))
	}
	lines = append(lines, "")
	for _, n := range notes {
		lines = append(lines, v.Dim.Of(n))
	}
	return append(lines, v.Fit(v.Key.Of(v.Sides())+" another   "+v.Key.Of("esc")+" closes", w))
}
