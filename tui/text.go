package tui

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// plain tells whether each byte of a text takes one cell, which most do.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// width is how many cells a text takes, styles left out.
func width(s string) int {
	if plain(s) {
		return len(s)
	}
	return ansi.StringWidth(s)
}

// clean is a text that somebody else wrote, without what would do something to
// a terminal.
func clean(s string) string {
	if plain(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n':
			return ' '
		case r == utf8.RuneError || unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp):
			return '?'
		}
		return r
	}, s)
}

// cut shortens a text, styled or not, to a number of cells.
func cut(s string, w int, tail string) string {
	switch {
	case w <= 0:
		return ""
	case width(s) <= w:
		return s
	case width(tail) >= w:
		return ansi.Truncate(s, w, "")
	}
	return ansi.Truncate(s, w, tail)
}

// fit is a text of exactly that many cells.
func (g *glyphs) fit(s string, w int) string {
	s = cut(s, w, g.more)
	return s + strings.Repeat(" ", max(0, w-width(s)))
}

// span says which rows of a list are to be seen.
func span(from, to, of int) string {
	if from == 0 && to >= of || to <= from {
		return itoa(of)
	}
	return fmt.Sprintf("%d-%d of %d", from+1, to, of)
}

// right is a text of exactly that many cells, at their right end.
func (g *glyphs) right(s string, w int) string {
	s = cut(s, w, g.more)
	return strings.Repeat(" ", max(0, w-width(s))) + s
}

// ends puts one text at the left end of a line and one at the right; the left
// one gives way.
func (g *glyphs) ends(left, right string, w int) string {
	right = cut(right, w, g.more)
	room := w - width(right)
	if right != "" && room > 0 {
		room--
		right = " " + right
	}
	return g.fit(left, room) + right
}

// fold breaks a text into lines of at most that many cells.
func fold(s string, w int) (lines []string) {
	if w < 1 {
		return nil
	}
	for _, l := range strings.Split(s, "\n") {
		for width(l) > w {
			head := ansi.Truncate(l, w, "")
			if head == "" { // a rune that is wider than the line
				return lines
			}
			lines, l = append(lines, head), strings.TrimPrefix(l, head)
		}
		lines = append(lines, l)
	}
	return lines
}

// wrap breaks a text between words.
func wrap(s string, w int) []string {
	if w < 1 {
		return nil
	}
	return strings.Split(ansi.Wrap(s, w, ""), "\n")
}
