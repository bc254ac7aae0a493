package draw

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/charmbracelet/colorprofile"

	"ringback/sim/delivery"
	"ringback/sim/text"
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

// Scheme says how each role is drawn: by the codes of the terminal (SGR), "" if it is
// drawn as plain text. Nil is the default.
type Scheme map[string]string

// The schemes by name. High contrast has the terminal's own two colors alone, and tells
// states apart by bold, underlined and reversed text; none has neither.
var schemes = map[string]Scheme{
	"default": {
		"good": "32", "bad": "31", "wait": "33", "info": "36", "dim": "2", "bold": "1", "key": "1;36", "title": "1",
		"border": "2", "focus": "36", "chosen": "7", "mark": "1;35",
	},
	"high-contrast": {
		"good": "1", "bad": "1;7", "wait": "1;4", "info": "1", "dim": "", "bold": "1", "key": "1;4", "title": "1",
		"border": "", "focus": "1", "chosen": "7", "mark": "4",
	},
	"none": {},
}

// colorNames are the terminal's own 16 colors, in the order of their codes: 30 to 37, and
// 90 to 97.
var colorNames = []string{
	"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
	"bright-black", "bright-red", "bright-green", "bright-yellow", "bright-blue", "bright-magenta", "bright-cyan", "bright-white",
}

var attributes = map[string]string{"plain": "", "bold": "1", "dim": "2", "underline": "4", "reverse": "7"}

// ParseScheme reads a scheme: the name of one (default, high-contrast, none), and roles
// with their colors and attributes, like good=bright-green or bad="bold red", in any
// order.
func ParseScheme(list []string) (Scheme, error) {
	s := maps.Clone(schemes["default"])
	for _, entry := range list {
		if named, is := schemes[entry]; is {
			s = maps.Clone(named)
		}
	}
	for _, entry := range list {
		role, look, pair := strings.Cut(entry, "=")
		role = strings.TrimSpace(role)
		_, is := schemes["default"][role]
		switch {
		case schemes[entry] != nil:
			continue
		case !pair && !is:
			return nil, fmt.Errorf("%s: want %s, or a role with a color, like good=green%s", text.Quote(entry, 40), orderly(schemes), text.Meant(entry, slices.Sorted(maps.Keys(schemes))))
		case !is:
			return nil, fmt.Errorf("no role %s: there are %s%s", text.Quote(role, 40), orderly(schemes["default"]), text.Meant(role, slices.Sorted(maps.Keys(schemes["default"]))))
		}
		var codes []string
		for _, word := range strings.Fields(look) {
			code, is := attributes[word]
			if i := slices.Index(colorNames, word); i >= 8 {
				code, is = strconv.Itoa(90+i-8), true
			} else if i >= 0 {
				code, is = strconv.Itoa(30+i), true
			}
			if !is {
				all := slices.Concat(colorNames, slices.Sorted(maps.Keys(attributes)))
				return nil, fmt.Errorf("%s: no color %s: there are %s%s", role, text.Quote(word, 40), strings.Join(all, ", "), text.Meant(word, all))
			}
			if code != "" {
				codes = append(codes, code)
			}
		}
		if look = strings.TrimSpace(look); look == "" {
			return nil, fmt.Errorf("%s: want a color, like green, or plain", role)
		}
		s[role] = strings.Join(codes, ";")
	}
	return s, nil
}

func orderly[V any](m map[string]V) string { return strings.Join(slices.Sorted(maps.Keys(m)), ", ") }

// ThemeOf returns the theme of a scheme for the colors of a terminal.
func ThemeOf(p colorprofile.Profile, s Scheme) Theme {
	if p <= colorprofile.ASCII {
		return Theme{}
	}
	if s == nil {
		s = schemes["default"]
	}
	of := func(role string) Ink {
		if s[role] == "" {
			return Ink{}
		}
		return Ink{"\x1b[" + s[role] + "m", "\x1b[0m"}
	}
	return Theme{
		Good: of("good"), Bad: of("bad"), Wait: of("wait"), Info: of("info"), Dim: of("dim"), Bold: of("bold"), Key: of("key"), title: of("title"),
		Border: of("border"), Focus: of("focus"), Chosen: of("chosen"), Mark: of("mark"),
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
