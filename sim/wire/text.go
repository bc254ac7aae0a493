package wire

import "unicode/utf8"

const hexLower = "0123456789abcdef"

// appendString appends s as a JSON string, as encoding/json does when it is
// told not to escape HTML.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	i := 0
	for i < len(s) && asIs[s[i]] { // nearly always all of it
		i++
	}
	from := 0
	for i < len(s) {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' {
				i++
				continue
			}
			b = append(b, s[from:i]...)
			b = appendEscaped(b, c)
			i++
			from = i
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			b = append(append(b, s[from:i]...), `\ufffd`...)
		case r == '\u2028' || r == '\u2029':
			b = append(append(b, s[from:i]...), '\\', 'u', '2', '0', '2', hexLower[r&0xf])
		default:
			i += n
			continue
		}
		i += n
		from = i
	}
	return append(append(b, s[from:]...), '"')
}

// asIs has the bytes that need no escape in a JSON string, whatever follows.
var asIs = func() (t [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

func appendEscaped(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\b':
		return append(b, '\\', 'b')
	case '\f':
		return append(b, '\\', 'f')
	case '\n':
		return append(b, '\\', 'n')
	case '\r':
		return append(b, '\\', 'r')
	case '\t':
		return append(b, '\\', 't')
	}
	return append(b, '\\', 'u', '0', '0', hexLower[c>>4], hexLower[c&0xf])
}

// appendQueryText appends s as a query value; what url.QueryEscape leaves
// alone stays, a space becomes %20.
func appendQueryText(b []byte, s string) []byte {
	const upper = "0123456789ABCDEF"
	from := 0
	for i := range len(s) {
		if c := s[i]; !unreserved[c] {
			b = append(append(b, s[from:i]...), '%', upper[c>>4], upper[c&0xf])
			from = i + 1
		}
	}
	return append(b, s[from:]...)
}

// unreserved are the bytes that a query value needs no escape for (RFC 3986 2.3).
var unreserved = func() (t [256]bool) {
	for _, c := range "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~" {
		t[c] = true
	}
	return t
}()
