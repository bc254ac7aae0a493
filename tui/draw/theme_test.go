package draw_test

import (
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"

	"ringback/tui/draw"
)

// Roles take colors of the terminal and attributes; what is unknown is named, with what
// there is.
func TestScheme(t *testing.T) {
	for _, tt := range []struct {
		list              string
		good, bad, chosen string
	}{
		{"", "\x1b[32m", "\x1b[31m", "\x1b[7m"},
		{"good=bright-blue|bad=bold underline red", "\x1b[94m", "\x1b[1;4;31m", "\x1b[7m"},
		{"bad=plain|high-contrast", "\x1b[1m", "", "\x1b[7m"},
		{"none", "", "", ""},
		{"none|chosen=reverse", "", "", "\x1b[7m"},
	} {
		s, err := draw.ParseScheme(strings.FieldsFunc(tt.list, func(r rune) bool { return r == '|' }))
		if err != nil {
			t.Errorf("%s: %v", tt.list, err)
			continue
		}
		th := draw.ThemeOf(colorprofile.ANSI, s)
		if th.Good.Open != tt.good || th.Bad.Open != tt.bad || th.Chosen.Open != tt.chosen {
			t.Errorf("%s: %q, %q and %q", tt.list, th.Good.Open, th.Bad.Open, th.Chosen.Open)
		}
		if th := draw.ThemeOf(colorprofile.ASCII, s); th != (draw.Theme{}) {
			t.Errorf("%s: a terminal without colors gets %+v", tt.list, th)
		}
	}
	for entry, want := range map[string]string{
		"dark": `"dark": want default, high-contrast, none`, "high-contrst": "did you mean high-contrast?", "god=green": `no role "god"`, "good=gren": "did you mean green?", "good=": "good: want a color", "good=#00ff00": `no color "#00ff00"`,
	} {
		if _, err := draw.ParseScheme([]string{entry}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", entry, err, want)
		}
	}
}
