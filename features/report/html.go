package report

import (
	"bytes"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"ringback/sim/secret"
	"ringback/sim/text"
)

// maxHTML is how large the page is at most, unless the names of the scenarios
// alone take more: a browser opens it at once, and a mail takes it.
const maxHTML = 900 << 10

// htmlDetail is how much of what happened a page shows.
type htmlDetail struct {
	moments int // of a history
	body    int // bytes of a body
}

// htmlDetails are tried in turn until the page is small enough: a receiver may
// answer megabytes, to each of hundreds of scenarios.
var htmlDetails = []htmlDetail{{200, 16 << 10}, {40, 4 << 10}, {16, 1 << 10}, {6, 512}, {0, 512}}

// What the HTML report shows of a body in other ways.
const (
	maxHTMLHex    = 512      // bytes of a body as hexadecimal numbers
	maxHTMLIndent = 64 << 10 // bytes of a body to lay out
	maxHTMLDepth  = 32       // nesting of a body to lay out: the blanks grow with its square
)

//go:embed report.html.tmpl
var htmlSource string

var htmlTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("report").Funcs(template.FuncMap{
		"duration": text.Took, "printable": text.Clean, "documentURL": documentURL, "plural": text.Count[int],
	}).Parse(htmlSource))
})

// WriteHTML writes the report as one page that needs nothing from outside. It
// reads well in print, on a phone, and without scripts: it has none.
func (r *Report) WriteHTML(w io.Writer) error {
	var page bytes.Buffer
	for _, detail := range htmlDetails {
		page.Reset()
		if err := htmlTemplate().Execute(&page, newHTMLPage(r, detail)); err != nil {
			return err
		}
		if page.Len() <= maxHTML {
			break
		}
	}
	_, err := w.Write(page.Bytes())
	return err
}

// Counting is what makes count what warned.
func (p *htmlPage) Counting() string { return p.named("--level should") }

// What the template reads.
type (
	htmlPage struct {
		*Report
		Outcome, Judged string
		Notes           []string
		Coverage        []htmlCoverage
		Rerun           string
		RerunNote       string
		Causes          []htmlCause
		AtFault         []*htmlScenario
		Skipped         []htmlReason
		Documents       []htmlDocument
		Features        []*htmlFeature
		scenarios       []htmlScenario // in the order of the report
		detail          htmlDetail
	}
	htmlCause struct {
		Cause
		ID        string
		Extent    string
		Lines     []htmlLine // of the example
		Clauses   []*Coverage
		Shows     *htmlExchange // nil if it is about none
		Scenarios []*htmlScenario
		Rerun     string
	}
	htmlCoverage struct {
		Level          string
		Covered, Total int
	}
	htmlReason struct {
		Words     string
		Scenarios []*htmlScenario
	}
	htmlDocument struct {
		Name    string
		Counts  string
		Open    bool // not all of its clauses passed
		Clauses []htmlClause
	}
	htmlClause struct {
		*Coverage
		Says      Status // its status, or that nothing covers it
		Scenarios []*htmlScenario
	}
	htmlFeature struct {
		Title     string
		Counts    string
		Scenarios []*htmlScenario
	}
	htmlScenario struct {
		*Result
		ID            string
		Place         string
		Lines         []htmlLine // of the message
		Clauses       []*Coverage
		Moments       []htmlMoment
		Before, After int // moments left out
	}
	htmlLine struct {
		Text string
		Sign string // del, ins or none: how a diff marks the line
	}
	htmlMoment struct {
		At, Fact string
		Attempt  *htmlExchange // nil for a fact
	}
	htmlExchange struct {
		*Exchange
		At, Mark, WordShort, Try, HTTP, Says string
		Tone                                 string    // good, wait or bad
		Request, Response                    *htmlBody // nil: without its bytes
	}
	htmlBody struct {
		Kind string // JSON or text
		Text string
		Size int
		Note string
		Hex  string
	}
)

func newHTMLPage(r *Report, detail htmlDetail) *htmlPage {
	p := &htmlPage{Report: r, detail: detail, Outcome: r.outcomeWords(), Judged: r.judgedWords(), Notes: r.notes()}
	p.Rerun, p.RerunNote = r.rerun()
	for _, level := range []string{"must", "should"} {
		if covered, total := r.covered(level); total > 0 {
			p.Coverage = append(p.Coverage, htmlCoverage{level, covered, total})
		}
	}
	p.addScenarios()
	p.addCauses()
	p.addClauses()
	p.addReasons()
	for i := range p.scenarios {
		if s := &p.scenarios[i]; s.Status == Errored {
			p.AtFault = append(p.AtFault, s)
		}
	}
	return p
}

