// Package text formats text of any origin for people: safe to print on a terminal,
// shortened, quoted, counted, and with a suggestion for a misspelled word.
//
// The one invariant: what [Clean], [Line] and [Stream] return contains no character that
// a terminal interprets.
package text

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Unprintable reports whether a terminal interprets a character, XML forbids it, or it
// changes the direction of the text around it. Line breaks and tabs count as such.
func Unprintable(r rune) bool {
	switch {
	case r < ' ':
		return true
	case r < 0x7f:
		return false
	}
	switch r {
	case '\ufeff', '\ufffe', '\uffff', '\u2028', '\u2029':
		return true
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
}

// Clean returns a text that is safe to print: characters that are [Unprintable] and
// bytes that are not UTF-8 are escaped, like \x1b or \u202e. Line breaks and tabs stay;
// the caller indents the lines, so that none is taken for output of the program.
func Clean(s string) string { return clean(s, true) }

// Line is [Clean] on one line: line breaks are escaped, too.
func Line(s string) string { return clean(s, false) }

func clean(s string, breaks bool) string {
	if at := dirty(s, breaks); at == len(s) {
		return s
	}
	b := make([]byte, 0, len(s)+16)
	for s != "" {
		at := dirty(s, breaks)
		b = append(b, s[:at]...)
		if s = s[at:]; s != "" {
			r, size := utf8.DecodeRuneInString(s)
			b = AppendEscaped(b, r, s[:size])
			s = s[size:]
		}
	}
	return string(b)
}

// dirty returns the position of the first character to be escaped, or len(s).
func dirty(s string, breaks bool) int {
	for i := 0; i < len(s); {
		if c := s[i]; c >= ' ' && c < 0x7f || c == '\t' || breaks && c == '\n' {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 || Unprintable(r) {
			return i
		}
		i += size
	}
	return len(s)
}

// AppendEscaped appends the escape of a character with the bytes raw: \x and two digits
// for the first 32 characters and for a byte that is not UTF-8, \u and four digits, as in
// JSON, for others.
func AppendEscaped(b []byte, r rune, raw string) []byte {
	if r < ' ' || r == utf8.RuneError && len(raw) == 1 {
		return fmt.Appendf(b, `\x%02x`, raw[0])
	}
	if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
		return fmt.Appendf(b, `\u%04x\u%04x`, high, low)
	}
	return fmt.Appendf(b, `\u%04x`, r)
}

// Cut returns the beginning of a text, at most limit bytes and whole characters, and
// reports whether something is left out.
func Cut(s string, limit int) (start string, cut bool) {
	if len(s) <= limit {
		return s, false
	}
	for at := limit; at >= 0 && at > limit-utf8.UTFMax; at-- {
		if utf8.RuneStart(s[at]) {
			return s[:at], true
		}
	}
	return s[:limit], true // not UTF-8
}

// Short returns the beginning of a text as [Cut] does, followed by three dots if
// something is left out.
func Short(s string, limit int) string {
	start, cut := Cut(s, limit)
	if cut {
		start += "..."
	}
	return start
}

// maxRun is how often a character may follow itself in what [Fold] leaves as it is:
// JSON that is laid out has that many blanks.
const maxRun = 100

// Fold is the beginning of a text for people, as [Cut] has it, with the first few of a
// character that follows itself more than a hundred times, and how many these are, in place of all. N is how
// many bytes of the text it shows.
func Fold(s string, limit int) (start string, n int) {
	var b strings.Builder
	for n < len(s) {
		size, count := runOf(s[n:])
		piece := s[n : n+size*count]
		if count > maxRun {
			piece = fmt.Sprintf("%s… (%s)", s[n:n+4*size], times(s[n:n+size], count))
		}
		switch {
		case b.Len()+len(piece) <= limit:
			b.WriteString(piece)
			n += size * count
		case count > maxRun:
			return b.String(), n
		default:
			rest := (limit - b.Len()) / size * size
			b.WriteString(s[n : n+rest])
			return b.String(), n + rest
		}
	}
	return b.String(), n
}

// runOf is how many bytes the first character of a text takes, and how often it
// follows itself.
func runOf(s string) (size, count int) {
	_, size = utf8.DecodeRuneInString(s)
	for count = 1; strings.HasPrefix(s[count*size:], s[:size]); count++ {
	}
	return size, count
}

// times is a number of one character, like "65,536 spaces".
func times(character string, n int) string {
	digits := Group(strconv.Itoa(n))
	if character == " " {
		return digits + " spaces"
	}
	return digits + " times " + strconv.Quote(character)
}

// Quote returns the beginning of a text as a quoted Go string, followed by three dots if
// something is left out.
func Quote[T ~string | ~[]byte](s T, limit int) string {
	start, cut := Cut(string(s[:min(len(s), limit+1)]), limit)
	if cut {
		return strconv.Quote(start) + "..."
	}
	return strconv.Quote(start)
}

// Show returns a value unchanged or, if it is too long or not printable, as [Quote] does.
func Show[T ~string | ~[]byte](s T, limit int) string {
	if len(s) > limit || !utf8.ValidString(string(s)) || strings.ContainsFunc(string(s), func(r rune) bool { return !unicode.IsPrint(r) }) {
		return Quote(s, limit)
	}
	return string(s)
}

// Group puts commas between the thousands of a whole number.
func Group(digits string) string {
	for at := len(digits) - 3; at > 0 && digits[at-1] != '-'; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// Took returns how long something took in wall time, in three digits or so: 0.45ms,
// 12.3ms, 2.0s, and "" for nothing.
func Took(d time.Duration) string {
	switch {
	case d == 0:
		return ""
	case d < time.Millisecond:
		return fmt.Sprintf("%.2fms", float64(d)/1e6)
	case d < time.Second:
		return fmt.Sprintf("%.1fms", float64(d)/1e6)
	}
	return fmt.Sprintf("%.1fs", d.Seconds())
}

// Count returns a number of things, like "1 call" or "2 calls".
func Count[N ~int | ~int64 | ~uint | ~uint64](n N, what string) string {
	return fmt.Sprintf("%d %s", n, Plural(n, what))
}

// Plural returns the singular what if n is 1, and else its plural.
func Plural[N ~int | ~int64 | ~uint | ~uint64](n N, what string) string {
	if n == 1 {
		return what
	}
	if stem, ok := strings.CutSuffix(what, "y"); ok && !strings.ContainsAny(stem[max(0, len(stem)-1):], "aeiou") {
		return stem + "ies"
	}
	return what + "s"
}

// SixLetters returns a hash as six lower-case letters and digits, without those that are
// easily confused.
func SixLetters(hash uint64) string {
	const letters = "abcdefghijkmnpqrstuvwxyz23456789"
	b := make([]byte, 6)
	for i := range b {
		b[i] = letters[hash%uint64(len(letters))]
		hash /= uint64(len(letters))
	}
	return string(b)
}
