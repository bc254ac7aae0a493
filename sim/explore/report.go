package explore

import (
	"cmp"
	"fmt"
	"slices"

	"ringback/sim/text"
	"ringback/sim/wire"
)

// Report is the result of an exploration.
type Report struct {
	Seed        uint64     `json:"seed"`
	Generation  string     `json:"generation" words:"v1 v4 both"`
	Probe       bool       `json:"probe"` // whether stored values were checked
	Budget      int        `json:"budget"`
	Executions  int        `json:"executions"`                  // that searched
	Shrinking   int        `json:"shrinking"`                   // that shrunk findings and confirmed them
	Down        bool       `json:"down"`                        // the receiver stopped working, which ended the search
	Hangs       string     `json:"hangs,omitempty"`             // how the receiver hangs, which ended the search
	Level       string     `json:"level" words:"must should"`   // lowest level at which a finding counts
	ReadableIDs bool       `json:"readable_call_ids,omitempty"` // the receiver takes no CallId of 36 characters
	NotJudged   []string   `json:"not_judged"`                  // what was left out and why; set by the caller of Run
	Findings    []*Finding `json:"findings"`
	Reach       []Reach    `json:"reach"`

	// ProbeErrors counts probes without a usable answer. They are no verdict on the
	// receiver.
	ProbeErrors int    `json:"probe_errors"`
	ProbeError  string `json:"probe_error,omitempty"` // first of them

	levelOf func(clause string, g wire.Generation) string
}

// Broken reports whether the receiver broke the contract: a finding counts, or the
// receiver stopped working.
func (r *Report) Broken() bool { return r.Counting() > 0 || r.Down || r.Hangs != "" }

// Counting returns how many findings count. The others are warnings.
func (r *Report) Counting() (n int) {
	for _, f := range r.Findings {
		if f.Counts {
			n++
		}
	}
	return n
}

func newReport(cfg *Config) *Report {
	return &Report{
		Seed: cfg.Run.Seed, Generation: cfg.Generation.String(), Probe: cfg.Probe != nil, Budget: cfg.Budget, Findings: []*Finding{}, NotJudged: []string{},
		Level: cmp.Or(cfg.Level, "must"), levelOf: cfg.LevelOf,
	}
}

func (r *Report) probeError(words string) {
	r.ProbeErrors++
	r.ProbeError = cmp.Or(r.ProbeError, text.Short(words, 80))
}

// maxFlaky is how many flaky findings are looked into.
const maxFlaky = 3

// maxWarned is how many more histories are shrunk that resemble a warning: they might
// break a clause that counts.
const maxWarned = 3

// duplicateOf returns the finding that a violation most likely repeats, or nil. A flaky
// finding explains nothing until there are maxFlaky of them; a warning explains what may
// count only after maxWarned more.
func (r *Report) duplicateOf(g wire.Generation, b *Violation, t trait) *Finding {
	flaky := 0
	for _, f := range r.Findings {
		if f.Flaky() {
			flaky++
		}
	}
	for _, f := range r.Findings {
		if f.Violation.Kind != b.Kind || !f.Counts && f.FoundAgain < maxWarned && r.mayCount(g, b, t) {
			continue
		}
		if flaky >= maxFlaky && f.Flaky() || !f.Flaky() && f.traits&^t == 0 {
			return f
		}
	}
	return nil
}

// counts reports whether breaking a clause counts.
func (r *Report) counts(clause string, g wire.Generation) bool {
	return r.Level == "should" || r.levelOf(clause, g) == "must"
}

// mayCount reports whether a violation may turn out, once shrunk, to break a clause that
// counts.
func (r *Report) mayCount(g wire.Generation, b *Violation, t trait) bool {
	return slices.ContainsFunc(clausesOf(g, b, t), func(id string) bool { return r.counts(id, g) })
}

// stableCount returns how many findings count and are not flaky.
func (r *Report) stableCount() (n int) {
	for _, f := range r.Findings {
		if !f.Flaky() && f.Counts {
			n++
		}
	}
	return n
}

// add adds a finding, unless there is one with the same kind, clause and level. A stable
// one replaces a flaky one.
func (r *Report) add(f *Finding) {
	f.Clause = f.clause()
	f.Level, f.Counts = r.levelOf(f.Clause, f.History.Generation), r.counts(f.Clause, f.History.Generation)
	r.Shrinking += f.Tried + f.Replayed
	for i, other := range r.Findings {
		if other.Clause == f.Clause && other.Violation.Kind == f.Violation.Kind && other.Level == f.Level {
			if other.Flaky() && !f.Flaky() {
				f.Name, f.FoundAgain = other.Name, other.FoundAgain+1
				r.Findings[i] = f
				return
			}
			other.FoundAgain++
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
