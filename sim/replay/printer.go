package replay

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"ringback/sim/text"
)

// Printer prints what a replay finds: for people, or as a JSON object a
// line.
type Printer struct {
	out   io.Writer
	style text.Style
	json  *json.Encoder   // nil: for people
	shown int             // differences so far
	calls map[string]bool // whose CallId was printed
}

// maxShown is the max number of differences printed for people.
const maxShown = 100

// NewPrinter makes a printer for people, with a style, or for programs.
func NewPrinter(out io.Writer, style text.Style, asJSON bool) *Printer {
	p := &Printer{out: out, style: style, calls: map[string]bool{}}
	if asJSON {
		p.json = json.NewEncoder(out)
		p.json.SetEscapeHTML(false)
	}
	return p
}

// The lines that programs get.
type (
	differenceLine struct {
		Kind string `json:"kind" words:"difference"`
		*Difference
	}
	summaryLine struct {
		Kind string `json:"kind" words:"summary"`
		*Summary
	}
)

// Differs prints a callback whose answers differ.
func (p *Printer) Differs(d *Difference) error {
	if p.json != nil {
		return p.json.Encode(differenceLine{"difference", d})
	}
	if p.shown++; p.shown > maxShown {
		return nil
	}
	mark := map[Change]text.Styled{
		AckedNow: p.style.Good.Render("✓"), RejectedNow: p.style.Bad.Render("†"), Otherwise: p.style.Wait.Render("≠"),
	}[d.Change]
	copied := text.Styled("")
	if d.Copy {
		copied = p.style.Dim.Render(" (copy)")
	}
	if !p.calls[d.Call] {
		p.calls[d.Call] = true
		was := ""
		if d.WasCall != d.Call {
			was = ", then " + d.WasCall
		}
		if _, err := text.Fprintf(p.out, "  #%-4d %s\n", d.Number, p.style.Dim.Render("CallId "+d.Call+was)); err != nil {
			return err
		}
	}
	_, err := text.Fprintf(p.out, "%s #%-4d %9s  %-23s %s  %s -> %s%s\n", mark, d.Number, fmt.Sprintf("+%.3f", time.Duration(d.After).Seconds()),
		d.Word.Label(), text.Pad(d.User, 6), d.Then.String(), d.Now.String(), copied)
	return err
}

// Summary prints the counts.
func (p *Printer) Summary(s *Summary) error {
	if p.json != nil {
		return p.json.Encode(summaryLine{"summary", s})
	}
	if more := p.shown - maxShown; more > 0 {
		text.Fprintf(p.out, "... and %d more; --json prints all\n", more)
	}
	if p.shown > 0 {
		fmt.Fprintln(p.out)
	}
	text.Fprintf(p.out, "%s in %s: %s\n", text.Count(s.Sent, "callback"), text.Count(s.Attempts, "attempt"), text.Join(p.parts(s), ", "))
	for _, l := range []struct {
		n    uint64
		text string
	}{
		{s.NotCompared, "not compared: the journal or this run ends before the answer"},
		{s.NotSent, "not sent: this run was stopped before, or what they wait for did not come: an acknowledgement, or the end of their call"},
		{s.NeverSent, "never sent, then as now: a fault lost them"},
		{s.LeftOut, "events left out: their calls were over for too long to repeat them"},
	} {
		if l.n > 0 {
			text.Fprintf(p.out, "%d %s\n", l.n, l.text)
		}
	}
	return nil
}

// parts are the counts of what was compared.
func (p *Printer) parts(s *Summary) []text.Styled {
	parts := []text.Styled{p.style.Good.Render(fmt.Sprintf("%d answered the same", s.Same))}
	for _, l := range []struct {
		n     uint64
		text  string
		style text.Ink
	}{
		{s.RejectedNow, "acknowledged then and abandoned now", p.style.Bad},
		{s.AckedNow, "acknowledged now and not then", p.style.Good},
		{s.Otherwise, "otherwise, to the same end", p.style.Wait},
	} {
		if l.n > 0 {
			parts = append(parts, l.style.Render(fmt.Sprintf("%d %s", l.n, l.text)))
		}
	}
	return parts
}
