package secret

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
)

// rounds is how many layers of escapes a secret may be in: a JSON string inside a
// JSON string, and a percent-encoded text in it.
const rounds = 4

// Hide returns a text with each secret in it replaced by [Mask].
func (s *Set) Hide(text string) string { return s.hide(text, hiding{}) }

// HidePrinted is Hide for the output of a program. If it is JSON it stays valid: only
// strings are hidden in it, and no keys.
func (s *Set) HidePrinted(text string) string { return s.hide(text, hiding{printed: true}) }

// HideCut is Hide for a text that may have been cut off at its end without an ellipsis:
// the beginning of a secret is hidden there, too. Hide does that before "…" and "...".
func (s *Set) HideCut(text string) string { return s.hide(text, hiding{cut: true}) }

// hiding is what is known about a text.
type hiding struct{ cut, printed bool }

func (s *Set) hide(text string, how hiding) string {
	if s.Empty() && !hasSigStart(text) {
		return text
	}
	var found []span
	plain, at := text, []int(nil)
	for range rounds {
		found = append(found, s.find(plain, at, how)...)
		var more bool
		if plain, at, more = decode(plain, at); !more {
			break
		}
	}
	if how.printed {
		found = inStrings(text, found)
	}
	if len(found) == 0 {
		return text
	}
	slices.SortFunc(found, func(a, b span) int { return a.from - b.from })
	var b strings.Builder
	done := 0
	for _, f := range found {
		if f.to <= done {
			continue
		}
		if f.from >= done && !(f.from == done && strings.HasSuffix(b.String(), Mask)) {
			b.WriteString(text[done:f.from] + Mask)
		}
		done = f.to
	}
	b.WriteString(text[done:])
	return b.String()
}

// span is a part of a text.
type span struct{ from, to int }

// find returns where secrets are in a text, in terms of the text that it was
// decoded from: at has the place of each byte there; nil means the text itself.
func (s *Set) find(text string, at []int, how hiding) (found []span) {
	note := func(from, to int) {
		if at == nil {
			found = append(found, span{from, to})
			return
		}
		for to < len(text) && at[to] == at[to-1] { // an escape that stands for several bytes
			to++
		}
		found = append(found, span{at[from], at[to]})
	}
	findUserSigs(text, note)
	if s == nil {
		return found
	}
	ends := cuts(text, how.cut)
	for _, w := range s.words {
		if s.saysLower(w.lower) {
			continue
		}
		number, size := w.digits(), len(w.text)
		for from := 0; ; {
			i := strings.Index(text[from:], w.text)
			if i < 0 {
				break
			}
			i, from = from+i, from+i+1
			switch {
			case !w.loose && !standsAlone(text, i, i+size):
			case number && inNumber(text, i, i+size):
			case how.printed && inJSON(text, i, i+size, number):
			default:
				note(i, i+size)
				from = i + size
			}
		}
		for _, end := range ends {
			for n := min(size-1, end); n >= short; n-- {
				if n = strings.LastIndexByte(w.text[:n], text[end-1]) + 1; n < short {
					break
				}
				if strings.HasSuffix(text[:end], w.text[:n]) && (w.loose || standsAlone(text, end-n, end)) {
					note(end-n, end)
					break
				}
			}
		}
	}
	for _, k := range s.keyed {
		switch {
		case s.own[strings.ToLower(k.value)]:
			k.find(text, joints[:1], note) // JSON has such words after such keys, too
		case how.printed && ordinary[strings.ToLower(k.value)]:
			k.find(text, joints[:1], note)
		default:
			k.find(text, joints, note)
		}
	}
	return found
}

// standsAlone reports whether a part of a text is a whole word.
func standsAlone(text string, from, to int) bool {
	return !(inWord(text, from) && inWord(text, from-1) && !afterColor(text, from)) && !(inWord(text, to-1) && inWord(text, to))
}

func inWord(text string, i int) bool {
	return isWord(text, i) || 0 <= i && i < len(text) && text[i] == '_'
}

// afterColor reports whether a sequence that sets a color ends there.
func afterColor(text string, at int) bool {
	before, ok := strings.CutSuffix(text[:at], "m")
	return ok && strings.HasSuffix(strings.TrimRight(before, "0123456789;"), "\x1b[")
}

// inNumber reports whether a run of digits is part of a longer number, possibly with a
// decimal point.
func inNumber(text string, from, to int) bool {
	return isDigit(text, from-1) || isDigit(text, to) ||
		strings.HasSuffix(text[:from], ".") && isDigit(text, from-2) || strings.HasPrefix(text[to:], ".") && isDigit(text, to+1)
}

// inStrings leaves out what was found in JSON outside of its strings, and whole
// keys. The JSON is the whole text, or lines of it.
func inStrings(text string, found []span) []span {
	if isJSON(text) {
		return inStringsOf(text, 0, found)
	}
	at := 0
	for line := range strings.Lines(text) {
		if slices.ContainsFunc(found, func(f span) bool { return at <= f.from && f.from < at+len(line) }) && isJSON(line) {
			found = inStringsOf(line, at, found)
		}
		at += len(line)
	}
	return found
}

