package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/tui/draw"
	"ringback/tui/pane"
)

// draw shows a line, with its cursor if it is the one that is typed into.
func (l *line) draw(v *pane.View, focused bool, w int) string {
	text, at := l.text, l.at
	if !focused {
		return draw.Cut(v.Clean(l.value()), w, v.More)
	}
	under, rest := " ", ""
	if at < len(text) {
		under, rest = string(text[at]), string(text[at+1:])
	}
	if v.Chosen.Open == "" { // no colors: a mark in front of the cursor
		under = v.Sep + strings.TrimSpace(under)
	}
	before := v.Clean(string(text[:at]))
	if over := draw.Width(before) - max(0, w-3); over > 0 {
		before = draw.RightOf(before, over, draw.Width(before))
	}
	return before + v.Chosen.Of(v.Clean(under)) + draw.Cut(v.Clean(rest), max(0, w-1-draw.Width(before)-1), v.More)
}

// promptWindow asks for a line of text.
type promptWindow struct {
	name   string
	about  string
	input  line
	change func(*Model, string)                  // at each key; may be nil
	done   func(*Model, string) (tea.Cmd, error) // at enter
	cancel func(*Model)                          // at esc; may be nil
	err    error
}

func (p *promptWindow) title() string { return p.name }

func (p *promptWindow) key(m *Model, msg tea.KeyPressMsg) (tea.Cmd, bool) {
	switch msg.String() {
	case "esc":
		if p.cancel != nil {
			p.cancel(m)
		}
		return nil, true
	case "enter":
		var cmd tea.Cmd
		if cmd, p.err = p.done(m, p.input.value()); p.err == nil {
			return cmd, true
		}
		return nil, false
	}
	p.changed(m, p.input.key(msg))
	return nil, false
}

func (p *promptWindow) paste(m *Model, text string) {
	p.changed(m, p.input.insert(text))
}

func (p *promptWindow) changed(m *Model, err error) {
	p.err = err
	if p.change != nil {
		p.change(m, p.input.value())
	}
}

func (p *promptWindow) render(_ *Model, v *pane.View, w, h int) []string {
	w = min(w, 60)
	lines := []string{v.Key.Of(">") + " " + v.Fit(p.input.draw(v, true, w-4), w-4), ""}
	about := p.about
	if p.err != nil {
		about = p.err.Error()
	}
	for _, l := range draw.Wrap(v.Clean(about), w-2) {
		if p.err != nil {
			l = v.Bad.Of(l)
		} else {
			l = v.Dim.Of(l)
		}
		lines = append(lines, l)
	}
	return lines[:min(len(lines), h)]
}

// askFilter filters while one types.
func askFilter(m *Model) {
	before := m.calls.Filter
	invert := before.Invert && before.Text != ""
	m.overlay = &promptWindow{
		name:  "Filter calls",
		about: "ids, users, states, results, words that failed: reject, alice, 500, gave up. Signs like ^ or | make a regular expression. enter keeps it, ! inverts it, esc forgets it.",
		input: newLine(before.Text),
		change: func(m *Model, s string) {
			m.filter(pane.NewFilter(s, invert))
		},
		done: func(m *Model, s string) (tea.Cmd, error) {
			m.filter(pane.NewFilter(s, invert))
			m.setFocus(draw.Calls)
			return nil, nil
		},
		cancel: func(m *Model) { m.filter(before) },
	}
}

// askUsers asks for names and passes the resulting action to the simulator.
func askUsers(m *Model, name, about string, in func(*Model, []string) call.Action) {
	id := m.Call
	m.overlay = &promptWindow{
		name: name, about: about, input: newLine(m.free()),
		done: func(m *Model, s string) (tea.Cmd, error) {
			a := in(m, users(s))
			if why := m.forbids(a); why != "" {
				return nil, errorText(why)
			}
			return m.submit(Feed{sim.Act{Call: id, Action: a}}), nil
		},
	}
}

func askInvite(m *Model) {
	askUsers(m, "Invite", "Users whom "+m.User+" invites, with commas between.", func(m *Model, list []string) call.Action {
		return call.Action{Do: call.DoInvite, By: m.User, Users: list}
	})
}

func askJoin(m *Model) {
	askUsers(m, "Join", "User who enters the call without an invitation.", func(_ *Model, list []string) call.Action {
		a := call.Action{Do: call.DoJoin}
		if len(list) > 0 {
			a.By = list[0]
		}
		return a
	})
}
