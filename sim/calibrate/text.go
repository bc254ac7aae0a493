package calibrate

import (
	"fmt"
	"io"
	"slices"

	"ringback/sim/text"
)

// Print prints the report for people.
func (r *Report) Print(w io.Writer, style text.Style) error {
	p := &printer{w: w, style: style}
	p.files(r)
	p.shown(r.in(Shown))
	p.untold("Contradicted: nothing is claimed", r.in(Contradicted))
	p.untold("None of the values", r.in(Other))
	p.untold("Can't be told", r.in(Unknown))
	p.timing(r.Timing)
	p.others(r.Undocumented, r.UndocumentedMore)
	return p.err
}

// in are the keys of a state.
func (r *Report) in(s State) []Finding {
	return slices.DeleteFunc(slices.Clone(r.Keys), func(f Finding) bool { return f.State != s })
}

func (p *printer) files(r *Report) {
	for _, f := range r.Files {
		p.print("%s  %s, %s of callbacks\n", p.style.Bold.Render(f.Name), f.Kind, text.Count(f.Callbacks, "request"))
		if other := f.Exchanges - f.Callbacks; other > 0 {
			p.line("and %s", text.Count(other, "other request"))
		}
		for _, flaw := range f.Flaws {
			p.line("%s", flaw)
		}
	}
	if len(r.Doubts) > 0 {
		p.title("What is missing is no evidence")
		for _, d := range r.Doubts {
			p.line("%s (%s)", d.Text, d.Place.String())
		}
	}
}

func (p *printer) shown(list []Finding) {
	if len(list) == 0 {
		return
	}
	p.title("Shown")
	for _, f := range list {
		other := text.Styled("")
		if f.Value != f.Default {
			other = p.style.Wait.Render("  the default is " + f.Default)
		}
		p.line("%s %s %9s  %s%s", text.Pad(f.Key, 16), text.Pad(f.Value, 13), fmt.Sprint(f.Callbacks)+"x", f.Place.String(), other)
	}
}

// untold prints keys of which no value is claimed.
func (p *printer) untold(what string, list []Finding) {
	if len(list) == 0 {
		return
	}
	p.title(what)
	for _, f := range list {
		p.line("%s %s", text.Pad(f.Key, 16), f.Why)
		if f.Call != "" {
			p.line("%16s %s", "", p.style.Dim.Render("-> "+f.Call))
		}
	}
}
