package load

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"ringback/sim/text"
)

//go:embed report.html.tmpl
var htmlSource string

// htmlScript shows the values of the plots under the pointer. The page works
// without it.
//
//go:embed report.js
var htmlScript string

var htmlTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("report").Funcs(template.FuncMap{
		"ms": FormatMS, "n": func(v uint64) string { return grouped(float64(v)) }, "count": func(v int) string { return grouped(float64(v)) }, "rate": grouped, "seconds": seconds,
		"width": func() float64 { return plotWidth }, "height": func() float64 { return plotHeight },
	}).Parse(htmlSource))
})

// WriteHTML writes the report as a self-contained HTML page.
func (r *Report) WriteHTML(w io.Writer) error { return newHTMLPage(r).write(w) }

// WriteHTML writes the result of a search as a self-contained HTML page, with its
// trials and the report of [Limit.Report], which must not be nil.
func (l *Limit) WriteHTML(w io.Writer) error {
	p := newHTMLPage(l.Report())
	p.Trials = l.Trials
	p.Verdict, p.Tone, p.Outcome = "Limit", "good", l.Summary()
	switch {
	case l.nothing():
		p.Verdict, p.Tone = "Nothing", "wait"
	case l.Rate == 0:
		p.Verdict, p.Tone = "Broken", "bad"
	}
	return p.write(w)
}

func (p *htmlPage) write(w io.Writer) error {
	var page bytes.Buffer
	if err := htmlTemplate().Execute(&page, p); err != nil {
		return err
	}
	_, err := w.Write(page.Bytes())
	return err
}

// The data of the template.
type (
	htmlPage struct {
		*Report
		Verdict, Tone, Outcome string // one word, good or bad or wait, and a sentence
		Asked                  string
		Trials                 []Trial // of a search
		Plots                  []htmlPlot
		Failed                 []htmlShare
		Commands               []htmlCommand
		Note                   string // to the command
		Script                 template.HTML
		Hash                   string
	}
	htmlPlot struct {
		*plot
		Data string // what the script reads
	}
	htmlShare struct {
		Name    string
		N       uint64
		Percent float64
	}
	htmlCommand struct {
		Name string
		Command
	}
)

func newHTMLPage(r *Report) *htmlPage {
	p := &htmlPage{Report: r, Asked: r.requestedRate()}
	p.Verdict, p.Tone, p.Outcome = r.verdict()
	for _, one := range []*plot{r.latencyPlot(), r.ratePlot(), r.retryPlot(), r.curvePlot()} {
		data, _ := json.Marshal(one.Reads) // of numbers and texts
		p.Plots = append(p.Plots, htmlPlot{one, string(data)})
	}
	for reason, n := range r.Reasons {
		p.Failed = append(p.Failed, htmlShare{reason, n, 100 * ratio(n, r.Attempts)})
	}
	slices.SortFunc(p.Failed, func(a, b htmlShare) int {
		if a.N != b.N {
			return int(b.N) - int(a.N)
		}
		return strings.Compare(a.Name, b.Name)
	})
	for _, name := range r.Commands() {
		p.Commands = append(p.Commands, htmlCommand{name, r.ByCommand[name]})
	}
	if strings.Contains(r.About.Command, `"$RINGBACK_`) {
		p.Note = "Its variables hold secrets: set them first."
	}
	sum := sha256.Sum256([]byte(htmlScript))
	p.Hash = base64.StdEncoding.EncodeToString(sum[:])
	p.Script = template.HTML("<script>" + htmlScript + "</script>") // a constant of ours
	return p
}

// Commands returns the words and commands of the run, most frequent first.
func (r *Report) Commands() []string {
	return slices.SortedFunc(maps.Keys(r.ByCommand), func(a, b string) int {
		if n, m := r.ByCommand[a].Callbacks, r.ByCommand[b].Callbacks; n != m {
			return int(m) - int(n)
		}
		return strings.Compare(a, b)
	})
}

// verdict returns the result in a word and a sentence.
func (r *Report) verdict() (word, tone, sentence string) {
	broken := 0
	for _, t := range r.Thresholds {
		if !t.OK {
			broken++
		}
	}
	switch {
	case r.Unreachable():
		return "Unreachable", "bad", "no attempt reached the receiver"
	case r.Callbacks == 0:
		return "Nothing", "wait", "no callback became due in the measured window"
	case broken > 0:
		return "Broken", "bad", fmt.Sprintf("%d of %s", broken, counted(len(r.Thresholds), "threshold"))
	case r.Probe != nil && len(r.Probe.Mismatches) > 0:
		return "Broken", "bad", fmt.Sprintf("%d of the %s that were looked up are stored otherwise", r.Probe.mismatched(), counted(r.Probe.Asked, "call"))
	case r.Dropped > 0 && !r.Bounds("dropped"):
		return "Dropped", "bad", fmt.Sprintf("%s never sent: %s could not keep up", counted(int(r.Dropped), "callback"), r.Overload.Bottleneck())
	case r.Abandoned > 0:
		return "Abandoned", "bad", counted(int(r.Abandoned), "callback") + " were never acknowledged"
	case r.Unfinished > 0:
		return "Unfinished", "wait", counted(int(r.Unfinished), "callback") + " were not settled when the run ended"
	case len(r.Thresholds) == 0:
		return "Done", "good", "every callback was acknowledged; no threshold was set"
	case len(r.Thresholds) == 1:
		return "Kept", "good", "the threshold"
	}
	return "Kept", "good", fmt.Sprintf("all %d thresholds", len(r.Thresholds))
}

func (r *Report) requestedRate() string {
	switch {
	case r.RateAsked > 0:
		return grouped(r.RateAsked) + " callbacks a second"
	case r.CallRateAsked > 0:
		return grouped(r.CallRateAsked) + " calls a second"
	}
	return "as much as the receiver takes"
}

// counted formats a number of things, with commas between the thousands.
func counted(n int, what string) string { return grouped(float64(n)) + " " + text.Plural(n, what) }
