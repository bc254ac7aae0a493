package text

import (
	"fmt"
	"strings"
)

// Shell returns a text as one word of a POSIX shell, on one line. The shell gets the same
// bytes, except for NUL, which a word cannot contain, and for line breaks at the end of a
// text that needs printf.
func Shell(s string) string {
	switch {
	case s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@") == "":
		return s
	case Line(s) == s && !strings.Contains(s, "\t"): // a shell completes words at a tab
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return `"$(printf '` + Octal(s) + `')"`
}

// Octal returns bytes as a format of printf, to be put between single quotes. It escapes
// an exclamation mark, too, which bash expands in double quotes, and a leading dash,
// which would begin an option.
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
