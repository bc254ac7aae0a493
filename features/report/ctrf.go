package report

import (
	"encoding/json"
	"io"

	"ringback/sim/text"
)

// The common test report format, version 0.0 (https://ctrf.io): what many dashboards
// and chat bots read.
type (
	ctrf struct {
		Format  string      `json:"reportFormat"`
		Spec    string      `json:"specVersion"`
		By      string      `json:"generatedBy"`
		Results ctrfResults `json:"results"`
	}
	ctrfResults struct {
		Tool        ctrfTool        `json:"tool"`
		Summary     ctrfSummary     `json:"summary"`
		Tests       []ctrfTest      `json:"tests"`
		Environment ctrfEnvironment `json:"environment"`
	}
	ctrfTool struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	ctrfSummary struct {
		Tests   int   `json:"tests"`
		Passed  int   `json:"passed"`
		Failed  int   `json:"failed"`
		Skipped int   `json:"skipped"`
		Pending int   `json:"pending"`
		Other   int   `json:"other"`
		Start   int64 `json:"start"` // ms since 1970
		Stop    int64 `json:"stop"`
	}
	ctrfTest struct {
		Name      string   `json:"name"`
		Status    string   `json:"status"`
		RawStatus Status   `json:"rawStatus"`
		Duration  int64    `json:"duration"` // ms
		Suite     []string `json:"suite,omitempty"`
		Message   string   `json:"message,omitempty"`
		Trace     string   `json:"trace,omitempty"`
		Tags      []string `json:"tags,omitempty"`
		File      string   `json:"filePath,omitempty"`
		Line      int      `json:"line,omitempty"`
	}
	ctrfEnvironment struct {
		Healthy bool              `json:"healthy"` // something was judged
		Extra   map[string]string `json:"extra"`
	}
)

// WriteCTRF writes the report in the common test report format. A scenario that warned
// passed there, with its message; one that is at fault failed. If nothing was judged
// one test says so, which failed.
func (r *Report) WriteCTRF(w io.Writer) error {
	doc := ctrf{Format: "CTRF", Spec: "0.0.0", By: "ringback verify"}
	doc.Results.Tool = ctrfTool{"ringback", text.Clean(r.Version)}
	doc.Results.Environment = ctrfEnvironment{r.Verdict() != "none", map[string]string{"verdict": r.Verdict()}}
	for _, p := range r.properties() {
		if p.Name != "version" {
			doc.Results.Environment.Extra[p.Name] = p.Value
		}
	}
	doc.Results.Summary.Start, doc.Results.Summary.Stop = r.Began.UnixMilli(), r.Began.Add(r.Took).UnixMilli()
	doc.Results.Tests = []ctrfTest{}
	p := newPrinter(r, TerminalOptions{})
	for i := range r.Scenarios {
		doc.add(p.ctrf(&r.Scenarios[i]))
	}
	if r.Verdict() == "none" && r.Count(Errored) == 0 {
		doc.add(ctrfTest{Name: "Something is judged", Status: "failed", RawStatus: Errored, Message: text.Clean(r.outcomeWords())})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}

func (c *ctrf) add(t ctrfTest) {
	s := &c.Results.Summary
	s.Tests++
	switch t.Status {
	case "passed":
		s.Passed++
	case "failed":
		s.Failed++
	case "skipped":
		s.Skipped++
	}
	c.Results.Tests = append(c.Results.Tests, t)
}

func (p *printer) ctrf(s *Result) ctrfTest {
	t := ctrfTest{
		Name: text.Line(s.Name), RawStatus: s.Status, Duration: s.Took.Milliseconds(), Tags: s.Tags,
		File: text.Clean(s.File), Line: s.Line,
	}
	for _, title := range []string{s.Feature, s.Rule} {
		if title != "" {
			t.Suite = append(t.Suite, text.Line(title))
		}
	}
	switch s.Status {
	case Passed:
		t.Status = "passed"
	case Warned:
		t.Status, t.Message, t.Trace = "passed", text.Clean(s.headline()), p.account(s)
	case Skipped:
		t.Status, t.Message = "skipped", text.Clean(s.message())
	default:
		t.Status, t.Message, t.Trace = "failed", text.Clean(s.headline()), p.account(s)
	}
	return t
}
