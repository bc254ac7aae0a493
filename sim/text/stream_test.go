package text_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"ringback/sim/text"
)

func TestStream(t *testing.T) {
	const pwn = "\x1b]0;pwn\x07\x1b[2J\x1b[31mred\x1b[0m \u009b31m \x9b \u202e\r\n"
	for _, tt := range []struct {
		name   string
		stream text.Stream
		draws  bool
		in     string
		want   string
	}{
		{"plain", text.Stream{}, false, "a line\n\tand 你好 ✓\n", "a line\n\tand 你好 ✓\n"},
		{"a log", text.Stream{}, false, pwn, `\x1b]0;pwn\x07\x1b[2J\x1b[31mred\x1b[0m \u009b31m \x9b \u202e\x0d` + "\n"},
		{"a terminal", text.Stream{Colors: true}, false, pwn, `\x1b]0;pwn\x07\x1b[2J` + "\x1b[31mred\x1b[0m" + ` \u009b31m \x9b \u202e\x0d` + "\n"},
		{"other styles", text.Stream{Colors: true}, false, "\x1b[8m\x1b[38;5;1m\x1b[5m\x1b[1m", `\x1b[8m\x1b[38;5;1m\x1b[5m` + "\x1b[1m"},
		{"a screen", text.Stream{}, true, "\r\x1b[12Aline\x1b[K\n\x1b[J\x1b[?25l\x1b[H", "\r\x1b[12Aline\x1b[K\n\x1b[J" + `\x1b[?25l\x1b[H`},
		{"no GitHub", text.Stream{}, false, "::error::x\n##[error]x\n", "::error::x\n##[error]x\n"},
		{"colons", text.Stream{GitHub: true}, false, "::error::x\n \t::stop-commands::x\n a::b ::c\n", `:\u003aerror::x` + "\n \t" + `:\u003astop-commands::x` + "\n a::b ::c\n"},
		{"brackets", text.Stream{GitHub: true}, false, "##[error]x and ##[group]\n###[x] #[y] # #[z]\n", `##\u005berror]x and ##\u005bgroup]` + "\n" + `###\u005bx] #[y] # #[z]` + "\n"},
		{"invisible", text.Stream{GitHub: true}, false, "\u200b::a::\n:\u00ad:b::\n#\u2060#\ufe0f[c]\n1\u200d2\n", `\u200b::a::` + "\n" + `:\u00ad:b::` + "\n" + `#\u2060#\ufe0f[c]` + "\n1\u200d2\n"},
		{"a carriage return", text.Stream{GitHub: true}, false, "a\r::error::x\n", `a\x0d::error::x` + "\n"},
		{"drawn", text.Stream{GitHub: true}, true, "a\r::error::x\n", "a\r" + `:\u003aerror::x` + "\n"},
	} {
		clean := tt.stream.Clean
		if tt.draws {
			clean = tt.stream.Draw
		}
		if got := string(clean([]byte(tt.in))) + string(tt.stream.Flush()); got != tt.want {
			t.Errorf("%s: %q is printed as %q, want %q", tt.name, tt.in, got, tt.want)
		}
	}
}

// A command that is meant is one, and the line behind it is none.
func TestStreamCommand(t *testing.T) {
	s := text.Stream{GitHub: true}
	got := string(s.Clean([]byte("a line\n")))
	got += string(s.Command([]byte("::error title=x::y ##[z]\x1b\n")))
	got += string(s.Clean([]byte("::error::z\n")))
	if want := "a line\n" + `::error title=x::y ##\u005bz]\x1b` + "\n" + `:\u003aerror::z` + "\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// anyPiece draws what is printed, with what a runner or a terminal looks for.
func anyPiece() *rapid.Generator[string] {
	return rapid.Map(rapid.SliceOf(rapid.OneOf(anyText(), rapid.SampledFrom([]string{
		"::", ":", "#", "##[", "[", " ", "\t", "\n", "\u00a0", "\u00ad", "\u200b", "\ufe0f", "\U000e0041", "\u3000", "error", "]", "\x1b[", "31", "m", "\x1b[0m", "\x1b[2K",
	}))), func(parts []string) string { return strings.Join(parts, "") })
}

// own are the sequences that a terminal may get.
var own = regexp.MustCompile(`\x1b\[(0|1|2|31|32|33|36)m`)

func TestStreamAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		colors, github := rapid.Bool().Draw(t, "colors"), rapid.Bool().Draw(t, "github")
		whole, parts := text.Stream{Colors: colors, GitHub: github}, text.Stream{Colors: colors, GitHub: github}
		in := anyPiece().Draw(t, "in")
		out := string(whole.Clean([]byte(in))) + string(whole.Flush())
		if !utf8.ValidString(out) {
			t.Fatalf("%q is not UTF-8", out)
		}
		seen := out
		if colors {
			seen = own.ReplaceAllString(out, "")
		}
		if strings.ContainsFunc(seen, func(r rune) bool { return r != '\n' && r != '\t' && text.Unprintable(r) }) {
			t.Fatalf("%q is printed as %q", in, out)
		}
		if github {
			for line := range strings.Lines(out) {
				if isCommand(line) {
					t.Fatalf("%q is printed as the command %q", in, line)
				}
			}
		}
		// It makes no difference in which pieces it comes.
		var pieces strings.Builder
		for rest := in; rest != ""; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "n")
			pieces.Write(parts.Clean([]byte(rest[:n])))
			rest = rest[n:]
		}
		pieces.Write(parts.Flush())
		if pieces.String() != out {
			t.Fatalf("%q in pieces is printed as %q, want %q", in, pieces.String(), out)
		}
	})
}

// isCommand reads a line as the runner of GitHub Actions does, which leaves out
// what can't be seen when it compares.
func isCommand(line string) bool {
	line = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector, unicode.Cc) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, line)
	return strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[")
}

// What is printed as JSON is JSON of the same value.
func TestStreamJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := map[string]string{anyPiece().Draw(t, "key"): anyPiece().Draw(t, "value")}
		var b strings.Builder
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", rapid.SampledFrom([]string{"", "  "}).Draw(t, "indent"))
		if err := enc.Encode(value); err != nil {
			t.Fatal(err)
		}
		s := text.Stream{GitHub: rapid.Bool().Draw(t, "github")}
		out := s.Clean([]byte(b.String()))
		var got, want any
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatalf("%s: %v", out, err)
		}
		_ = json.Unmarshal([]byte(b.String()), &want)
		if g, w := got.(map[string]any), want.(map[string]any); len(g) != 1 || len(w) != 1 {
			t.Fatalf("%q, want %q", g, w)
		} else {
			for k, v := range w {
				if g[k] != v {
					t.Fatalf("%q, want %q", g, w)
				}
			}
		}
	})
}

// A byte that does not print is found wherever it stands.
func TestStreamFinds(t *testing.T) {
	for c := range 256 {
		for at := range 20 {
			b := []byte(strings.Repeat("x ~", 7))
			b[at] = byte(c)
			want := string(b)
			switch {
			case c == 0x7f:
				want = string(b[:at]) + `\u007f` + string(b[at+1:])
			case c < ' ' && c != '\n' && c != '\t' || c > 0x7f:
				want = string(b[:at]) + fmt.Sprintf(`\x%02x`, c) + string(b[at+1:])
			}
			var s text.Stream
			if got := string(s.Clean(b)); got != want {
				t.Fatalf("%#x at %d: got %q, want %q", c, at, got, want)
			}
		}
	}
}
