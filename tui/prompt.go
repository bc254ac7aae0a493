package tui

import (
	"fmt"
	"strings"
	"unicode/utf8"

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
	name     string
	about    string
	input    line
	change   func(*Model, string)                  // at each key; may be nil
	wrong    func(*Model) string                   // what is wrong with it so far; may be nil
	complete func(*Model, string) []string         // what it may become at tab; may be nil
	done     func(*Model, string) (tea.Cmd, error) // at enter
	cancel   func(*Model)                          // at esc; may be nil
	err      error
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
	if msg.String() == "tab" && p.complete != nil {
		if list := p.complete(m, p.input.value()); len(list) > 0 {
			p.input = newLine(common(list))
		}
		p.changed(m, nil)
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

// common is what texts have in common at their beginning: all of it if there is one.
func common(list []string) string {
	s := list[0]
	for _, other := range list[1:] {
		for !strings.HasPrefix(other, s) {
			_, n := utf8.DecodeLastRuneInString(s)
			s = s[:len(s)-n]
		}
	}
	return s
}

func (p *promptWindow) render(m *Model, v *pane.View, w, h int) []string {
	w = min(w, 60)
	lines := []string{v.Key.Of(">") + " " + v.Fit(p.input.draw(v, true, w-4), w-4), ""}
	about := p.about
	if p.err != nil {
		about = p.err.Error()
	}
	if p.complete != nil {
		if list := p.complete(m, p.input.value()); len(list) > 0 {
			about = offers(v, list, w-2)
		}
	}
	if p.err == nil && p.wrong != nil && p.wrong(m) != "" {
		lines = append(lines, wrapped(v, v.Bad, p.wrong(m), w-2)...)
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

// wrapped is a text in lines of one ink.
func wrapped(v *pane.View, ink draw.Ink, s string, w int) (lines []string) {
	for _, l := range draw.Wrap(v.Clean(s), w) {
		lines = append(lines, ink.Of(l))
	}
	return lines
}

// offers lists what the last word may become, as much as fits in a few lines.
func offers(v *pane.View, list []string, w int) string {
	line := "tab:"
	for i, s := range list {
		word := s[strings.LastIndexByte(s, ' ')+1:]
		if draw.Width(line)+draw.Width(word) > 3*w-8 {
			return line + fmt.Sprintf(" %s%d more", v.More, len(list)-i)
		}
		line += " " + word
	}
	return line
}

// askFilter filters while one types.
func askFilter(m *Model) {
	before := m.calls.Filter
	invert := before.Invert && before.Text != ""
	m.overlay = &promptWindow{
		name:     "Filter calls",
		about:    "any text: ids, users, states, results, words that failed; or fields: code:500 word:call_end user:bob gen:v1 state:gave_up, which all must hold. Signs like ^ or | make a regular expression. enter keeps it, " + m.keyFor("invert") + " inverts it, esc forgets it.",
		wrong:    func(m *Model) string { return m.calls.Filter.Wrong },
		complete: func(m *Model, s string) []string { return pane.Completions(s, m.history) },
		input:    newLine(before.Text),
		change: func(m *Model, s string) {
			m.filter(pane.NewFilter(s, invert))
		},
		done: func(m *Model, s string) (tea.Cmd, error) {
			f := pane.NewFilter(s, invert)
			if f.Wrong != "" {
				return nil, errorText(f.Wrong)
			}
			m.filter(f)
			m.setFocus(draw.Calls)
			return nil, nil
		},
		cancel: func(m *Model) { m.filter(before) },
	}
}

// askSearch asks for a text to search for in the focused pane.
func askSearch(m *Model) {
	m.overlay = &promptWindow{
		name: "Search " + m.focus.String(), about: "any text: an id, a word, a code, a message. enter goes to it, " + m.keyFor("next-match") + " to the next one, " + m.keyFor("previous-match") + " to the one before; esc forgets it.",
		input: newLine(m.search),
		done: func(m *Model, s string) (tea.Cmd, error) {
			if m.search = s; s != "" {
				m.find(1)
			}
			return nil, nil
		},
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
