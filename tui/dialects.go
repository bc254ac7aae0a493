package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ringback/sim"
	"ringback/sim/wire"
	"ringback/tui/draw"
	"ringback/tui/pane"
)

// dialectWindow chooses between the readings of the documents, for callbacks and answers
// from then on. What is typed narrows the list.
type dialectWindow struct {
	input         line
	at, top, rows int
}

func (*dialectWindow) title() string { return "Dialect" }

// found are the keys that have all typed words in their names or descriptions.
func (o *dialectWindow) found() (list []wire.Key) {
	words := strings.Fields(strings.ToLower(o.input.value()))
	for _, k := range wire.Keys() {
		in := strings.ToLower(k.Name + " " + k.About + " " + strings.Join(k.Values, " "))
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(in, w) }) {
			list = append(list, k)
		}
	}
	return list
}

func (o *dialectWindow) key(m *Model, msg tea.KeyPressMsg) (tea.Cmd, bool) {
	list := o.found()
	o.at = max(0, min(o.at, len(list)-1))
	switch k := msg.String(); {
	case k == "esc":
		return nil, true
	case k == "up":
		o.at = max(0, o.at-1)
	case k == "down":
		o.at = min(max(0, len(list)-1), o.at+1)
	case k == "left" && len(list) > 0:
		return o.turn(m, list[o.at], -1), false
	case (k == "right" || k == "enter") && len(list) > 0:
		return o.turn(m, list[o.at], 1), false
	case k != "left" && k != "right" && k != "enter":
		if err := o.input.key(msg); err != nil {
			m.warn(err.Error())
		}
		o.at = 0
	}
	return nil, false
}

func (o *dialectWindow) paste(m *Model, text string) {
	if err := o.input.insert(text); err != nil {
		m.warn(err.Error())
	}
	o.at = 0
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
	list := o.found()
	o.at = max(0, min(o.at, len(list)-1))
	lines := []string{v.Key.Of(">") + " " + v.Fit(o.input.draw(v, true, w-4), w-4)}
	notes := []string{"no key of the dialect has that in its name, values or description"}
	if len(list) > 0 {
		notes = draw.Wrap(list[o.at].About+": "+list[o.at].Source, w)
	}
	notes = notes[:min(len(notes), max(3, h/2))]
	o.rows = max(1, min(len(list), h-len(notes)-4))
	o.top = pane.ScrollTo(o.top, o.at, o.rows, len(list))
	for i := o.top; i < min(len(list), o.top+o.rows); i++ {
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
	return append(lines, v.Fit(v.Key.Of(v.Sides())+" another   "+v.Key.Of("esc")+" closes   type to find one", w))
}