// isJSON reports whether a text is an object, an array or a string.
func isJSON(text string) bool {
	return strings.IndexAny(strings.TrimLeft(text, " \t\r\n"), `{["`) == 0 && json.Valid([]byte(text))
}

// inStringsOf is inStrings for valid JSON at a place of a text.
func inStringsOf(doc string, at int, found []span) []span {
	type literal struct {
		span
		key bool
	}
	var all []literal
	for i := 0; i < len(doc); i++ {
		if doc[i] != '"' {
			continue
		}
		from := i + 1
		for i++; doc[i] != '"'; i++ {
			if doc[i] == '\\' {
				i++
			}
		}
		all = append(all, literal{span{at + from, at + i}, strings.HasPrefix(strings.TrimLeft(doc[i+1:], " \t\r\n"), ":")})
	}
	return slices.DeleteFunc(found, func(f span) bool {
		if f.from < at || f.from >= at+len(doc) {
			return false
		}
		i, _ := slices.BinarySearchFunc(all, f.from, func(l literal, from int) int { return cmp.Compare(l.to, from) })
		return i == len(all) || f.from < all[i].from || f.to > all[i].to || all[i].key && f == all[i].span
	})
}

// inJSON reports whether a part of a text is a key of a JSON object or, if it is a
// number, the value of one.
func inJSON(text string, from, to int, number bool) bool {
	before, after := text[:from], text[to:]
	if number && (strings.HasSuffix(before, `":`) || strings.HasSuffix(before, `": `)) && !strings.HasSuffix(strings.TrimRight(before, ` ":`), `\\`) {
		return strings.IndexAny(after, ",}\n ") == 0
	}
	return strings.HasSuffix(before, `"`) && strings.HasPrefix(after, `":`)
}

// cuts returns where a text was cut: before each ellipsis, and before a quote in front of
// one.
func cuts(text string, atEnd bool) (ends []int) {
	for _, sign := range []string{"...", Mask} {
		for from := 0; ; {
			i := strings.Index(text[from:], sign)
			if i < 0 {
				break
			}
			i, from = from+i, from+i+len(sign)
			ends = append(ends, len(strings.TrimSuffix(text[:i], `"`)))
		}
	}
	if atEnd {
		ends = append(ends, len(text))
	}
	return ends
}

// joints are the separators of a key and its value, in queries, headers, JSON and the
// output of programs.
var joints = []string{"=", `":"`, `": "`, `":`, `": `, `="`, "='", ": ", ":"}

func (k keyed) find(text string, joints []string, note func(from, to int)) {
	for from := 0; ; {
		i := strings.Index(text[from:], k.key)
		if i < 0 {
			return
		}
		i, from = from+i, from+i+len(k.key)
		if isWord(text, i-1) {
			continue
		}
		for _, j := range joints {
			rest, ok := strings.CutPrefix(text[from:], j)
			if ok && strings.HasPrefix(rest, k.value) && standsAlone(rest, 0, len(k.value)) && !(digits(k.value) && inNumber(rest, 0, len(k.value))) {
				start := from + len(j)
				note(start, start+len(k.value))
				break
			}
		}
	}
}

// The min length of a UserSig, and of the beginning of one that was cut off.
const (
	minUserSig = 80
	minCutSig  = 16
)

// sigHead is the second and third byte of a zlib header in base64, of one compression
// level. The first is always e.
type sigHead struct {
	second byte
	third  string
}

var sigHeads = []sigHead{{'A', "EFGH"}, {'F', "4567"}, {'J', "wxyz"}, {'N', "opqr"}}

// next returns where such a head begins in a text, or -1. It looks for the second
// byte, since an e is in nearly every word.
func (h sigHead) next(text string, from int) int {
	for {
		i := strings.IndexByte(text[from:], h.second)
		if i < 0 {
			return -1
		}
		i += from
		if i > 0 && text[i-1] == 'e' && i+1 < len(text) && strings.IndexByte(h.third, text[i+1]) >= 0 {
			return i - 1
		}
		from = i + 1
	}
}

func hasSigStart(text string) bool {
	return slices.ContainsFunc(sigHeads, func(h sigHead) bool { return h.next(text, 0) >= 0 })
}

// findUserSigs finds what looks like a UserSig: zlib in the vendor's base64.
func findUserSigs(text string, note func(from, to int)) {
	for _, h := range sigHeads {
		for i := h.next(text, 0); i >= 0; {
			end := i
			for end < len(text) && inUserSig(text[end]) {
				end++
			}
			least, rest := minUserSig, strings.TrimPrefix(text[end:], `"`)
			if strings.HasPrefix(rest, "...") || strings.HasPrefix(rest, Mask) {
				least = minCutSig
			}
			if end-i >= least && (i == 0 || !inUserSig(text[i-1]) || strings.HasSuffix(text[:i], "--")) {
				note(i, end)
			}
			i = h.next(text, end)
		}
	}
}

func inUserSig(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '*' || c == '-' || c == '_'
}

func isDigit(s string, i int) bool { return 0 <= i && i < len(s) && '0' <= s[i] && s[i] <= '9' }

func isWord(s string, i int) bool {
	return 0 <= i && i < len(s) && (isDigit(s, i) || 'a' <= s[i] && s[i] <= 'z' || 'A' <= s[i] && s[i] <= 'Z')
}
