package script

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"ringback/sim/call"
	"ringback/sim/text"
)

// quote writes a text as a JSON string in which nothing is invisible: what
// does not print is escaped. YAML reads the same.
func quote(s string) string {
	b := []byte{'"'}
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\t':
			b = append(b, `\t`...)
		case unicode.IsPrint(r):
			b = utf8.AppendRune(b, r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			b = fmt.Appendf(b, `\u%04x\u%04x`, high, low)
		default:
			b = fmt.Appendf(b, `\u%04x`, r)
		}
	}
	return string(append(b, '"'))
}

// unquote reads a JSON string.
func unquote(quoted string) (string, error) {
	var s string
	if err := json.Unmarshal([]byte(quoted), &s); err != nil {
		return "", fmt.Errorf("%s: want a JSON string: %w", text.Quote(quoted, maxQuoted), err)
	}
	if strings.ContainsRune(s, utf8.RuneError) && !strings.ContainsRune(quoted, utf8.RuneError) &&
		!strings.Contains(strings.ToLower(quoted), `\ufffd`) {
		return "", fmt.Errorf("%s: has half of a surrogate pair", text.Quote(quoted, maxQuoted))
	}
	return s, nil
}

// isWord reports whether a text is an id as CallKit takes them, so that it needs
// no quotes in a step.
func isWord(s string) bool {
	for _, r := range s {
		if !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_' || r == '-') {
			return false
		}
	}
	return s != ""
}

// isLine reports whether a text is one printable line without blanks at its ends, which a
// reader would drop.
func isLine(s string) bool {
	for _, r := range s {
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			return false
		}
	}
	return s != "" && strings.TrimSpace(s) == s
}

// spanText formats a time in its shortest form: 90s is 1m30s, and 60s is 1m.
func spanText(s call.Span) string {
	t := time.Duration(s).String()
	if strings.HasSuffix(t, "m0s") {
		t = strings.TrimSuffix(t, "0s")
	}
	if strings.HasSuffix(t, "h0m") {
		t = strings.TrimSuffix(t, "0m")
	}
	return t
}

// parseSpan reads a time.
func parseSpan(s string) (call.Span, error) {
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, fmt.Errorf("%s: want a time with its unit, like 3s or 1m30s", text.Quote(s, maxQuoted))
	}
	return call.Span(d), checkSpan(call.Span(d))
}

func checkSpan(s call.Span) error {
	switch {
	case s < 0:
		return errors.New("is before the script's start, which is 0s")
	case s > MaxAt:
		return fmt.Errorf("is too late; at most %s", spanText(MaxAt))
	case s%call.Span(time.Millisecond) != 0:
		return errors.New("is finer than a millisecond")
	}
	return nil
}
