package tui

import (
	"io"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"ringback/sim/delivery"
)

// theme is all colour there is. It uses the terminal's own 16, which suit dark
// and light alike without asking which it is; under NO_COLOR, and where there
// are none, it is all plain. No state is told by colour alone.
type theme struct {
	good, bad, wait, info, dim, bold, key, title, border, focus, chosen, mark ink
}

// ink is a style, ready to be put around texts.
type ink struct{ open, shut string }

func (i ink) of(s string) string {
	if i.open == "" || s == "" {
		return s
	}
	return i.open + s + i.shut
}

// newTheme makes a theme for an output, or a plain one without.
func newTheme(r *lipgloss.Renderer) theme {
	if r == nil {
		r = lipgloss.NewRenderer(io.Discard)
	}
	fg := func(ansi string) lipgloss.Style { return r.NewStyle().Foreground(lipgloss.Color(ansi)) }
	return theme{
		good: inkOf(fg("2")), bad: inkOf(fg("1")), wait: inkOf(fg("3")), info: inkOf(fg("6")),
		dim: inkOf(r.NewStyle().Faint(true)), bold: inkOf(r.NewStyle().Bold(true)),
		key: inkOf(fg("6").Bold(true)), title: inkOf(r.NewStyle().Bold(true)),
		border: inkOf(r.NewStyle().Faint(true)), focus: inkOf(fg("6")),
		chosen: inkOf(r.NewStyle().Reverse(true)), mark: inkOf(fg("5").Bold(true)),
	}
}

// inkOf finds out what a style puts before and behind a text.
func inkOf(s lipgloss.Style) ink {
	open, shut, ok := strings.Cut(s.Render("x"), "x")
	if !ok {
		return ink{}
	}
	return ink{open, shut}
}

// of is the ink of a callback, by what became of it so far.
func (t *theme) of(d *delivery.Delivery) ink {
	switch d.State {
	case delivery.Done:
		return t.good
	case delivery.Abandoned, delivery.Dropped:
		return t.bad
	case delivery.Waiting:
		if d.Attempts > 0 {
			return t.bad
		}
		return t.wait
	case delivery.Flying:
		return t.info
	}
	return t.dim
}
