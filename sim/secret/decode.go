package secret

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// decode undoes one layer of escapes in a text: those of URLs, of JSON and Go
// strings, and of HTML and XML. It returns the place of each byte, and of the
// end, in terms of the places that it was given; changed is false, and the text
// as it was, if there are no escapes.
func decode(text string, at []int) (plain string, places []int, changed bool) {
	if !strings.ContainsAny(text, `%\&+`) {
		return text, at, false
	}
	out := make([]byte, 0, len(text))
	places = make([]int, 0, len(text)+1)
	place := func(i int) int {
		if at == nil {
			return i
		}
		return at[i]
	}
	for i := 0; i < len(text); {
		before, n := len(out), 0
		switch text[i] {
		case '%', '\\', '&', '+':
			out, n = unescape(out, text[i:])
			changed = changed || n > 0
		}
		if n == 0 {
			out, n = append(out, text[i]), 1
		}
		for range len(out) - before {
			places = append(places, place(i))
		}
		i += n
	}
	if !changed {
		return text, at, false
	}
	return string(out), append(places, place(len(text))), true
}

// unescape appends what the escape at the beginning of a text stands for. It
// returns the length of the escape, 0 if there is none.
func unescape(out []byte, text string) ([]byte, int) {
	switch text[0] {
	case '+':
		return append(out, ' '), 1
	case '%':
		if v, ok := hex(text, 1, 2); ok {
			return append(out, byte(v)), 3
		}
	case '\\':
		return unescapeString(out, text)
	case '&':
		return unescapeEntity(out, text)
	}
	return out, 0
}

// simple are the escapes of one character.
var simple = [256]byte{
	'"': '"', '\\': '\\', '/': '/', '\'': '\'', 'n': '\n', 't': '\t', 'r': '\r', 'b': '\b', 'f': '\f', 'a': '\a', 'v': '\v',
}

func unescapeString(out []byte, text string) ([]byte, int) {
	if len(text) < 2 {
		return out, 0
	}
	if c := simple[text[1]]; c != 0 {
		return append(out, c), 2
	}
	size := 0
	switch text[1] {
	case 'x':
		size = 2
	case 'u':
		size = 4
	case 'U':
		size = 8
	}
	v, ok := hex(text, 2, size)
	switch {
	case !ok:
		return out, 0
	case size == 2:
		return append(out, byte(v)), 4
	}
	if low, ok := hex(text, 8, 4); ok && utf16.IsSurrogate(rune(v)) && strings.HasPrefix(text[6:], `\u`) {
		return utf8.AppendRune(out, utf16.DecodeRune(rune(v), rune(low))), 12
	}
	return utf8.AppendRune(out, rune(v)), 2 + size
}

var entities = map[string]byte{"amp": '&', "lt": '<', "gt": '>', "quot": '"', "apos": '\''}

func unescapeEntity(out []byte, text string) ([]byte, int) {
	end := strings.IndexByte(text[:min(len(text), 12)], ';')
	if end < 2 {
		return out, 0
	}
	name := text[1:end]
	if c, ok := entities[name]; ok {
		return append(out, c), end + 1
	}
	number, ok := strings.CutPrefix(name, "#")
	if !ok {
		return out, 0
	}
	base := 10
	if rest, ok := strings.CutPrefix(strings.ToLower(number), "x"); ok {
		number, base = rest, 16
	}
	v, err := strconv.ParseUint(number, base, 21)
	if err != nil {
		return out, 0
	}
	return utf8.AppendRune(out, rune(v)), end + 1
}

// hex reads a number of so many digits at a place of a text.
func hex(text string, from, size int) (uint64, bool) {
	if size == 0 || len(text) < from+size {
		return 0, false
	}
	v, err := strconv.ParseUint(text[from:from+size], 16, 32)
	return v, err == nil
}
