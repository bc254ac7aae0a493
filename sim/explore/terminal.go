package explore

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"ringback/sim/preflight"
	"ringback/sim/text"
)

// TerminalOptions say how a report is written for people.
type TerminalOptions struct {
	Style text.Style
	Files map[*Finding]string // where findings were written, in one folder
	// Clause returns where the documents have a clause, and what it says; "", "" of
	// one that there is not.
	Clause func(id string) (where, words string)
	Cut    bool // the search was interrupted, so that there is no verdict
}

// WriteTerminal writes what an exploration found, for people. It writes the same for
// the same seed: no ids, addresses or wall times.
func (r *Report) WriteTerminal(w io.Writer, o TerminalOptions) error {
	p := &printer{TerminalOptions: o}
	p.report(r)
	if !o.Cut {
		p.verdict(r)
	}
	_, err := io.WriteString(w, p.String())
	return err
}

// printer is a report that is being written.
type printer struct {
	strings.Builder
	TerminalOptions
}

func (p *printer) printf(format string, args ...any) { _, _ = text.Fprintf(p, format, args...) }

func (p *printer) report(r *Report) {
	for _, f := range r.Findings {
		p.finding(f)
	}
	if r.Down {
		p.printf("%s  since then not even a call without faults is all right: start the receiver anew; the search ended\n\n", p.Style.Bad.Render("DOWN"))
	}
	if r.Hangs != "" {
		p.printf("%s  %s; the search ended\n\n", p.Style.Bad.Render("HANGS"), r.Hangs)
	}
	p.summary(r)
	p.reach(r.Reach)
	for _, what := range r.NotJudged {
		p.printf("not judged: %s\n", what)
	}
}

func (p *printer) finding(f *Finding) {
	word, paint := "FOUND", p.Style.Bad
	if f.Flaky() {
		word = "FLAKY"
	}
	if !f.Counts {
		word, paint = "WARNED", p.Style.Wait
	}
	p.printf("%s  %s\n", paint.Render(word), p.Style.Bold.Render(f.Title()))
	p.clause(f.Clause, f.Level)
	p.printf("\n    %s\n\n", f.Violation.Text())
	for _, s := range f.Scenario() {
		p.printf("    %s\n", s)
	}
	p.printf("\n")
	p.timeline(f.Timeline())
	p.printf("\n  found in execution %d, ", f.Execution)
	p.printf("%s", confidence(f))
	if f.FoundAgain > 0 {
		p.printf("; probably the same in %s later", text.Count(f.FoundAgain, "execution"))
	}
	p.printf("\n")
	if path := p.Files[f]; path != "" {
		p.printf("  %s\n", path)
	}
	p.printf("\n")
}

// confidence says how short a finding was made, and how often it showed since.
func confidence(f *Finding) string {
	if f.Fatal {
		return "not played again: the receiver takes no call any more"
	}
	shrunk := fmt.Sprintf("shrunk from %d steps to %d in %s; ", f.Steps, f.NumSteps(), text.Count(f.Tried, "play"))
	if f.Interrupted {
		return shrunk + "interrupted before it was played again to the end"
	}
	return shrunk + fmt.Sprintf("shown in %d of %d more", f.Shown, Reruns)
}

func (p *printer) clause(id, level string) {
	where, words := p.Clause(id)
	if where == "" {
		p.printf("  %s\n", id)
		return
	}
	p.printf("  %s  %s\n", id, p.Style.Dim.Render(fmt.Sprintf("(%s; %s)", level, where)))
	p.printf("      %s\n", words)
}

// maxMoments are shown of a timeline: its end, where it broke.
const maxMoments = 40

func (p *printer) timeline(list []TimelineEntry) {
	if n := len(list) - maxMoments; n > 0 {
		p.printf("  %s\n", p.Style.Dim.Render(fmt.Sprintf("... %s before", text.Count(n, "line"))))
		list = list[n:]
	}
	named := slices.ContainsFunc(list, func(m TimelineEntry) bool { return m.Call != "" })
	for i := range list {
		m := &list[i]
		at := fmt.Sprintf("%9s", fmt.Sprintf("+%.3f", time.Duration(m.At).Seconds()))
		if named {
			at += "  " + text.Pad(m.Call, 7)
		}
		if m.Fact != "" {
			p.printf("%s  %s\n", at, p.Style.Bold.Render(m.Fact))
			continue
		}
		p.printf("%s    %s\n", at, p.attempt(m))
	}
}

func (p *printer) attempt(m *TimelineEntry) text.Styled {
	mark, status, words := p.Style.Good.Render("✓"), fmt.Sprint(m.Status), "acked"
	if !m.Acked {
		mark, words = p.Style.Bad.Render("✗"), m.Verdict
	}
	if m.Status == 0 {
		status = "-"
	}
	if len(m.Faults) > 0 {
		words += " (" + strings.Join(m.Faults, ", ") + ")"
	}
	return text.Sprintf("%s %-24s %s %d  %3s  %s", mark, strings.TrimPrefix(m.Word, "Call.Callback"), text.Pad(m.User, 8), m.Attempt, status, words)
}

func (p *printer) summary(r *Report) {
	p.printf("seed %d: %s", r.Seed, text.Count(r.Executions, "execution"))
	if r.Shrinking > 0 {
		p.printf(", %s more to shrink what was found", text.Count(r.Shrinking, "play"))
	}
	p.printf("\n")
	if r.ProbeErrors > 0 {
		p.printf("the probe gave no usable answer %s, which says nothing of the receiver: %s\n", times(r.ProbeErrors), r.ProbeError)
	}
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// reach says how much of all that can happen did happen, and what did not.
func (p *printer) reach(list []Reach) {
	var parts []string
	for _, r := range list {
		parts = append(parts, fmt.Sprintf("%s %d of %d", r.What, r.Total-len(r.Missed), r.Total))
	}
	p.printf("reached: %s\n", strings.Join(parts, ", "))
	for _, r := range list {
		if len(r.Missed) > 0 {
			p.printf("  not reached, of %s: %s\n", r.What, strings.Join(r.Missed, ", "))
		}
	}
}

func (p *printer) verdict(r *Report) {
	judged := "answers were judged, and what was stored (--probe)"
	if !r.Probe {
		judged = "status-only: answers were judged, what was stored was not (--probe)"
	}
	if r.ReadableIDs {
		judged += "; " + preflight.ShorterIDs("other histories")
	}
	counting := r.Counting()
	if n := len(r.Findings) - counting; n > 0 {
		judged = fmt.Sprintf("%d warned (--level should counts them); %s", n, judged)
	}
	why := "no history broke the contract"
	switch {
	case counting > 0:
		why = text.Count(counting, "finding")
	case r.Hangs != "":
		why = r.Hangs
	case r.Down:
		why = "the receiver takes no call any more"
	}
	word := p.Style.Good.Render("PASS")
	if r.Broken() {
		word = p.Style.Bad.Render("FAIL")
	}
	p.printf("%s: %s; %s\n", word, why, judged)
}
