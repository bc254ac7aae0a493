package script

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Error is one thing that is wrong with a script.
type Error struct {
	Line      int    // of the text that was read, from 1; 0 without a text
	Operation int    // which one, from 1; 0 if it is none of them
	Key       string // as YAML names it; "" if it is the whole
	Why       string
	Hint      string // what to write instead, to be pasted; may be ""
}

// Error reads like "line 3: do: no operation "acept"; try: do: accept".
func (e *Error) Error() string {
	var b strings.Builder
	switch {
	case e.Line > 0:
		fmt.Fprintf(&b, "line %d: ", e.Line)
	case e.Operation > 0:
		fmt.Fprintf(&b, "operation %d: ", e.Operation)
	}
	if e.Key != "" {
		b.WriteString(e.Key + ": ")
	}
	b.WriteString(e.Why)
	if e.Hint != "" {
		b.WriteString("; try: " + e.Hint)
	}
	return b.String()
}

// Errors is all that is wrong with a script, in the order of its lines.
type Errors []*Error

const maxShown = 20

// maxQuoted is how many bytes an error shows of a text.
const maxQuoted = 60

// Error has one line for each, up to a number that a person can look through.
func (es Errors) Error() string {
	var lines []string
	for _, e := range es[:min(len(es), maxShown)] {
		lines = append(lines, e.Error())
	}
	if n := len(es) - maxShown; n > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", n))
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets [errors.As] find the first one.
func (es Errors) Unwrap() []error {
	var list []error
	for _, e := range es {
		list = append(list, e)
	}
	return list
}

// err is nil if there are none.
func (es Errors) err() error {
	if len(es) == 0 {
		return nil
	}
	slices.SortStableFunc(es, func(a, b *Error) int { return cmp.Compare(a.Line, b.Line) })
	return es
}

// meant adds a question, like "did you mean drop?", in place of the hint.
func (es Errors) meant(question string) Errors {
	for _, e := range es {
		if e.Why += question; e.asks() {
			e.Hint = ""
		}
	}
	return es
}

// asks reports whether the error ends by asking what was meant.
func (e *Error) asks() bool { return strings.HasSuffix(e.Why, "?") }

// wrong is a single error about a key.
func wrong(key, hint, why string, args ...any) Errors {
	return Errors{{Key: key, Why: fmt.Sprintf(why, args...), Hint: hint}}
}
