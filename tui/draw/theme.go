package draw

import (
	"github.com/charmbracelet/colorprofile"

	"ringback/sim/delivery"
)

// Theme is all color there is. It uses the terminal's own 16, which suit dark
// and light alike without asking which it is; the zero value is all plain, as it
// is under NO_COLOR and where there are none. No state is told by color alone.
type Theme struct {
	Good, Bad, Wait, Info, Dim, Bold, Key, title, Border, Focus, Chosen, Mark Ink
}

// Ink is a style, ready to be put around texts.
type Ink struct{ Open, shut string }

// Of is a text in this style.
func (i Ink) Of(s string) string {
	if i.Open == "" || s == "" {
		return s
	}
	return i.Open + s + i.shut
}

// ThemeOf is the theme for what Bubble Tea found out about the terminal.
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

// Of is the ink of a callback, by what became of it so far.
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

// Style is how to draw: colors, and characters.
type Style struct {
	Theme
	*Glyphs
}
