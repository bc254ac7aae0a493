package tui

import (
	"strconv"
	"strings"

	"ringback/tui/draw"
	"ringback/tui/pane"

	tea "charm.land/bubbletea/v2"
)

// View draws the screen. It draws a copy, and so does not change the model: drawing
// records in panes which rows are visible.
func (m *Model) View() tea.View {
	drawn := *m
	v := tea.NewView(drawn.draw())
	v.AltScreen = true
	if m.mouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	return v
}

// draw draws the screen, and scrolls the panes to their cursors.
func (m *Model) draw() string {
	v := m.view()
	if m.layout.Form == draw.TooSmall {
		return strings.Join(m.tooSmall(v, m.w, m.h), "\n")
	}
	c := draw.NewCanvas(m.w, m.h)
	c.Put(m.layout.Header, []string{m.header(v, m.w)})
	if m.layout.Tabs.W > 0 {
		c.Put(m.layout.Tabs, []string{m.tabLine(v, m.w)})
	}
	for p := draw.Calls; p <= draw.Panes; p++ {
		if r := m.layout.Panes[p]; r.W > 0 {
			v.Focused = m.focus == p && m.overlay == nil
			c.Put(r, m.frame(v, p, r))
		}
	}
	note, help := m.toastLine(v, m.w), m.helpBar(v, m.w)
	if note == "" && m.layout.Toast.W > 0 {
		note = m.tapeLine(v, m.w)
	}
	if m.layout.Toast.W == 0 && note != "" {
		help = note
	}
	c.Put(m.layout.Toast, []string{note})
	c.Put(m.layout.Help, []string{help})
	lines := c.Lines()
	if m.overlay != nil {
		m.lay(v, lines)
	}
	return strings.Join(lines, "\n")
}

// frame draws a pane with its border and titles.
func (m *Model) frame(v *pane.View, p draw.Pane, r draw.Rect) []string {
	v.Keys = m.keysOf(p)
	on := m.pane(p)
	lines := on.Render(v, r.W-2, r.H-2) // first: titles say which rows were drawn
	for i := range lines {
		lines[i] = v.Lit(lines[i])
	}
	return v.Box(strconv.Itoa(int(p))+" "+p.String(), on.Title(v), lines, r.W, r.H, v.Focused)
}

// lay puts the window over the middle of lines.
func (m *Model) lay(v *pane.View, lines []string) {
	o, w, h := m.overlay, m.w, m.h
	widest := 100
	if _, help := o.(*helpWindow); help { // it has columns
		widest = w
	}
	inner := o.render(m, v, min(w-8, widest), h-4)
	longest := draw.Width(o.title()) + 4
	for _, l := range inner {
		longest = max(longest, draw.Width(l))
	}
	bw, bh := min(w, longest+4), min(h, len(inner)+2)
	for i, l := range inner {
		inner[i] = " " + l
	}
	window := v.Box(o.title(), "", inner, bw, bh, true)
	x, y := (w-bw)/2, (h-bh)/2
	for i, l := range window {
		under := lines[y+i]
		lines[y+i] = v.Fit(draw.Cut(under, x, ""), x) + l + draw.RightOf(under, x+bw, w)
	}
}

// tooSmall is what a tiny terminal shows: that it needs more room, the keys that work,
// and the state of the run; or the help.
func (m *Model) tooSmall(v *pane.View, w, h int) []string {
	status, ink := receiverStatus(v, &m.history.Health)
	lines := []string{
		"needs " + strconv.Itoa(draw.TabsW) + "x" + strconv.Itoa(draw.TabsH) + ", has " + strconv.Itoa(w) + "x" + strconv.Itoa(h),
		v.Key.Of(m.keyFor("help")) + " keys  " + v.Key.Of(m.keyFor("quit")) + " quit",
		v.Bold.Of("ringback") + " " + playState(v, m.clock) + " " + receiverDot(v, &m.history.Health) + " " + ink.Of(status),
		"live " + strconv.Itoa(v.State.Live) + "  retrying " + strconv.Itoa(len(m.history.Retrying)) + "  gave up " + strconv.Itoa(int(v.State.Totals.Abandoned)),
	}
	if help := m.window(); help != nil {
		lines = help.render(m, v, w, h)
	}
	lines = lines[:min(len(lines), h)]
	for i := range lines {
		lines[i] = draw.Cut(lines[i], w, v.More)
	}
	return lines
}
