package draw

import (
	"strings"
)

// Box draws a border around lines, with a title at each end of its top.
func (s Style) Box(left, right string, lines []string, w, h int, focused bool) []string {
	if w < 4 || h < 2 {
		return nil
	}
	ink, title, b := s.Border, s.title, &s.Glyphs.Frame
	if focused {
		ink, title, b = s.Focus, ink2(s.Focus, s.Bold), &s.heavy
	}
	left = Cut(left, w-6, s.More)
	right = Cut(right, w-8-Width(left), s.More)
	top := ink.Of(b.tl+b.h+" ") + title.Of(left) + ink.Of(" "+strings.Repeat(b.h, max(0, w-Width(left)-5-titled(right))))
	if right != "" {
		top += " " + right + ink.Of(" "+b.tr)
	} else {
		top += ink.Of(b.tr)
	}
	out := make([]string, 0, h)
	out = append(out, top)
	side := ink.Of(b.v)
	for i := range h - 2 {
		line := ""
		if i < len(lines) {
			line = lines[i]
		}
		out = append(out, side+s.Fit(line, w-2)+side)
	}
	return append(out, ink.Of(b.bl+strings.Repeat(b.h, w-2)+b.br))
}

// titled returns how many cells a title at the right end takes.
func titled(s string) int {
	if s == "" {
		return 0
	}
	return Width(s) + 2
}

// ink2 puts one style inside another.
func ink2(outer, inner Ink) Ink { return Ink{outer.Open + inner.Open, inner.shut + outer.shut} }

// Canvas puts blocks of lines side by side. Blocks do not overlap.
type Canvas struct {
	w    int
	rows [][]piece
}

// piece is a part of a row, of w cells from x on.
type piece struct {
	x, w int
	text string
}

// NewCanvas makes an empty canvas of w cells by h lines.
func NewCanvas(w, h int) *Canvas { return &Canvas{w: w, rows: make([][]piece, h)} }

// Put puts lines into a rectangle; what is below it is left out.
func (c *Canvas) Put(r Rect, lines []string) {
	for i, l := range lines {
		if i < r.H && r.Y+i < len(c.rows) {
			c.rows[r.Y+i] = append(c.rows[r.Y+i], piece{r.X, r.W, l})
		}
	}
}

// Lines are the lines of the whole canvas.
func (c *Canvas) Lines() []string {
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
			if gap := p.w - Width(p.text); gap > 0 {
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
