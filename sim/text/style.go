package text

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Style is colors, where the terminal has them; the zero value has none. No state is
// shown by color alone.
type Style struct{ Good, Bad, Wait, Dim, Bold Ink }

// Colored is the style of a terminal with colors. Its own green, red and yellow suit
// dark and light alike, so that no one has to ask which it is.
var Colored = Style{Good: "32", Bad: "31", Wait: "33", Dim: "2", Bold: "1"}

// Ink is an SGR code to print texts in; "" prints them as they are.
type Ink string

// Render is a text in this ink, on one line and with nothing in it that does
// something to a terminal, whoever wrote it.
func (i Ink) Render(s string) Styled {
	if s = Line(s); i == "" || s == "" {
		return Styled(s)
	}
	return Styled("\x1b[" + string(i) + "m" + s + "\x1b[0m")
}

// Styled is a text that was made safe to print, with its colors.
type Styled string

// Fprintf prints as [fmt.Fprintf] does. Each text in it becomes a part of its line,
// and an error a [Paragraph]: neither forges a line. What is styled is a part already.
func Fprintf(w io.Writer, format string, args ...any) (int, error) {
	for i, arg := range args {
		switch a := arg.(type) {
		case Styled:
		case string:
			args[i] = Line(a)
		case error:
			args[i] = Paragraph(a.Error())
		case fmt.Stringer:
			args[i] = Line(a.String())
		}
	}
	return fmt.Fprintf(w, format, args...)
}

// Sprintf makes a styled text of texts that are not safe and of others that are
// styled.
func Sprintf(format string, args ...any) Styled {
	var b strings.Builder
	_, _ = Fprintf(&b, format, args...) // a builder takes everything
	return Styled(b.String())
}

// Paragraph is a text, safe to print, of which no line but the first begins where
// ours do.
func Paragraph(s string) Styled { return Styled(strings.ReplaceAll(Clean(s), "\n", "\n  ")) }

// Join puts a separator between parts.
func Join(parts []Styled, separator string) (all Styled) {
	for i, p := range parts {
		if i > 0 {
			all += Styled(separator)
		}
		all += p
	}
	return all
}

// Cells is how many cells of a terminal a text takes once it is cleaned: two for
// most characters of East Asia, and as a whole what is drawn as one.
func Cells(s string) int { return ansi.StringWidth(Line(s)) }

// Pad fills a text up with spaces to a width in cells.
func Pad(s string, width int) string { return s + strings.Repeat(" ", max(0, width-Cells(s))) }
