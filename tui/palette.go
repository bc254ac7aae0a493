package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ringback/tui/draw"
	"ringback/tui/pane"
)

// paletteWindow lists all commands by name, or those that match what is typed.
type paletteWindow struct {
	input         line
	at, top, rows int
	err           error
}

func (*paletteWindow) title() string { return "Commands" }

// found are the commands that have all typed words in their names, keys or descriptions;
// those whose names begin with the first word come first.
func (o *paletteWindow) found(m *Model) (list []*Binding) {
	words := strings.Fields(strings.ToLower(o.input.value()))
	begins := func(b *Binding) int {
		if len(words) > 0 && strings.HasPrefix(b.Name, words[0]) {
			return 0
		}
		return 1
	}
	for i := range m.bindings {
		b := &m.bindings[i]
		in := strings.ToLower(b.Name + " " + b.Help().Desc + " " + b.Group)
		if b.Name != "palette" && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(in, w) && !slices.Contains(b.Keys(), w) }) {
			list = append(list, b)
		}
	}
	slices.SortStableFunc(list, func(a, b *Binding) int { return begins(a) - begins(b) })
	return list
}

func (o *paletteWindow) key(m *Model, msg tea.KeyPressMsg) (tea.Cmd, bool) {
	list := o.found(m)
	switch msg.String() {
	case "esc", "ctrl+p":
		return nil, true
	case "up":
		o.at = max(0, o.at-1)
	case "down":
		o.at = min(len(list)-1, o.at+1)
	case "pgup":
		o.at = max(0, o.at-o.rows)
	case "pgdown":
		o.at = min(len(list)-1, o.at+o.rows)
	case "enter":
		if len(list) == 0 {
			return nil, false
		}
		return m.runAnywhere(list[min(o.at, len(list)-1)]), true
	default:
		o.err = o.input.key(msg)
		o.at = 0
	}
	return nil, false
}

func (o *paletteWindow) paste(_ *Model, text string) {
	o.err = o.input.insert(text)
	o.at = 0
}

// runAnywhere runs a binding from whichever pane: if it does not work in this one, the
// focus goes to one in which it does.
func (m *Model) runAnywhere(b *Binding) tea.Cmd {
	if !b.works(m.focus) {
		m.setFocus(b.Panes[0])
	}
	return m.run(b)
}

func (o *paletteWindow) render(m *Model, v *pane.View, w, h int) []string {
	list := o.found(m)
	o.rows = max(1, min(len(list), h-4))
	o.at = max(0, min(o.at, len(list)-1))
	o.top = pane.ScrollTo(o.top, o.at, o.rows, len(list))
	lines := []string{v.Key.Of(">") + " " + v.Fit(o.input.draw(v, true, w-4), w-4), ""}
	if len(list) == 0 {
		lines = append(lines, v.Dim.Of("no command has that in its name or description"))
	}
	for i := o.top; i < min(len(list), o.top+o.rows); i++ {
		b := list[i]
		here, about, ink := " ", b.Help().Desc, v.Bold
		if i == o.at {
			here = v.Here
		}
		why := b.disabled(m)
		if why != "" {
			about, ink = "not now: "+why, v.Dim
		}
		line := fmt.Sprintf("%s %s %s %s", here, ink.Of(v.Fit(b.Name, nameW)), v.Key.Of(v.Fit(b.Help().Key, keyW)), v.Clean(about))
		if why != "" {
			line = v.Dim.Of(draw.Stripped(line))
		}
		lines = append(lines, v.Fit(line, w))
	}
	foot := v.Key.Of("enter") + " does it   " + v.Key.Of(v.Up+v.Down) + " choose   " + v.Key.Of("esc") + " closes"
	if o.err != nil {
		foot = v.Bad.Of(v.Clean(o.err.Error()))
	} else if len(list) > o.rows {
		foot += "   " + draw.Span(o.top, o.top+o.rows, len(list))
	}
	return append(lines, "", draw.Cut(foot, w, v.More))
}

// nameW is how wide the name of a command is in the list of all.
const nameW = 23
