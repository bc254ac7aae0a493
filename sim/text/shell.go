package text

import (
	"fmt"
	"strings"
)

// Shell is a text as one word of a POSIX shell, on one line: whoever pastes it
// gets the same bytes, but for a NUL, which no word holds, and line breaks at the
// end of a text that has to go through printf.
func Shell(s string) string {
	switch {
	case s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@") == "":
		return s
	case Line(s) == s && !strings.Contains(s, "\t"): // a shell completes words at a tab
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return `"$(printf '` + Octal(s) + `')"`
}

// Octal is bytes as the format of printf has them, between single quotes. An
// exclamation mark is written out, too, which bash looks for in double quotes, and
// a dash that would begin an option.
func Octal(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; i == 0 && c == '-' || c < ' ' || c > '~' || strings.IndexByte(`\%'!`, c) >= 0 {
			fmt.Fprintf(&b, `\%03o`, c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
