package explore

import (
	"cmp"
	"fmt"
	"slices"

	"ringback/sim/text"
)

// Report is what an exploration came to.
type Report struct {
	Seed       uint64     `json:"seed"`
	Generation string     `json:"generation"`
	Probe      bool       `json:"probe"` // whether the receiver was asked what it stored
	Budget     int        `json:"budget"`
	Executions int        `json:"executions"`      // that looked for something
	Shrinking  int        `json:"shrinking"`       // that made findings shorter, and played them again
	Down       bool       `json:"down"`            // the receiver broke for good, which ended the search
	Hangs      string     `json:"hangs,omitempty"` // how the receiver hangs, which ended the search
	Findings   []*Finding `json:"findings"`
	Reach      []Reach    `json:"reach"`

	// ProbeErrors are questions without a usable answer: no verdict on the
	// receiver.
	ProbeErrors int    `json:"probe_errors"`
	ProbeError  string `json:"probe_error,omitempty"` // the first
}

func newReport(cfg *Config) *Report {
	return &Report{
		Seed: cfg.Run.Seed, Generation: cfg.Generation.String(), Probe: cfg.Probe != nil, Budget: cfg.Budget, Findings: []*Finding{},
	}
}

func (r *Report) probeError(words string) {
	r.ProbeErrors++
	r.ProbeError = cmp.Or(r.ProbeError, text.Short(words, 80))
}

// mostFlaky is how many findings that do not show each time are looked into.
const mostFlaky = 3

// explain is the finding that a history which broke most probably shows once
// more, or nil. One that does not show each time explains nothing, until there
// are many.
func (r *Report) explain(b *Breach, t trait) *Finding {
	flaky := len(r.Findings) - r.solid()
	for _, f := range r.Findings {
		if f.Breach.Kind == b.Kind && (flaky >= mostFlaky && f.Flaky() || !f.Flaky() && f.traits&^t == 0) {
			return f
		}
	}
	return nil
}

// solid is how many findings show each time.
func (r *Report) solid() (n int) {
	for _, f := range r.Findings {
		if !f.Flaky() {
			n++
		}
	}
	return n
}

// add adds a finding, unless it is one that is there already: the same kind of
// breach of the same clause. One that shows each time takes the place of one
// that does not.
func (r *Report) add(f *Finding) {
	f.Clause = f.clause()
	r.Shrinking += f.Tried + f.Replayed
	for i, other := range r.Findings {
		if other.Clause == f.Clause && other.Breach.Kind == f.Breach.Kind {
			if other.Flaky() && !f.Flaky() {
				f.Name, f.Again = other.Name, other.Again+1
				r.Findings[i] = f
				return
			}
			other.Again++
			return
		}
	}
	f.Name = f.Clause
	taken := func(name string) bool {
		return slices.ContainsFunc(r.Findings, func(o *Finding) bool { return o.Name == name })
	}
	for n := 2; taken(f.Name); n++ {
		f.Name = fmt.Sprintf("%s-%d", f.Clause, n)
	}
	r.Findings = append(r.Findings, f)
}
