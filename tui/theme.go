package tui

import (
	"github.com/charmbracelet/colorprofile"

	"ringback/sim/delivery"
)

// theme is all colour there is. It uses the terminal's own 16, which suit dark
// and light alike without asking which it is; the zero value is all plain, as it
// is under NO_COLOR and where there are none. No state is told by colour alone.
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

// themeOf is the theme for what Bubble Tea found out about the terminal.
func themeOf(p colorprofile.Profile) theme {
	if p <= colorprofile.ASCII {
		return theme{}
	}
	sgr := func(codes string) ink { return ink{"\x1b[" + codes + "m", "\x1b[0m"} }
	return theme{
		good: sgr("32"), bad: sgr("31"), wait: sgr("33"), info: sgr("36"), dim: sgr("2"), bold: sgr("1"), key: sgr("1;36"), title: sgr("1"),
		border: sgr("2"), focus: sgr("36"), chosen: sgr("7"), mark: sgr("1;35"),
	}
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

// style is how to draw: colors, and characters.
type style struct {
	theme
	*glyphs
}
