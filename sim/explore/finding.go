package explore

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Finding is a way to break the contract, in the shortest form found.
type Finding struct {
	Name        string     // of its file, without the extension .feature
	Clause      string     // id of the clause that is broken
	Level       string     // of the clause: must or should
	Counts      bool       // false: a warning
	Violation   *Violation // in the shrunk history
	History     *History   // the shrunk one
	Execution   int        // number of the one that found it, from 1
	Steps       int        // of the history when it was found
	Tried       int        // executions used to shrink it
	Replayed    int        // executions used to confirm it
	Shown       int        // how many of [Reruns] executions showed it again
	Fatal       bool       // the receiver failed a call without faults afterward, so it was not shrunk
	Interrupted bool       // the search was stopped before shrinking and confirming ended
	FoundAgain  int        // later histories with the same violation

	timeline   []TimelineEntry
	journal    []byte
	traits     trait
	concurrent bool // its callbacks were under way at the same time
}

// update takes history, violation and timeline from an execution.
func (f *Finding) update(h *History, b *Violation, x *execution) {
	f.History, f.Violation, f.timeline, f.traits, f.concurrent = h, b, canonical(x.timeline), traitsOf(h, b, x), x.concurrent
	f.journal = x.lines
}

// Reruns is how often a shrunk finding is played again to confirm it.
const Reruns = reruns

// Flaky reports whether some executions did not show it.
func (f *Finding) Flaky() bool { return f.Shown < reruns && !f.Fatal && !f.Interrupted }

// clause returns the clause that is broken. After a fatal one, which was not shrunk,
// traits say nothing: they may be there by chance.
func (f *Finding) clause() string {
	if f.Fatal && f.Violation.Kind == Refused {
		return ackClause(f.History.Generation, f.Violation)
	}
	return clauseOf(f.History.Generation, f.Violation, f.traits)
}

// Journal returns the journal of the last execution of the shrunk history; nil without
// [Config.Journals].
func (f *Finding) Journal() []byte { return f.journal }

// Timeline returns what happened in the last execution of the shrunk history.
func (f *Finding) Timeline() []TimelineEntry { return f.timeline }

// finding is a Finding as JSON. Its keys are frozen.
type finding struct {
	Name      string          `json:"name"`
	Clause    string          `json:"clause"`
	Level     string          `json:"level" words:"must should"`
	Breach    *Violation      `json:"breach"`
	Execution int             `json:"execution"`
	Steps     int             `json:"steps_found"`
	Shrunk    int             `json:"steps"`
	Tried     int             `json:"tried"`
	Shown     int             `json:"shown"`
	Reruns    int             `json:"reruns"`
	Flaky     bool            `json:"flaky"`
	Fatal     bool            `json:"fatal"`
	Cut       bool            `json:"interrupted"`
	Again     int             `json:"again"`
	Scenario  []string        `json:"scenario"`
	Timeline  []TimelineEntry `json:"timeline"`
}

// MarshalJSON encodes the finding with its scenario.
func (f *Finding) MarshalJSON() ([]byte, error) {
	return json.Marshal(finding{
		f.Name, f.Clause, f.Level, f.Violation, f.Execution, f.Steps, f.NumSteps(), f.Tried, f.Shown, reruns, f.Flaky(), f.Fatal, f.Interrupted, f.FoundAgain, f.Scenario(), f.timeline,
	})
}

// NumSteps returns how many steps the shrunk scenario has.
func (f *Finding) NumSteps() int { return len(f.Scenario()) }

// Scenario returns the steps of the shrunk history with their keywords; the last one
// says what a correct receiver stores.
func (f *Finding) Scenario() (lines []string) {
	keyword := func(word string) string {
		if n := len(lines); n > 0 && strings.HasPrefix(word, section(lines)) {
			return "And"
		}
		return word
	}
	givens := f.History.givens()
	if f.concurrent {
		givens = append(givens, "callbacks of one moment go out in turn")
	}
	for _, s := range givens {
		lines = append(lines, keyword("Given")+" "+s)
	}
	for i, o := range f.History.Operations {
		word := "When"
		if i == 0 && asFaults(o) != nil {
			word = "Given"
		}
		lines = append(lines, keyword(word)+" "+o.String())
	}
	for _, s := range f.History.closingSteps() {
		lines = append(lines, keyword("When")+" "+s)
	}
	return append(lines, "Then "+f.Violation.Then)
}

// section returns the keyword of the last step that is not an And.
func section(lines []string) string {
	for _, l := range slices.Backward(lines) {
		if word, _, _ := strings.Cut(l, " "); word != "And" {
			return word
		}
	}
	return ""
}

// steps returns how many steps a history has as a scenario.
func steps(h *History) int { return len(h.givens()) + len(h.Operations) + len(h.closingSteps()) + 1 }

// Feature returns the finding as a feature file for ringback verify --features.
func (f *Finding) Feature(seed uint64) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "Feature: %s\n", titles[f.Violation.Kind])
	fmt.Fprintf(&b, "  Found by ringback explore with the seed %d, in execution %d.\n", seed, f.Execution)
	if f.Flaky() {
		fmt.Fprintf(&b, "  Flaky: it showed in %d of %d plays more.\n", f.Shown, reruns)
	}
	b.WriteString("\n")
	fmt.Fprintf(&b, "  @%s @%s @clause-%s\n", f.History.Generation, f.Level, f.Clause)
	fmt.Fprintf(&b, "  Scenario: %s\n", f.Title())
	for _, l := range f.Scenario() {
		b.WriteString("    " + l + "\n")
	}
	return []byte(b.String())
}

// Title says what a correct receiver does, and under which faults.
func (f *Finding) Title() string {
	title := titles[f.Violation.Kind]
	if names := f.History.faults(); len(names) > 0 {
		var all []string
		for _, n := range names {
			all = append(all, faultKindOf(n).text)
		}
		title += " although " + strings.Join(all, " and ")
	} else if n := len(f.History.calls()); n > 1 {
		title += fmt.Sprintf(" with %d calls", n)
	}
	return title
}
