package explore

import (
	"cmp"
	"fmt"
	"slices"

	"ringback/sim/text"
	"ringback/sim/wire"
)

// Report is what an exploration came to.
type Report struct {
	Seed        uint64     `json:"seed"`
	Generation  string     `json:"generation"`
	Probe       bool       `json:"probe"` // whether the receiver was asked what it stored
	Budget      int        `json:"budget"`
	Executions  int        `json:"executions"`                  // that looked for something
	Shrinking   int        `json:"shrinking"`                   // that made findings shorter, and played them again
	Down        bool       `json:"down"`                        // the receiver broke for good, which ended the search
	Hangs       string     `json:"hangs,omitempty"`             // how the receiver hangs, which ended the search
	Level       string     `json:"level"`                       // from which on a finding counts
	ReadableIDs bool       `json:"readable_call_ids,omitempty"` // no CallId of 36 characters is taken
	NotJudged   []string   `json:"not_judged"`                  // what was left out, and why; the caller of Run fills it in
	Findings    []*Finding `json:"findings"`
	Reach       []Reach    `json:"reach"`

	// ProbeErrors are questions without a usable answer: no verdict on the
	// receiver.
	ProbeErrors int    `json:"probe_errors"`
	ProbeError  string `json:"probe_error,omitempty"` // the first

	levelOf func(clause string, g wire.Generation) string
}

// Broken reports whether the receiver broke the contract: by a finding that counts, or
// because it takes no call any more.
func (r *Report) Broken() bool { return r.Counting() > 0 || r.Down || r.Hangs != "" }

// Counting is how many findings count. The others warn.
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

// maxFlaky is how many findings that do not show each time are looked into.
const maxFlaky = 3

// maxWarned is how many histories are looked into that show what only warns once
// more: they might be about a clause that counts.
const maxWarned = 3

// explain is the finding that a history which broke most probably shows once
// more, or nil. One that does not show each time explains nothing, until there
// are many; nor does one that only warns explain what may count, until it was found
// again a few times.
func (r *Report) explain(g wire.Generation, b *Breach, t trait) *Finding {
	flaky := 0
	for _, f := range r.Findings {
		if f.Flaky() {
			flaky++
		}
	}
	for _, f := range r.Findings {
		if f.Breach.Kind != b.Kind || !f.Counts && f.Again < maxWarned && r.mayCount(g, b, t) {
			continue
		}
		if flaky >= maxFlaky && f.Flaky() || !f.Flaky() && f.traits&^t == 0 {
			return f
		}
	}
	return nil
}

// counts reports whether what breaks a clause counts.
func (r *Report) counts(clause string, g wire.Generation) bool {
	return r.Level == "should" || r.levelOf(clause, g) == "must"
}

// mayCount reports whether a history, once it is shrunk, may be about a clause that
// counts.
func (r *Report) mayCount(g wire.Generation, b *Breach, t trait) bool {
	return slices.ContainsFunc(clausesOf(g, b, t), func(id string) bool { return r.counts(id, g) })
}

// solid is how many findings show each time and count.
func (r *Report) solid() (n int) {
	for _, f := range r.Findings {
		if !f.Flaky() && f.Counts {
			n++
		}
	}
	return n
}

// add adds a finding, unless it is one that is there already: the same kind of
// breach of the same clause, at the same level. One that shows each time takes the
// place of one that does not.
func (r *Report) add(f *Finding) {
	f.Clause = f.clause()
	f.Level, f.Counts = r.levelOf(f.Clause, f.History.Generation), r.counts(f.Clause, f.History.Generation)
	r.Shrinking += f.Tried + f.Replayed
	for i, other := range r.Findings {
		if other.Clause == f.Clause && other.Breach.Kind == f.Breach.Kind && other.Level == f.Level {
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