// rerunNote is said of a command with secrets.
const rerunNote = "Its variables hold secrets: set them first."

// rerun is the command that runs the whole suite again, and what to put into
// it: the report has neither the secrets of the target nor the probe's address.
func (r *Report) rerun() (command, note string) {
	if r.Rerun != "" {
		if strings.Contains(r.Rerun, `"$RINGBACK_`) {
			note = rerunNote
		}
		return r.Rerun, note
	}
	quoted := "'" + strings.ReplaceAll(r.Target, "'", `'\''`) + "'"
	if strings.Contains(r.Target, secret.Mask) {
		quoted, note = `"$RINGBACK_TARGET"`, rerunNote+" "
	}
	command = fmt.Sprintf("ringback verify --target %s --generation %s --seed %d --epoch %s", quoted, r.Generation, r.Seed, r.Epoch.Format(time.RFC3339Nano))
	if r.Probe {
		command += " --probe URL_TEMPLATE"
		note += "Put in the address of the probe. "
	}
	return command, strings.TrimSpace(note)
}

func (p *htmlPage) addScenarios() {
	features := map[string]*htmlFeature{}
	p.scenarios = make([]htmlScenario, len(p.Report.Scenarios))
	for i := range p.scenarios {
		s := &p.scenarios[i]
		*s = p.scenario(i, &p.Report.Scenarios[i])
		f := features[s.Feature]
		if f == nil {
			f = &htmlFeature{Title: s.Feature}
			features[s.Feature] = f
			p.Features = append(p.Features, f)
		}
		f.Scenarios = append(f.Scenarios, s)
	}
	for _, f := range p.Features {
		f.Counts = counts(len(f.Scenarios), func(i int) Status { return f.Scenarios[i].Status })
	}
}

// uncovered is what is said of a clause that no scenario holds a receiver to.
const uncovered Status = "not covered"

// counts says how many of n things have which status.
func counts(n int, status func(int) Status) string {
	of := map[Status]int{}
	for i := range n {
		of[status(i)]++
	}
	var parts []string
	for _, s := range []Status{Failed, Errored, Warned, Passed, Skipped, uncovered} {
		if of[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", of[s], s.words()))
		}
	}
	return strings.Join(parts, ", ")
}

// coverage lists clauses with what is known of them.
func (p *htmlPage) coverage(ids []string) (list []*Coverage) {
	for _, id := range ids {
		at := slices.IndexFunc(p.Report.Clauses, func(c Coverage) bool { return c.ID == id })
		if at >= 0 {
			list = append(list, &p.Report.Clauses[at])
		}
	}
	return list
}

func (p *htmlPage) addCauses() {
	at := map[*Result]*htmlScenario{}
	for i := range p.scenarios {
		at[p.scenarios[i].Result] = &p.scenarios[i]
	}
	for i, c := range p.Report.Causes() {
		h := htmlCause{
			Cause: c, ID: fmt.Sprintf("c%d", i+1), Extent: c.extent(), Lines: p.lines(c.Example.Text), Clauses: p.coverage(c.Clauses),
			Rerun: c.Scenarios[0].Rerun,
		}
		if c.Exchange != nil {
			h.Shows = p.exchange(&Moment{Exchange: c.Exchange}, true)
		}
		for _, s := range c.Scenarios {
			h.Scenarios = append(h.Scenarios, at[s])
		}
		p.Causes = append(p.Causes, h)
	}
}

func (p *htmlPage) scenario(i int, r *Result) htmlScenario {
	s := htmlScenario{Result: r, ID: fmt.Sprintf("s%d", i+1), Place: r.place(), Lines: p.lines(r.message()), Clauses: p.coverage(r.Clauses)}
	from, to := r.around(p.detail.moments)
	s.Before, s.After = from, len(r.History)-to
	judged := r.judged()
	for i := from; i < to; i++ {
		m := &r.History[i]
		shown := htmlMoment{At: m.instant(), Fact: m.Fact}
		if m.Exchange != nil {
			shown.Attempt = p.exchange(m, i == judged)
		}
		s.Moments = append(s.Moments, shown)
	}
	return s
}

