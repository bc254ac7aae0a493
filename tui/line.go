package tui

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"ringback/sim/text"
)

// line is a line of text being typed.
type line struct {
	text []rune
	at   int // of the cursor
}

// maxLine is the max number of characters of a line: more than that was pasted by
// mistake, and is refused as a whole.
const maxLine = 64 << 10

// newLine makes a line with the cursor at its end.
func newLine(text string) line {
	var l line
	_ = l.insert(text) // it is one of ours
	return l
}

func (l *line) value() string { return string(l.text) }

// insert puts a text at the cursor, or says that it is too long. Line breaks and control
// characters are dropped.
func (l *line) insert(s string) error {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n':
			return ' '
		case r == utf8.RuneError || unicode.IsControl(r):
			return -1
		}
		return r
	}, strings.ReplaceAll(s, "\r\n", "\n"))
	more := []rune(s)
	if n := len(l.text) + len(more); n > maxLine {
		return fmt.Errorf("not inserted: with these %s the line would have %d, more than %d", text.Count(len(more), "character"), n, maxLine)
	}
	l.text = append(l.text[:l.at:l.at], append(more, l.text[l.at:]...)...)
	l.at += len(more)
	return nil
}

// key handles a key: text, or an editing key that most shells have.
func (l *line) key(msg tea.KeyPressMsg) error {
	if msg.Text != "" {
		return l.insert(msg.Text)
	}
	switch msg.String() {
	case "left", "ctrl+b":
		l.at = max(0, l.at-1)
	case "right", "ctrl+f":
		l.at = min(len(l.text), l.at+1)
	case "home", "ctrl+a":
		l.at = 0
	case "end", "ctrl+e":
		l.at = len(l.text)
	case "alt+left", "ctrl+left", "alt+b":
		l.at = l.wordBefore()
	case "alt+right", "ctrl+right", "alt+f":
		l.at = l.wordAfter()
	case "backspace", "ctrl+h":
		l.remove(max(0, l.at-1), l.at)
	case "delete", "ctrl+d":
		l.remove(l.at, min(len(l.text), l.at+1))
	case "ctrl+w", "alt+backspace", "ctrl+backspace":
		l.remove(l.wordBefore(), l.at)
	case "alt+d", "alt+delete", "ctrl+delete":
		l.remove(l.at, l.wordAfter())
	case "ctrl+u":
		l.remove(0, l.at)
	case "ctrl+k":
		l.remove(l.at, len(l.text))
	}
	return nil
}

func (l *line) remove(from, to int) {
	l.text = append(l.text[:from:from], l.text[to:]...)
	l.at = from
}

// wordBefore is where the word at the cursor, or the one before it, begins.
func (l *line) wordBefore() int {
	at := l.at
	for at > 0 && unicode.IsSpace(l.text[at-1]) {
		at--
	}
	for at > 0 && !unicode.IsSpace(l.text[at-1]) {
		at--
	}
	return at
}

// wordAfter is where the word at the cursor, or the one after it, ends.
func (l *line) wordAfter() int {
	at := l.at
	for at < len(l.text) && unicode.IsSpace(l.text[at]) {
		at++
	}
	for at < len(l.text) && !unicode.IsSpace(l.text[at]) {
		at++
	}
	return at
}
