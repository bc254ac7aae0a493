package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"ringback/sim/call"
	"ringback/sim/journal"
)

// view is what a pane draws with.
type view struct {
	theme
	*glyphs
	st      *journal.State
	now     call.Instant
	m       *Model
	focused bool
}

// View draws the screen. It changes nothing: what drawing finds out about
// panes, like which rows are to be seen, it finds out of a copy.
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
	v := &view{theme: m.theme, glyphs: m.glyphs, st: m.history.st, now: max(m.clock.Now, m.history.st.Now), m: m}
	if m.layout.Form == TooSmall {
		return strings.Join(tooSmall(v, m.w, m.h), "\n")
	}
	c := newCanvas(m.w, m.h)
	c.put(m.layout.Header, []string{header(v, m.w)})
	if m.layout.Form == Tabs {
		c.put(m.layout.Tabs, []string{tabLine(v, m.w)})
	}
	for p := Calls; p <= panes; p++ {
		if r := m.layout.Panes[p]; r.W > 0 {
			v.focused = m.focus == p && m.overlay == nil
			c.put(r, m.frame(v, p, r))
		}
	}
	note, help := toastLine(v, m.w), helpBar(v, m.w)
	if m.layout.Toast.W == 0 && note != "" {
		help = note
	}
	c.put(m.layout.Toast, []string{note})
	c.put(m.layout.Help, []string{help})
	lines := c.lines()
	if m.overlay != nil {
		lay(v, lines, m.overlay, m.w, m.h)
	}
	return strings.Join(lines, "\n")
}

// frame draws a pane with its border and titles.
func (m *Model) frame(v *view, p Pane, r Rect) []string {
	var lines []string
	var right string
	w, h := r.W-2, r.H-2
	switch p {
	case Calls:
		lines, right = m.calls.render(v, w, h), m.calls.title(v)
	case Phones:
		lines, right = m.phones.render(v, w, h), m.phones.title(v)
	case Deliveries:
		lines, right = m.deliveries.render(v, w, h), m.deliveries.title(v)
	case Inspector:
		lines, right = m.inspector.render(v, w, h), m.inspector.title(v)
	case Faults:
		lines, right = m.faults.render(v, w, h), m.faults.title(v)
	}
	return box(v, itoa(int(p))+" "+p.String(), right, lines, r.W, r.H)
}

// callTitle names the chosen call.
func (m *Model) callTitle(v *view) string {
	en := m.chosenCall()
	if en == nil {
		return ""
	}
	return callName(en.call.Number) + " " + generationOf(en.call.Generation)
}

// box draws a border around lines, with a title at each end of its top.
func box(v *view, left, right string, lines []string, w, h int) []string {
	if w < 4 || h < 2 {
		return nil
	}
	ink, title, b := v.border, v.title, &v.glyphs.frame
	if v.focused {
		ink, title, b = v.focus, ink2(v.focus, v.bold), &v.glyphs.heavy
	}
	left = cut(left, w-6, v.more)
	right = cut(right, w-8-width(left), v.more)
	top := ink.of(b.tl+b.h+" ") + title.of(left) + ink.of(" "+strings.Repeat(b.h, max(0, w-width(left)-5-titled(right))))
	if right != "" {
		top += " " + right + ink.of(" "+b.tr)
	} else {
		top += ink.of(b.tr)
	}
	out := make([]string, 0, h)
	out = append(out, top)
	side := ink.of(b.v)
	for i := range h - 2 {
		line := ""
		if i < len(lines) {
			line = lines[i]
		}
		out = append(out, side+v.fit(line, w-2)+side)
	}
	return append(out, ink.of(b.bl+strings.Repeat(b.h, w-2)+b.br))
}

// titled is how many cells a title at the right end takes.
func titled(s string) int {
	if s == "" {
		return 0
	}
	return width(s) + 2
}

// ink2 puts one style inside another.
func ink2(outer, inner ink) ink { return ink{outer.open + inner.open, inner.shut + outer.shut} }

// canvas puts blocks of lines side by side. Blocks do not overlap.
type canvas struct {
	w    int
	rows [][]piece
}

// piece is a part of a row, of w cells from x on.
type piece struct {
	x, w int
	text string
}

func newCanvas(w, h int) *canvas { return &canvas{w: w, rows: make([][]piece, h)} }

func (c *canvas) put(r Rect, lines []string) {
	for i, l := range lines {
		if i < r.H && r.Y+i < len(c.rows) {
			c.rows[r.Y+i] = append(c.rows[r.Y+i], piece{r.X, r.W, l})
		}
	}
}

func (c *canvas) lines() []string {
	out := make([]string, len(c.rows))
	for i, row := range c.rows {
		var b strings.Builder
		x := 0
		for x < c.w { // few pieces, in any order
			p, ok := next(row, x)
			if !ok {
				break
			}
			b.WriteString(strings.Repeat(" ", p.x-x))
			b.WriteString(p.text)
			if gap := p.w - width(p.text); gap > 0 {
				b.WriteString(strings.Repeat(" ", gap))
			}
			x = p.x + p.w
		}
		out[i] = b.String()
	}
	return out
}

// next is the first piece from a place on.
func next(row []piece, x int) (first piece, ok bool) {
	for _, p := range row {
		if p.x >= x && (!ok || p.x < first.x) {
			first, ok = p, true
		}
	}
	return first, ok
}

// lay puts a window on top of lines, in the middle.
func lay(v *view, lines []string, o overlay, w, h int) {
	inner := o.render(v, min(w-8, 100), h-4)
	most := width(o.title()) + 4
	for _, l := range inner {
		most = max(most, width(l))
	}
	bw, bh := min(w, most+4), min(h, len(inner)+2)
	for i, l := range inner {
		inner[i] = " " + l
	}
	v.focused = true
	window := box(v, o.title(), "", inner, bw, bh)
	x, y := (w-bw)/2, (h-bh)/2
	for i, l := range window {
		under := lines[y+i]
		lines[y+i] = v.fit(cut(under, x, ""), x) + l + from(under, x+bw, w)
	}
}

// from is what of a line is right of a column; of a sign that takes two cells,
// one of them left of it, a blank is left.
func from(line string, x, w int) string {
	rest := ansi.TruncateLeft(line, x, "")
	if width(rest) > w-x {
		rest = " " + ansi.TruncateLeft(line, x+1, "")
	}
	return rest
}

// tooSmall is all that a tiny terminal shows: that more room is wanted, the keys
// that work meanwhile, and how the run goes; or the help.
func tooSmall(v *view, w, h int) []string {
	status, ink := v.m.history.health.status(v)
	lines := []string{
		"needs " + itoa(tabsW) + "x" + itoa(tabsH) + ", has " + itoa(w) + "x" + itoa(h),
		v.key.of("?") + " keys  " + v.key.of("q") + " quit",
		v.bold.of("ringback") + " " + playState(v) + " " + v.m.history.health.dot(v) + " " + ink.of(status),
		"live " + itoa(v.st.Live) + "  retrying " + itoa(len(v.m.history.retrying)) + "  gave up " + itoa(int(v.st.Totals.Abandoned)),
	}
	if help := v.m.window(); help != nil {
		lines = help.render(v, w, h)
	}
	lines = lines[:min(len(lines), h)]
	for i := range lines {
		lines[i] = cut(lines[i], w, v.more)
	}
	return lines
}