// exchange is an attempt, with its bytes if it is the one that was judged.
func (p *htmlPage) exchange(m *Moment, judged bool) *htmlExchange {
	x := m.Exchange
	tone := map[string]string{"✓": "good", "†": "bad"}[x.mark()]
	if tone == "" {
		tone = "wait"
	}
	h := &htmlExchange{
		Exchange: x, At: m.instant(), Mark: x.mark(), WordShort: x.word(), Try: x.try(), HTTP: x.statusWords(),
		Says: x.verdictWords(), Tone: tone,
	}
	if judged {
		request, response := showBody(x.Body, x.Sent, p.detail.body), showBody(x.Answer, x.Whole, p.detail.body)
		h.Request, h.Response = &request, &response
	}
	return h
}

func (p *htmlPage) lines(message string) (lines []htmlLine) {
	if message == "" {
		return nil
	}
	shown, n := text.Fold(message, p.detail.body)
	if n < len(message) {
		shown += "..."
	}
	for line := range strings.Lines(text.Clean(shown)) {
		sign := map[byte]string{'-': "del", '+': "ins"}[diffSign(line)]
		lines = append(lines, htmlLine{strings.TrimRight(line, "\n"), sign})
	}
	return lines
}

// addClauses groups the clauses by document, in their order.
func (p *htmlPage) addClauses() {
	by := map[string][]*htmlScenario{}
	for i := range p.scenarios {
		for _, id := range p.scenarios[i].Result.Clauses {
			by[id] = append(by[id], &p.scenarios[i])
		}
	}
	at := map[string]int{}
	for i := range p.Report.Clauses {
		c := &p.Report.Clauses[i]
		if _, ok := at[c.Document]; !ok {
			at[c.Document] = len(p.Documents)
			p.Documents = append(p.Documents, htmlDocument{Name: c.Document})
		}
		d := &p.Documents[at[c.Document]]
		says := c.Status
		if len(by[c.ID]) == 0 {
			says = uncovered
		}
		d.Clauses = append(d.Clauses, htmlClause{c, says, by[c.ID]})
		d.Open = d.Open || says != Passed
	}
	for i := range p.Documents {
		d := &p.Documents[i]
		d.Counts = counts(len(d.Clauses), func(i int) Status { return d.Clauses[i].Says })
	}
}

func (p *htmlPage) addReasons() {
	at := map[*Result]*htmlScenario{}
	for i := range p.scenarios {
		at[p.scenarios[i].Result] = &p.scenarios[i]
	}
	for _, g := range p.skipped() {
		r := htmlReason{Words: g.Words}
		for _, s := range g.Scenarios {
			r.Scenarios = append(r.Scenarios, at[s])
		}
		p.Skipped = append(p.Skipped, r)
	}
}

// showBody lays out JSON, which changes nothing but the blanks between its
// parts; anything else is shown as it came, and as numbers too if not all of
// it can be seen. Of one that was longer, with so many bytes, it is the beginning.
func showBody(body string, bytes, most int) htmlBody {
	b := htmlBody{Kind: "text", Text: body, Size: max(len(body), bytes)}
	if utf8.ValidString(body) && json.Valid([]byte(body)) {
		b.Kind, b.Text = "JSON", indented(body)
	}
	start, n := text.Fold(b.Text, most)
	if start != b.Text[:n] {
		b.Note = "A character that follows itself often is counted."
	}
	if whole := max(len(b.Text), bytes); n < whole {
		b.Note = strings.TrimSpace(fmt.Sprintf("%s Cut: the first %d of %d bytes are shown.", b.Note, n, whole))
	}
	b.Text = start
	seen := text.Clean(b.Text)
	if seen != b.Text && b.Kind == "text" {
		first := body[:min(len(body), maxHTMLHex, most/8)]
		b.Hex = hex.Dump([]byte(first))
		b.Note = strings.TrimSpace(fmt.Sprintf("%s Bytes that cannot be shown are written as \\x and two digits.", b.Note))
	}
	b.Text = seen
	return b
}

// indented is laid out JSON, unless that would take too much room.
func indented(body string) string {
	if len(body) > maxHTMLIndent || depth(body) > maxHTMLDepth {
		return body
	}
	var out bytes.Buffer
	if err := json.Indent(&out, []byte(body), "", "  "); err != nil {
		return body
	}
	return strings.TrimSpace(out.String())
}

// depth is how deep brackets nest, those in strings counted too.
func depth(body string) (deepest int) {
	open := 0
	for _, c := range []byte(body) {
		switch c {
		case '{', '[':
			open++
			deepest = max(deepest, open)
		case '}', ']':
			open--
		}
	}
	return deepest
}
