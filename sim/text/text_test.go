package text_test

import (
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"ringback/sim/text"
)

func TestClean(t *testing.T) {
	for _, tt := range []struct{ in, block, line string }{
		{"", "", ""},
		{"plain 你好 ✓ 👩‍👧", "plain 你好 ✓ 👩‍👧", "plain 你好 ✓ 👩‍👧"},
		{"a\x1b[31mred", `a\x1b[31mred`, `a\x1b[31mred`},
		{"two\nlines\tand a tab", "two\nlines\tand a tab", `two\x0alines` + "\tand a tab"},
		{"back\rspace\b", `back\x0dspace\x08`, `back\x0dspace\x08`},
		{"C1 \u009b31m and DEL \x7f", `C1 \u009b31m and DEL \u007f`, `C1 \u009b31m and DEL \u007f`},
		{"a byte \x9b31m", `a byte \x9b31m`, `a byte \x9b31m`},
		{"\u202eabc\u2066\u200f", `\u202eabc\u2066\u200f`, `\u202eabc\u2066\u200f`},
		{"\ufeff\u2028\u2029\uffff", `\ufeff\u2028\u2029\uffff`, `\ufeff\u2028\u2029\uffff`},
		{"really \ufffd", "really \ufffd", "really \ufffd"},
	} {
		if got := text.Clean(tt.in); got != tt.block {
			t.Errorf("Clean(%q) = %q, want %q", tt.in, got, tt.block)
		}
		if got := text.Line(tt.in); got != tt.line {
			t.Errorf("Line(%q) = %q, want %q", tt.in, got, tt.line)
		}
	}
}

// anyText draws bytes, characters, and what terminals obey.
func anyText() *rapid.Generator[string] {
	return rapid.Map(rapid.SliceOf(rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
		"\x1b", "\x1b[2J", "\x9b", "\u009b", "\u202e", "\n", "\r", "\xff", "\xe4\xbd", "你", "\ufeff", "\x7f", "\x00",
	}))), func(parts []string) string { return strings.Join(parts, "") })
}

// What is cleaned prints, and whatever prints is left as it was.
func TestCleanAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anyText().Draw(t, "s")
		for _, got := range []string{text.Clean(s), text.Line(s)} {
			if !utf8.ValidString(got) {
				t.Fatalf("%q is not UTF-8", got)
			}
			if strings.ContainsFunc(got, func(r rune) bool { return r != '\n' && r != '\t' && text.Unprintable(r) }) {
				t.Fatalf("%q does not print", got)
			}
			if text.Clean(got) != got {
				t.Fatalf("%q is cleaned once more", got)
			}
		}
		if strings.Contains(text.Line(s), "\n") {
			t.Fatalf("Line(%q) has a line break", s)
		}
	})
}

func TestCut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, limit := anyText().Draw(t, "s"), rapid.IntRange(0, 20).Draw(t, "limit")
		start, cut := text.Cut(s, limit)
		if !strings.HasPrefix(s, start) || len(start) > limit || cut != (start != s) || len(s) > limit && len(start) <= limit-utf8.UTFMax {
			t.Fatalf("Cut(%q, %d) = %q, %t", s, limit, start, cut)
		}
		if utf8.ValidString(s) && !utf8.ValidString(start) {
			t.Fatalf("Cut(%q, %d) = %q, which is not UTF-8", s, limit, start)
		}
		if want := map[bool]string{true: start + "...", false: s}[cut]; text.Short(s, limit) != want {
			t.Fatalf("Short(%q, %d) = %q, want %q", s, limit, text.Short(s, limit), want)
		}
		quoted, dots := strings.CutSuffix(text.Quote(s, limit), `"...`)
		if dots {
			quoted += `"`
		}
		if back, err := strconv.Unquote(quoted); err != nil || back != start || dots != cut {
			t.Fatalf("Quote(%q, %d) = %s", s, limit, text.Quote(s, limit))
		}
		shown := text.Show([]byte(s), limit)
		if strings.ContainsFunc(shown, func(r rune) bool { return !unicode.IsPrint(r) }) || shown != s && shown != text.Quote(s, limit) {
			t.Fatalf("Show(%q, %d) = %q", s, limit, shown)
		}
	})
}

