package pane

import (
	"regexp"
	"strings"

	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/tui/draw"
	"ringback/tui/history"
)

// Filter selects calls. Words like code:500 are conditions on one of five fields; the
// rest is a text. A text is searched for regardless of case; one that has operators
// of regular expressions and is valid is a regular expression. A number is the number of
// a call, or a whole word. The first 8 characters of a CallId or more find it.
type Filter struct {
	Text   string
	Invert bool
	Wrong  string // what could not be understood, and is left out
	terms  terms
	rest   string // the text without the terms
	lower  string
	call   journal.Ref
	re     *regexp.Regexp
}

// minOfID is the min length of a text that is searched for in CallIds: a shorter one is
// in many by chance.
const minOfID = 8

// NewFilter makes a filter of a text; invert selects the other calls.
func NewFilter(text string, invert bool) Filter {
	f := Filter{Text: text, Invert: invert}
	f.terms, f.rest, f.Wrong = parseTerms(text)
	f.lower = strings.ToLower(f.rest)
	f.call = journal.ParseRef(f.lower)
	if strings.ContainsAny(f.rest, `\.+*?()|[]{}^$`) {
		if re, err := regexp.Compile("(?i)" + f.rest); err == nil {
			f.re = re
		}
	}
	return f
}

// String is the filter as titles show it.
func (f *Filter) String() string {
	switch {
	case f.Text == "":
		return ""
	case f.Invert:
		return "/!" + f.Text
	}
	return "/" + f.Text
}

// lets reports whether the filter selects a call.
func (f *Filter) lets(en *history.Call) bool {
	if f.rest == "" && len(f.terms) == 0 {
		return true
	}
	if !f.terms.hold(en) {
		return f.Invert
	}
	if f.rest == "" {
		return !f.Invert
	}
	if en.Text == "" {
		en.Text = strings.ToLower(haystack(en))
	}
	id, number := strings.ToLower(en.ID), en.Number
	if f.re != nil {
		return f.re.MatchString(id+" "+draw.CallName(number)+" "+en.Text) != f.Invert
	}
	text := f.lower
	if f.call.Number() != 0 { // a whole word, since digits of rooms hold nearly any number
		text = " " + text + " "
	}
	found := strings.Contains(en.Text, text) || f.call.Match(id, number) != journal.NoMatch || len(f.lower) >= minOfID && strings.Contains(id, f.lower)
	return found != f.Invert
}

// haystack is what a filter searches: all that the screen shows of a call, except its
// number and its CallId.
func haystack(en *history.Call) string {
	c := en.Call
	var b strings.Builder
	b.Grow(160)
	b.WriteByte(' ')
	write := func(words ...string) {
		for _, w := range words {
			b.WriteString(w)
			b.WriteByte(' ')
		}
	}
	write(draw.KindOf(c), c.Kind.String(), c.Media.String(), draw.StateOf(c), c.Phase.String(), c.Generation.String(), c.Room)
	for i := range c.Members {
		write(c.Members[i].ID)
	}
	for _, d := range c.Deliveries {
		if d.State != delivery.Acked {
			write(draw.Spelled(d.State.String()), d.Word.String())
		}
		switch {
		case !d.State.Settled() && retried(d):
			write("retrying failed")
		case d.State == delivery.Abandoned:
			write("gave up failed")
		}
		if d.Attempts > 0 && !d.Last.Acked() && d.State != delivery.InFlight {
			write(draw.StatusOf(&d.Last), d.Last.Word(), draw.Spelled(d.Last.Word()))
		}
	}
	return b.String()
}
