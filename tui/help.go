package tui

import (
	"fmt"
	"slices"
	"strings"

	"ringback/tui/draw"
	"ringback/tui/pane"

	tea "charm.land/bubbletea/v2"
)

// helpBar is the last line: the keys of the focused pane that matter most, as
// many as fit.
func (m *Model) helpBar(v *pane.View, w int) string {
	if m.overlay != nil {
		return ""
	}
	var parts []string
	add := func(shown, does string, off bool) {
		if off {
			parts = append(parts, v.Dim.Of(shown+" "+does))
		} else {
			parts = append(parts, v.Key.Of(shown)+" "+does)
		}
	}
	add(m.keyFor("next-pane"), "pane", false)
	if move := m.keyFor("up"); move == "up" {
		add(v.Up+v.Down, "move", false)
	} else {
		add(move+" "+m.keyFor("down"), "move", false)
	}
	for _, own := range []bool{true, false} { // the pane's own keys first
		for i := range m.bindings {
			b := &m.bindings[i]
			if b.Short == "" || b.Name == "next-pane" || !b.works(m.focus) || (b.Panes != nil) != own || tail(b) || m.inVain(b) {
				continue
			}
			add(m.keyName(b), b.Short, b.disabled(m) != "")
		}
	}
	end := m.tailKeys(v)
	line := " "
	for i, p := range parts {
		if i > 0 {
			p = "  " + p
		}
		if draw.Width(line)+draw.Width(p)+2+draw.Width(end) > w {
			break
		}
		line += p
	}
	return draw.Cut(v.Ends(line, end, w), w, "")
}

// tailKeys are the keys at the end of the bar, which are never left out.
func (m *Model) tailKeys(v *pane.View) (line string) {
	for _, name := range []string{"help", "quit"} {
		for i := range m.bindings {
			if b := &m.bindings[i]; b.Name == name && len(b.Keys()) > 0 {
				line += v.Key.Of(b.Keys()[0]) + " " + b.Short + "  "
			}
		}
	}
	return strings.TrimSuffix(line, " ")
}

// inVain reports whether a key never works in a recording.
func (m *Model) inVain(b *Binding) bool {
	why := m.recording()
	return why != "" && b.disabled(m) == why
}

// tail reports whether a key is at the end of the bar, where it is never left out.
func tail(b *Binding) bool { return b.Name == "help" || b.Name == "quit" }

// keyName is how the bar names a key: the first one, or a pair.
func (m *Model) keyName(b *Binding) string {
	switch key := m.keyFor(b.Name); {
	case b.Name == "faster":
		return key + m.keyFor("slower")
	case b.Name == "more" && key == "right":
		return m.glyphs.Sides()
	default:
		return key
	}
}

// keysOf are a pane's own keys, for the line at its bottom.
func (m *Model) keysOf(p draw.Pane) (list []pane.ShortKey) {
	for i := range m.bindings {
		b := &m.bindings[i]
		if len(b.Panes) == 1 && b.Panes[0] == p && b.Short != "" && !m.inVain(b) {
			list = append(list, pane.ShortKey{Key: m.keyName(b), Does: b.Short, Off: b.disabled(m) != ""})
		}
	}
	return list
}

// helpWindow shows all keys.
type helpWindow struct {
	under             overlay // the window that it covers, which a small screen does not show
	top, length, room int

	searching bool
	search    line
}

func (*helpWindow) title() string { return "Keys" }

func (o *helpWindow) key(m *Model, msg tea.KeyPressMsg) (tea.Cmd, bool) {
	if o.searching {
		switch msg.String() {
		case "esc":
			o.searching, o.search = false, line{}
		case "enter":
			o.searching = false
		default:
			if err := o.search.key(msg); err != nil {
				m.warn(err.Error())
			}
		}
		o.top = 0
		return nil, false
	}
	switch msg.String() {
	case "/":
		o.searching = true
		o.top = 0
	case "up", "k":
		o.top--
	case "down", "j":
		o.top++
	case "pgup":
		o.top -= o.room
	case "pgdown", "space":
		o.top += o.room
	case "home", "g":
		o.top = 0
	case "end", "G":
		o.top = o.length
	case "esc", "?", "q", "enter":
		return nil, true
	}
	return nil, false
}