// A long run of one character is shown by its first few and their number; a text
// without one is shown as Cut has it.
func TestFold(t *testing.T) {
	run := strings.Repeat
	for _, tt := range []struct {
		whole string
		limit int
		start string
		n     int
	}{
		{"", 10, "", 0},
		{run(" ", 100), 1000, run(" ", 100), 100},
		{run(" ", 101), 1000, "    … (101 spaces)", 101},
		{run(" ", 65536) + "{}", 1000, "    … (65,536 spaces){}", 65538},
		{"a" + run(" ", 65536) + "{}", 24, "a    … (65,536 spaces)", 65537},
		{"a" + run(" ", 65536) + "{}", 25, "a    … (65,536 spaces){", 65538},
		{"a" + run(" ", 65536) + "{}", 23, "a", 1},
		{run("ü", 1000) + "x", 1000, `üüüü… (1,000 times "ü")x`, 2001},
		{run("\n", 1234567), 1000, "\n\n\n\n… (1,234,567 times \"\\n\")", 1234567},
		{run("\xff", 200), 1000, "\xff\xff\xff\xff… (200 times \"\\xff\")", 200},
		{run("ab", 300), 301, run("ab", 150) + "a", 301},
		{run("ü", 60), 21, run("ü", 10), 20},
	} {
		if start, n := text.Fold(tt.whole, tt.limit); start != tt.start || n != tt.n {
			t.Errorf("%.30q, %d bytes: got %q, %d; want %q, %d", tt.whole, tt.limit, start, n, tt.start, tt.n)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		whole, limit := rapid.StringN(-1, 100, -1).Draw(rt, "text"), rapid.IntRange(0, 200).Draw(rt, "limit")
		want, _ := text.Cut(whole, limit)
		if start, n := text.Fold(whole, limit); start != want || n != len(want) {
			rt.Fatalf("got %q, %d; want %q", start, n, want)
		}
	})
}

func TestCount(t *testing.T) {
	got := []string{text.Count(0, "call"), text.Count(1, "call"), text.Count(uint64(2), "more call"), text.Count(2, "retry"), text.Count(3, "day")}
	if want := []string{"0 calls", "1 call", "2 more calls", "2 retries", "3 days"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNearest(t *testing.T) {
	words := []string{"accept", "reject", "hang_up", "mic", "duplicate", "drop", "on"}
	for s, want := range map[string]string{
		"acept": "accept", "REJECT": "reject", "rejcet": "reject", "hangup": "hang_up", "dup": "duplicate", "duplicat": "duplicate",
		"drp": "drop", "nope": "", "xy": "", "": "", "oo": "on", "accepted": "accept", "teleport": "",
	} {
		if got := text.Nearest(s, words); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", s, got, want)
		}
	}
}

// A shell reads back what was written for it.
func TestShell(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh")
	}
	for _, s := range []string{"", "plain", "it's", `"q" $HOME $(id) !x \ %s`, "a\tb", "\x1b[31m\u202e\nx", "-n", "-\x01", "\xff", "!\x01%s\\'"} {
		word := text.Shell(s)
		if strings.ContainsFunc(word, text.Unprintable) {
			t.Errorf("the word %q does more than print", word)
		}
		if out, err := exec.Command(sh, "-c", "printf %s "+word).Output(); err != nil || string(out) != s {
			t.Errorf("%s is read as %q, want %q: %v", word, out, s, err)
		}
	}
}

// Columns stand below each other, whatever is in them.
func TestPad(t *testing.T) {
	for s, want := range map[string]string{"\u7528": "\u7528  |", "ab": "ab  |", "e\u0301": "e\u0301   |", "abcde": "abcde|", "\x1b": "\x1b|"} {
		if got := text.Pad(s, 4) + "|"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// How long something took is told in a few digits, whatever its unit.
func TestTook(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "", 450 * time.Microsecond: "0.45ms", 12340 * time.Microsecond: "12.3ms", 2 * time.Second: "2.0s", 83 * time.Second: "83.0s"} {
		if got := text.Took(d); got != want {
			t.Errorf("%d ns: got %q, want %q", d, got, want)
		}
	}
}
