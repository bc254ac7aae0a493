package draw

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"
)

func TestClean(t *testing.T) {
	for in, want := range map[string][2]string{
		"plain":                         {"plain", "plain"},
		"张伟":                            {"张伟", `\u5f20\u4f1f`},
		"e\u0301 é":                     {"e\u0301 é", `e\u0301 \u00e9`},
		"👩\u200d👧":                      {`👩\u200d👧`, `\ud83d\udc69\u200d\ud83d\udc67`},
		"👍🏽":                            {`👍\ud83c\udffd`, `\ud83d\udc4d\ud83c\udffd`},
		"❤\ufe0f":                       {`❤\ufe0f`, `\u2764\ufe0f`},
		"🇨🇳":                            {"🇨🇳", `\ud83c\udde8\ud83c\uddf3`},
		"bob\u200b":                     {`bob\u200b`, `bob\u200b`},
		"\u0301x":                       {`\u0301x`, `\u0301x`},
		"a\tb\nc":                       {"a b c", "a b c"},
		"\x1b[2J\r\x00\x7f\u0085\u202e": {`\u001b[2J\u000d\u0000\u007f\u0085\u202e`, `\u001b[2J\u000d\u0000\u007f\u0085\u202e`},
		"\xff\ufffd":                    {`\xff\ufffd`, `\xff\ufffd`},
		"\u2028\ue000\u3164\u00ad":      {`\u2028\ue000\u3164\u00ad`, `\u2028\ue000\u3164\u00ad`},
		"\u0d4eA\u0d4e\x00":             {`\u0d4eA\u0d4e\u0000`, `\u0d4eA\u0d4e\u0000`},
		"?token=…":                      {"?token=…", "?token=..."},
	} {
		if got := [2]string{Fancy.Clean(in), ASCII.Clean(in)}; got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// Whatever a text has in it, all terminals give what is shown of it the same
// cells, none obeys it, and it can be told from any other text; where there is no
// room for all of it, what is shown is the beginning of it.
func TestCleanIsSteady(t *testing.T) {
	pieces := []string{
		"a", " ", "界", "e", "\u0301", "\u200d", "\ufe0f", "\ufe0e", "👩", "👧", "🏽", "❤", "🇨", "🇳", "1", "\u20e3", "\u200b", "\u00ad", "न", "ि", "ำ", "ก", "ᄒ", "ᅡ", "ᆫ",
		"ع", "\u0600", "\u0d4e", "\x1b", "\x00", "\x7f", "\u0085", "\u202e", "\u2028", "\ufffd", "\ue000", "\U0001fbf0", "\u3000", "﷽", "\u1160", "●", "\U000e0041",
	}
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOf(rapid.OneOf(rapid.SampledFrom(pieces), rapid.String().Filter(func(s string) bool { return !strings.ContainsAny(s, "\t\n\\\"") }))).Draw(t, "s"), "")
		for _, g := range []*Glyphs{&Fancy, &ASCII} {
			c := g.Clean(s)
			if ansi.StringWidth(c) != ansi.StringWidthWc(c) || ansi.StringWidth(c) != Width(c) {
				t.Fatalf("%q takes %d cells, or %d", c, ansi.StringWidth(c), ansi.StringWidthWc(c))
			}
			if strings.ContainsFunc(c, func(r rune) bool { return invisible(r) || g == &ASCII && r > '~' }) {
				t.Fatalf("%q has what cannot be seen", c)
			}
			if again := g.Clean(c); again != c {
				t.Fatalf("%q once more is %q", c, again)
			}
			var back string
			if err := json.Unmarshal([]byte(`"`+c+`"`), &back); !strings.Contains(s, "…") && (err != nil || back != s) {
				t.Fatalf("%q is shown as %q", s, c)
			}
			for w := range Width(c) + 2 {
				short := Cut(c, w, "~")
				head := strings.TrimSuffix(short, "~")
				if err := json.Unmarshal([]byte(`"`+head+`"`), &back); Width(short) > w || !strings.HasPrefix(c, head) || !strings.Contains(s, "…") && (err != nil || !strings.HasPrefix(s, back)) {
					t.Fatalf("%q in %d cells is %q", c, w, short)
				}
			}
		}
	})
}

// Terminals agree about what the screen itself draws, too.
func TestGlyphsAreSteady(t *testing.T) {
	for _, g := range []Glyphs{Fancy, ASCII} {
		var walk func(reflect.Value)
		walk = func(v reflect.Value) {
			switch v.Kind() {
			case reflect.Struct:
				for i := range v.NumField() {
					walk(v.Field(i))
				}
			case reflect.Slice:
				for i := range v.Len() {
					walk(v.Index(i))
				}
			case reflect.String:
				for _, r := range v.String() {
					if !steady(string(r)) || Width(string(r)) != 1 {
						t.Errorf("%q does not take one cell everywhere", r)
					}
				}
			}
		}
		walk(reflect.ValueOf(g))
	}
}