func (o *helpWindow) render(m *Model, v *pane.View, w, h int) []string {
	columns := max(1, w/helpW)
	lines, own := m.helpLines(v, w/columns-1, o.search.value())
	if columns > 1 {
		lines, own = inColumns(v, lines, columns, w/columns), 0
	}
	if o.length == 0 { // just opened
		o.top = own
	}
	o.length, o.room = len(lines), max(1, h-1)
	o.top = max(0, min(o.top, len(lines)-o.room))
	out := append([]string(nil), lines[o.top:min(len(lines), o.top+o.room)]...)
	foot := v.Key.Of("esc") + " closes   " + v.Key.Of("/") + " search"
	if o.searching || o.search.value() != "" {
		foot = v.Key.Of("/") + o.search.draw(v, o.searching, max(10, w/2))
	}
	if len(lines) > o.room {
		foot += "   " + v.Key.Of(v.Up+v.Down) + " more  " + draw.Span(o.top, min(len(lines), o.top+o.room), len(lines))
	}
	return append(out, foot)
}

// helpW is how wide a column of the help is, at least.
const helpW = 60

// inColumns puts lines into columns of equal length, read from top to bottom.
func inColumns(v *pane.View, lines []string, columns, w int) (out []string) {
	n := (len(lines) + columns - 1) / columns
	for i := range n {
		row := ""
		for at := i; at < len(lines); at += n {
			row += v.Fit(lines[at], w)
		}
		out = append(out, strings.TrimRight(row, " "))
	}
	return out
}

// paneGroups are the groups with the keys of each pane.
var paneGroups = map[draw.Pane]string{draw.Calls: groupCalls, draw.Phones: groupPhone, draw.Deliveries: groupSend, draw.Inspector: groupLook, draw.Faults: groupFault}

// keyW is how wide the keys of a command are in the help.
const keyW = 14

// helpLines are all keys, or those with a text, those that cannot work right now grey,
// and the line where those of the focused pane begin.
func (m *Model) helpLines(v *pane.View, w int, search string) (lines []string, own int) {
	search = strings.ToLower(search)
	has := func(b *Binding) bool {
		return strings.Contains(strings.ToLower(b.Name+" "+b.Help().Key+" "+b.Help().Desc+" "+b.Group), search)
	}
	for _, g := range groups {
		if !slices.ContainsFunc(m.bindings, func(b Binding) bool { return b.Group == g && has(&b) }) {
			continue
		}
		if g == paneGroups[m.focus] {
			own = len(lines)
		}
		lines = append(lines, v.Bold.Of(g))
		for i := range m.bindings {
			if b := &m.bindings[i]; b.Group == g && has(b) {
				about := b.Help().Desc
				where := ""
				if b.Panes != nil && len(b.Panes) < 3 && g != groupPhone && g != groupFault {
					where = " in " + paneList(b.Panes)
				}
				line := fmt.Sprintf("  %s %s%s", v.Fit(b.Help().Key, keyW), about, where)
				if b.disabled(m) == "" {
					line = fmt.Sprintf("  %s %s%s", v.Key.Of(v.Fit(b.Help().Key, keyW)), about, v.Dim.Of(where))
				} else {
					line = v.Dim.Of(line)
				}
				lines = append(lines, line)
			}
		}
		lines = append(lines, "")
	}
	if len(lines) == 0 {
		lines = append(lines, v.Dim.Of("no key or command has that"))
	}
	for i := range lines {
		lines[i] = draw.Cut(lines[i], w, v.More)
	}
	return lines, own
}

func paneList(list []draw.Pane) string {
	var names []string
	for _, p := range list {
		names = append(names, p.String())
	}
	return strings.Join(names, ", ")
}

// window is the window that can be seen on top of the panes, or nil. On a screen
// that is too small, that is the help alone: another one waits until it is larger.
func (m *Model) window() overlay {
	if _, help := m.overlay.(*helpWindow); m.layout.Form == draw.TooSmall && !help {
		return nil
	}
	return m.overlay
}
