package tui

import (
	"regexp"
	"strings"

	"ringback/sim/delivery"
)

// filter lets some calls through. A text is looked for as it is, letter case
// aside; one with the signs of a regular expression is one, if it can be.
type filter struct {
	text   string
	invert bool
	lower  string
	re     *regexp.Regexp
}

func newFilter(text string, invert bool) filter {
	f := filter{text: text, invert: invert, lower: strings.ToLower(text)}
	if strings.ContainsAny(text, `\.+*?()|[]{}^$`) {
		if re, err := regexp.Compile("(?i)" + text); err == nil {
			f.re = re
		}
	}
	return f
}

// String is the filter as titles show it.
func (f *filter) String() string {
	switch {
	case f.text == "":
		return ""
	case f.invert:
		return "/!" + f.text
	}
	return "/" + f.text
}

// lets reports whether a call gets through.
func (f *filter) lets(en *entry) bool {
	if f.text == "" {
		return true
	}
	if en.text == "" {
		en.text = strings.ToLower(haystack(en))
	}
	if f.re != nil {
		return f.re.MatchString(en.text) != f.invert
	}
	return strings.Contains(en.text, f.lower) != f.invert
}

// haystack is what a filter looks through: all that the screen says of a call.
func haystack(en *entry) string {
	c := en.call
	var b strings.Builder
	b.Grow(160)
	write := func(words ...string) {
		for _, w := range words {
			b.WriteString(w)
			b.WriteByte(' ')
		}
	}
	write(c.ID, en.name, kindOf(c), c.Kind.String(), c.Media.String(), stateOf(c), c.Phase.String(), c.Generation.String(), c.Room)
	for i := range c.Members {
		write(c.Members[i].ID)
	}
	for _, d := range c.Deliveries {
		if d.State != delivery.Done {
			write(spelled(d.State.String()), d.Word.String())
		}
		switch {
		case !d.State.Settled() && retried(d):
			write("retrying failed")
		case d.State == delivery.Abandoned:
			write("gave up failed")
		}
		if d.Attempts > 0 && !d.Last.Acked() && d.State != delivery.Flying {
			write(statusOf(&d.Last), d.Last.Word(), spelled(d.Last.Word()))
		}
	}
	return b.String()
}
