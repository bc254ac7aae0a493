package main

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"ringback/sim/text"
)

// cells is how many cells of a terminal a text takes once it is cleaned: two for
// most characters of East Asia, and as a whole what is drawn as one.
func cells(s string) int { return ansi.StringWidth(text.Line(s)) }

// pad fills a text up with spaces to a width in cells.
func pad(s string, width int) string { return s + strings.Repeat(" ", max(0, width-cells(s))) }
