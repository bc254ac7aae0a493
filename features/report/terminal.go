package report

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"ringback/sim/text"
)

// TerminalOptions are how a report looks on a terminal.
type TerminalOptions struct {
	Color   bool
	All     bool // each scenario that did not pass, before the causes
	Verbose bool // all there is of each of them, nothing cut
}

// What a terminal gets unless it is verbose.
const (
	terminalCauses    = 3       // in full; the others in short
	terminalShort     = 9       // causes in short, or else they are counted
	terminalScenarios = 5       // of a cause, by name
	terminalEvidence  = 600     // bytes of a body that shows a cause
	terminalLines     = 8       // of such a body, and of what was found
	terminalMoments   = 16      // of a history
	terminalBody      = 2 << 10 // bytes
	terminalMessage   = 4 << 10 // bytes
)

// WriteTerminal prints the report for people: what the receiver does wrong, each
// cause once, and how to see it again; what could not be judged, the summary,
// the verdict.
func (r *Report) WriteTerminal(w io.Writer, opts TerminalOptions) error {
	p := newPrinter(r, opts)
	if opts.All || opts.Verbose {
		p.scenarios()
	}
	p.atFault()
	p.causes()
	p.skipped()
	p.summary()
	_, err := w.Write(p.out.Bytes())
	return err
}

// printer lays a report out as text.
type printer struct {
	out     bytes.Buffer
	r       *Report
	opts    TerminalOptions
	clauses map[string]*Coverage
	brief   bool // bodies as they show a cause
	told    int  // bytes of accounts so far
}

func newPrinter(r *Report, opts TerminalOptions) *printer {
	p := &printer{r: r, opts: opts, clauses: map[string]*Coverage{}}
	for i := range r.Clauses {
		p.clauses[r.Clauses[i].ID] = &r.Clauses[i]
	}
	return p
}

// The terminal's own colors suit dark and light.
const (
	red    = "31"
	green  = "32"
	yellow = "33"
	faint  = "2"
	bold   = "1"
)

