package draw

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// plain reports whether each byte of a text takes one cell, which most do.
func plain(s string) bool { return plainPart(s) == len(s) }

// plainPart returns how many bytes at the start of a text are clusters of their own
// that all terminals draw in one cell. A byte before one that is not plain ASCII may
// not be: a mark behind it may join it.
func plainPart(s string) int {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return max(0, i-1)
		}
	}
	return len(s)
}

// Width is how many cells a text takes, styles left out.
func Width(s string) int {
	if plain(s) {
		return len(s)
	}
	return ansi.StringWidth(s)
}

// Clean returns untrusted text on one line, in characters whose width all terminals agree
// on. Others are escaped as in JSON, like \u001b: control characters, invisible ones like
// a zero-width space, and joiners, since terminals disagree whether two emoji with a
// joiner are one. Line breaks and tabs become blanks. In ASCII, everything else is
// escaped, too.
func (g *Glyphs) Clean(s string) string { return spell(s, g == &ASCII) }

func spell(s string, ascii bool) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	for s != "" {
		if n := plainPart(s); n > 0 { // clusters are sought at a hundredth of the speed
			b.WriteString(s[:n])
			s = s[n:]
			continue
		}
		cluster, _ := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
		s = s[len(cluster):]
		if !ascii && !joins(cluster) && !precedes(cluster) && steady(cluster) && utf8.ValidString(cluster) && !strings.ContainsFunc(cluster, invisible) {
			b.WriteString(cluster)
			continue
		}
		kept := "" // the part of the cluster that was last written unescaped
		for i, r := range cluster {
			switch raw := string(r); {
			case r == '\t' || r == '\n':
				b.WriteByte(' ')
				kept = ""
			case r == '…' && ascii: // as secrets are masked
				b.WriteString("...")
				kept = ""
			case !invisible(r) && (r < utf8.RuneSelf || !ascii) && steady(kept+raw) && (kept != "" || !joins(raw)) && !precedes(raw):
				b.WriteString(raw)
				kept += raw
			default:
				b.WriteString(escaped(r, cluster[i:]))
				kept = ""
			}
		}
	}
	return b.String()
}

// joins reports whether a cluster combines with the one before it.
func joins(cluster string) bool {
	first, _ := ansi.FirstGraphemeCluster("0"+cluster, ansi.GraphemeWidth)
	return len(first) > 1
}

// precedes reports whether a cluster combines with the one behind it, which may be an
// escape.
func precedes(cluster string) bool {
	first, _ := ansi.FirstGraphemeCluster(cluster+"0", ansi.GraphemeWidth)
	return len(first) > len(cluster)
}

// invisible reports whether a character is not visible by itself.
func invisible(r rune) bool {
	return !unicode.IsGraphic(r) || r == utf8.RuneError || unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// steady reports whether a cluster is as wide in terminals that measure characters as in
// those that measure clusters.
func steady(cluster string) bool {
	n := ansi.StringWidth(cluster)
	return n > 0 && n == ansi.StringWidthWc(cluster)
}

// escaped returns the first character of a text as JSON escapes it; a byte that is not
// UTF-8 is escaped alone.
func escaped(r rune, start string) string {
	if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
		return fmt.Sprintf(`\u%04x\u%04x`, high, low)
	}
	if r == utf8.RuneError && !strings.HasPrefix(start, "\ufffd") {
		return fmt.Sprintf(`\x%02x`, start[0])
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// Cut shortens a text, styled or not, to a number of cells.
func Cut(s string, w int, tail string) string {
	if w <= 0 {
		return ""
	}
	if Width(s) <= w {
		return s
	}
	if Width(tail) >= w {
		tail = ""
	}
	w = beforeEscape(s, w-Width(tail))
	if plain(s) { // ansi takes a hundred times as long, and most texts are plain
		return s[:w] + tail
	}
	return ansi.Truncate(s, w+Width(tail), tail)
}

// escapes matches the escapes that [Glyphs.Clean] writes.
var escapes = regexp.MustCompile(`\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}|\\u[0-9a-f]{4}|\\x[0-9a-f]{2}`)

// beforeEscape returns how many of the first w cells of a text to keep so that no escape
// is cut in two.
func beforeEscape(s string, w int) int {
	if !strings.Contains(s, `\`) {
		return w
	}
	all := escapes.FindAllStringIndex(Stripped(s), -1)
	for ; w > 0; w-- {
		end := len(Stripped(ansi.Truncate(s, w, "")))
		if !slices.ContainsFunc(all, func(at []int) bool { return at[0] < end && end < at[1] }) {
			break
		}
	}
	return w
}

// UpTo returns the first w cells of a text, without cutting an escape; the rest is shown
// elsewhere.
func UpTo(s string, w int) string {
	if plain(s) {
		return s[:min(len(s), max(0, w))]
	}
	return ansi.Truncate(s, w, "")
}

// Middle shortens an id to w cells by leaving out its middle, since ids often differ at
// their ends.
func (g *Glyphs) Middle(s string, w int) string {
	tail := (w - Width(g.More)) / 2
	if Width(s) <= w || tail < 1 || strings.Contains(s, `\`) { // not within an escape
		return Cut(s, w, g.More)
	}
	tail = min(tail, Width(s)-1)
	end := RightOf(s, Width(s)-tail, Width(s))
	return Cut(s, w-Width(end), g.More) + end
}

// Fit cuts or pads a text to w cells.
func (g *Glyphs) Fit(s string, w int) string {
	s = Cut(s, w, g.More)
	return s + strings.Repeat(" ", max(0, w-Width(s)))
}

// Span says which rows of a list are visible.
func Span(from, to, of int) string {
	if from == 0 && to >= of || to <= from {
		return strconv.Itoa(of)
	}
	return fmt.Sprintf("%d-%d of %d", from+1, to, of)
}

// Right cuts or pads a text to w cells, aligned right.
func (g *Glyphs) Right(s string, w int) string {
	s = Cut(s, w, g.More)
	return strings.Repeat(" ", max(0, w-Width(s))) + s
}

// Ends puts one text at the left end of a line and one at the right; the left one is cut.
func (g *Glyphs) Ends(left, right string, w int) string {
	right = Cut(right, w, g.More)
	room := w - Width(right)
	if right != "" && room > 0 {
		room--
		right = " " + right
	}
	return g.Fit(left, room) + right
}

// Fold breaks a text into lines of at most that many cells.
func Fold(s string, w int) (lines []string) {
	if w < 1 {
		return nil
	}
	for _, l := range strings.Split(s, "\n") {
		for Width(l) > w {
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

// Wrap breaks a text between words.
func Wrap(s string, w int) []string {
	if w < 1 {
		return nil
	}
	return strings.Split(ansi.Wrap(s, w, ""), "\n")
}

// Stripped returns a text without its styles.
func Stripped(s string) string { return ansi.Strip(s) }

// RightOf returns the part of a line right of a column. A character of two cells that
// straddles the column becomes a blank.
func RightOf(line string, x, w int) string {
	rest := ansi.TruncateLeft(line, x, "")
	if Width(rest) > w-x {
		rest = " " + ansi.TruncateLeft(line, x+1, "")
	}
	return rest
}
