package draw

import (
	"github.com/charmbracelet/colorprofile"

	"ringback/sim/delivery"
)

// Theme has all colors. It uses the terminal's own 16, which suit dark and light
// backgrounds without a query; the zero value has no colors, for NO_COLOR and plain
// terminals. No state is shown by color alone.
type Theme struct {
	Good, Bad, Wait, Info, Dim, Bold, Key, title, Border, Focus, Chosen, Mark Ink
}

// Ink is a style, ready to be put around texts.
type Ink struct{ Open, shut string }

// Of returns a text in this style.
func (i Ink) Of(s string) string {
	if i.Open == "" || s == "" {
		return s
	}
	return i.Open + s + i.shut
}

// ThemeOf returns the theme for the colors of a terminal.
func ThemeOf(p colorprofile.Profile) Theme {
	if p <= colorprofile.ASCII {
		return Theme{}
	}
	sgr := func(codes string) Ink { return Ink{"\x1b[" + codes + "m", "\x1b[0m"} }
	return Theme{
		Good: sgr("32"), Bad: sgr("31"), Wait: sgr("33"), Info: sgr("36"), Dim: sgr("2"), Bold: sgr("1"), Key: sgr("1;36"), title: sgr("1"),
		Border: sgr("2"), Focus: sgr("36"), Chosen: sgr("7"), Mark: sgr("1;35"),
	}
}

// Of returns the ink of a callback's state.
func (t *Theme) Of(d *delivery.Delivery) Ink {
	switch d.State {
	case delivery.Acked:
		return t.Good
	case delivery.Abandoned, delivery.Dropped:
		return t.Bad
	case delivery.Waiting:
		if d.Attempts > 0 {
			return t.Bad
		}
		return t.Wait
	case delivery.InFlight:
		return t.Info
	}
	return t.Dim
}

// Style is a theme with glyphs.
type Style struct {
	Theme
	*Glyphs
}