func (p *printer) paint(code, text string) string {
	if !p.opts.Color || code == "" || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (p *printer) printf(format string, args ...any) { fmt.Fprintf(&p.out, format, args...) }

// scenarios prints each scenario that failed or warned.
func (p *printer) scenarios() {
	for _, s := range slices.Concat(p.r.with(Failed), p.r.with(Warned)) {
		p.title(s.Status, s.Name)
		p.printf("        %s\n", p.paint(faint, text.Line(s.place())))
		p.full(s)
	}
}

// atFault prints the scenarios that are at fault themselves: the first few, unless
// all are wanted.
func (p *printer) atFault() {
	list := p.r.with(Errored)
	for i, s := range list {
		if i == terminalShort && !p.opts.All && !p.opts.Verbose {
			p.printf("%s\n\n", p.paint(faint, text.Count(len(list)-i, "more scenario")+" at fault ("+p.r.named("--all-failures")+" shows each)"))
			return
		}
		p.title(s.Status, s.Name)
		p.printf("        %s\n", p.paint(faint, text.Line(s.place())))
		if p.opts.Verbose {
			p.full(s)
			continue
		}
		if s.Step != "" {
			p.printf("  at the step: %s\n", text.Line(s.Step))
		}
		p.message(s.message())
		p.rerun(s)
	}
}

func (p *printer) title(status Status, words string) {
	color := red
	if status == Warned {
		color = yellow
	}
	p.printf("%s  %s\n", p.paint(color, strings.ToUpper(string(status))), p.paint(bold, text.Line(words)))
}

// causes prints what the receiver does wrong: the first few causes with an
// exchange that shows them.
func (p *printer) causes() {
	list := p.r.Causes()
	p.brief = !p.opts.Verbose
	defer func() { p.brief = false }()
	for i := range list {
		full := !p.opts.All && !p.opts.Verbose && i < terminalCauses
		if !full && i >= terminalCauses+terminalShort && !p.opts.Verbose {
			p.printf("%s\n\n", p.paint(faint, text.Count(len(list)-i, "more cause")+": "+p.r.named("--report html=FILE")+" has them"))
			return
		}
		c := &list[i]
		p.title(c.Status, c.Words)
		if full {
			p.cause(c)
		} else {
			p.causeShort(c)
		}
	}
}

// cause is what a cause is, with what shows it.
func (p *printer) cause(c *Cause) {
	p.printf("        %s\n", p.paint(faint, text.Line(c.extent())))
	if c.Lasting {
		p.printf("        What failed after it may come from it: mend it first.\n")
	}
	for _, found := range c.Found {
		p.printf("        - %s\n", text.Line(found))
	}
	for _, id := range c.Clauses {
		p.clause(id)
	}
	if c.More > 0 {
		p.printf("  %s\n", p.paint(faint, "and "+text.Count(c.More, "more clause")))
	}
	p.printf("\n")
	p.message(c.Example.Text)
	if c.Exchange != nil {
		p.exchange(c.Exchange)
	}
	p.printf("\n")
	for _, s := range c.Scenarios[:min(len(c.Scenarios), terminalScenarios)] {
		p.printf("  - %s  %s\n", text.Line(s.Name), p.paint(faint, text.Line(s.at())))
	}
	if more := len(c.Scenarios) - terminalScenarios; more > 0 {
		p.printf("    %s\n", p.paint(faint, fmt.Sprintf("and %s (%s)", text.Count(more, "more scenario"), p.r.named("--all-failures")+" shows each")))
	}
	p.rerun(c.Scenarios[0])
}

// causeShort is enough to know what it is about.
func (p *printer) causeShort(c *Cause) {
	p.printf("        %s\n", p.paint(faint, text.Line(c.extent())))
	if len(c.Clauses) > 0 {
		p.printf("  %s\n", strings.Join(c.Clauses, ", "))
	}
	p.rerun(c.Scenarios[0])
}

// full is all that helps to understand a failure.
func (p *printer) full(s *Result) {
	for _, id := range s.Clauses {
		p.clause(id)
	}
	if s.Step != "" {
		p.printf("\n  at the step: %s\n", text.Line(s.Step))
	}
	p.printf("\n")
	p.message(s.message())
	if len(s.History) > 0 {
		p.printf("\n")
		p.timeline(s)
	}
	if at := s.judged(); at >= 0 {
		p.exchange(s.History[at].Exchange)
	}
	p.rerun(s)
}

func (p *printer) clause(id string) {
	c := p.clauses[id]
	if c == nil {
		p.printf("  %s\n", id)
		return
	}
	page := c.Document
	if url := documentURL(c.Document); url != "" {
		page = url
	}
	p.printf("  %s  %s\n", id, p.paint(faint, fmt.Sprintf("(%s; %s, %s)", cmp.Or(c.Levels, c.Level), page, c.Section)))
	p.printf("      %s\n", c.Words)
}

func (p *printer) message(words string) {
	lines, most := 0, terminalMessage
	if p.brief {
		most = terminalEvidence
	}
	shown, n := p.cut(words, most)
	isCut := n < len(words)
	for line := range strings.Lines(text.Clean(shown)) {
		if lines++; p.brief && lines > terminalLines {
			isCut = true
			break
		}
		line = strings.TrimRight(line, " \n")
		p.printf("%s\n", strings.TrimRight("    "+p.paint(diffColor(line), line), " "))
	}
	if isCut {
		p.printf("    %s\n", p.paint(faint, "..."))
	}
}

// cut is the beginning of a text that takes about most bytes when printed, and how
// many bytes of the text that is.
func (p *printer) cut(whole string, most int) (start string, n int) {
	if p.opts.Verbose {
		return text.Fold(whole, len(whole))
	}
	start, n = text.Fold(whole, most)
	if len(text.Clean(start)) > 2*most { // what cannot be printed takes up to six times the room
		start, n = text.Fold(whole, most/3)
	}
	return start, n
}

// diffColor is the color of a line, in case it is one of a diff.
func diffColor(line string) string {
	switch diffSign(line) {
	case '-':
		return red
	case '+':
		return green
	}
	return ""
}

// diffSign is - or + for a line that a diff takes out or puts in.
func diffSign(line string) byte {
	if len(line) < 2 || line[1] != ' ' && line[1] != '\t' || line[0] != '-' && line[0] != '+' {
		return 0
	}
	return line[0]
}

func (p *printer) timeline(s *Result) {
	from, to := 0, len(s.History)
	if !p.opts.Verbose {
		from, to = s.around(terminalMoments)
	}
	p.more(from, "before")
	wide := columns(s.History[from:to])
	for i := range s.History[from:to] {
		p.moment(&s.History[from+i], wide)
	}
	p.more(len(s.History)-to, "after")
}

func (p *printer) more(n int, where string) {
	if n > 0 {
		p.printf("%s\n", p.paint(faint, fmt.Sprintf("          ... %d more %s", n, where)))
	}
}

// widths are those of the columns that depend on what is in them.
type widths struct{ word, user int }

func columns(history []Moment) widths {
	wide := widths{word: 12, user: 5}
	for i := range history {
		if x := history[i].Exchange; x != nil {
			wide.word = max(wide.word, min(24, text.Cells(x.word())))
			wide.user = max(wide.user, min(16, text.Cells(x.User)))
		}
	}
	return wide
}

func (p *printer) moment(m *Moment, wide widths) {
	p.printf("%9s  ", m.instant())
	if m.Exchange == nil {
		p.printf("%s\n", p.paint(bold, text.Line(m.Fact)))
		return
	}
	x := m.Exchange
	color := green
	switch x.mark() {
	case "†":
		color = red
	case "✗", "-":
		color = yellow
	}
	p.printf("  %s %s %s %4s  %3s %8s  %s\n", p.paint(color, x.mark()), text.Pad(text.Line(x.word()), wide.word), text.Pad(text.Line(x.User), wide.user),
		x.try(), x.statusWords(), text.Took(x.Took), text.Line(x.verdictWords()))
}

// exchange is an attempt with its bytes.
func (p *printer) exchange(x *Exchange) {
	p.printf("\n  request  POST %s\n", text.Line(x.URL))
	p.body(x.Body, x.Sent)
	if x.Status == 0 {
		p.printf("  answer   none: %s\n", text.Line(x.verdictWords()))
		return
	}
	p.printf("  answer   HTTP %d after %s: %s\n", x.Status, cmp.Or(text.Took(x.Took), "0ms"), text.Line(x.verdictWords()))
	p.body(x.Answer, x.Whole)
}

// body prints a body, or the beginning of one with so many bytes.
func (p *printer) body(body string, bytes int) {
	if body == "" {
		p.printf("    %s\n", p.paint(faint, "(empty)"))
		return
	}
	begins, most := body, terminalBody
	if p.brief {
		begins, most = firstLines(body, terminalLines), terminalEvidence
	}
	shown, n := p.cut(begins, most)
	for line := range strings.Lines(shown) {
		p.printf("    %s\n", strings.TrimRight(text.Clean(line), "\n"))
	}
	if whole := max(len(body), bytes); n < whole {
		p.printf("    %s\n", p.paint(faint, fmt.Sprintf("... the first %d of %d bytes", n, whole)))
	}
}

// firstLines are the first lines of a text, at most so many.
func firstLines(s string, most int) string {
	n := 0
	for line := range strings.Lines(s) {
		if most--; most < 0 {
			break
		}
		n += len(line)
	}
	return s[:n]
}

func (p *printer) rerun(s *Result) {
	if s.Rerun != "" {
		p.printf("\n  again: %s\n", text.Line(s.Rerun))
	}
	p.printf("\n")
}

func (p *printer) skipped() {
	groups := p.r.skipped()
	for _, g := range groups {
		p.printf("%s  %s: %s\n", p.paint(yellow, "SKIPPED"), text.Count(len(g.Scenarios), "scenario"), text.Line(g.Words))
		if p.opts.Verbose {
			for _, s := range g.Scenarios {
				p.printf("         %s  %s\n", text.Line(s.Name), p.paint(faint, text.Line(s.place())))
			}
		}
	}
	if len(groups) > 0 {
		p.printf("\n")
	}
}

func (p *printer) summary() {
	for _, note := range p.r.notes() {
		p.printf("%s\n", text.Line(note))
	}
	covered, total := p.r.covered("must")
	p.printf("%s   %d of %d must clauses covered   %s\n", p.r.countWords(), covered, total, text.Took(p.r.Took))
	color := map[string]string{"pass": green, "fail": red, "none": yellow}[p.r.Verdict()]
	p.printf("%s: %s", p.paint(color, strings.ToUpper(p.r.Verdict())), text.Line(p.r.outcomeWords()))
	if judged := p.r.judgedWords(); judged != "" {
		p.printf("; %s", judged)
	}
	p.printf("\n")
}
