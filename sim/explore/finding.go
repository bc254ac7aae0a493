package explore

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Finding is a way to break the contract, as short as it could be made.
type Finding struct {
	Name      string   // of its file, without .feature
	Clause    string   // the id of the clause that it is about
	Level     string   // of the clause: must or should
	Counts    bool     // or else it only warns
	Breach    *Breach  // what broke, in the shrunk history
	History   *History // the shrunk one
	Execution int      // in which it was found, from 1
	Steps     int      // that it had then
	Tried     int      // executions that shrinking took
	Replayed  int      // executions that only played it, or a plain call, again
	Shown     int      // how often the shrunk history showed it, of Reruns
	Fatal     bool     // the receiver did not take a plain call after it, so it was not played again
	Cut       bool     // the exploration was stopped before it was played as often as it should be
	Again     int      // histories that broke in the same way later

	moments []Moment
	journal []byte
	traits  trait
	crowded bool // the order of its callbacks is one of several
}

// tell has the finding told by an execution.
func (f *Finding) tell(h *History, b *Breach, pl *play) {
	f.History, f.Breach, f.moments, f.traits, f.crowded = h, b, settled(pl.moments), traitsOf(h, b, pl), pl.crowded
	f.journal = pl.lines
}

// Reruns is how often a finding is played again at the end.
const Reruns = reruns

// Flaky reports whether it does not show each time.
func (f *Finding) Flaky() bool { return f.Shown < reruns && !f.Fatal && !f.Cut }

// clause is what it is about. The history of a receiver that broke for good was
// not shrunk: what is in it by chance, like several calls, says nothing.
func (f *Finding) clause() string {
	if f.Fatal && f.Breach.Kind == Refused {
		return ackClause(f.History.Generation, f.Breach)
	}
	return clauseOf(f.History.Generation, f.Breach, f.traits)
}

// Journal is the journal of the shrunk history as it was played last, if
// [Config.Journals] asked for it.
func (f *Finding) Journal() []byte { return f.journal }

// Timeline is what happened when the shrunk history was played last.
func (f *Finding) Timeline() []Moment { return f.moments }

// MarshalJSON shows a finding with its scenario.
func (f *Finding) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Name      string   `json:"name"`
		Clause    string   `json:"clause"`
		Level     string   `json:"level"`
		Breach    *Breach  `json:"breach"`
		Execution int      `json:"execution"`
		Steps     int      `json:"steps_found"`
		Shrunk    int      `json:"steps"`
		Tried     int      `json:"tried"`
		Shown     int      `json:"shown"`
		Reruns    int      `json:"reruns"`
		Flaky     bool     `json:"flaky"`
		Fatal     bool     `json:"fatal"`
		Cut       bool     `json:"interrupted"`
		Again     int      `json:"again"`
		Scenario  []string `json:"scenario"`
		Timeline  []Moment `json:"timeline"`
	}{
		f.Name, f.Clause, f.Level, f.Breach, f.Execution, f.Steps, f.NumSteps(), f.Tried, f.Shown, reruns, f.Flaky(), f.Fatal, f.Cut, f.Again, f.Scenario(), f.moments,
	})
}

// NumSteps is how many steps the shrunk scenario has.
func (f *Finding) NumSteps() int { return len(f.Scenario()) }

// Scenario are the steps of the shrunk history with their keywords, and what
// should have been.
func (f *Finding) Scenario() (lines []string) {
	keyword := func(word string) string {
		if n := len(lines); n > 0 && strings.HasPrefix(word, section(lines)) {
			return "And"
		}
		return word
	}
	givens := f.History.givens()
	if f.crowded {
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
	for _, s := range f.History.finale() {
		lines = append(lines, keyword("When")+" "+s)
	}
	return append(lines, "Then "+f.Breach.Then)
}

// section is the keyword that the steps so far end with.
func section(lines []string) string {
	for _, l := range slices.Backward(lines) {
		if word, _, _ := strings.Cut(l, " "); word != "And" {
			return word
		}
	}
	return ""
}

// steps are how many steps a history has as a scenario with one Then.
func steps(h *History) int { return len(h.givens()) + len(h.Operations) + len(h.finale()) + 1 }

// Feature is the finding as a file that ringback verify --features plays.
func (f *Finding) Feature(seed uint64) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "Feature: %s\n", titles[f.Breach.Kind])
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

// Title says in words what should have been, and under which faults.
func (f *Finding) Title() string {
	title := titles[f.Breach.Kind]
	if names := f.History.faults(); len(names) > 0 {
		var all []string
		for _, n := range names {
			all = append(all, harmOf(n).words)
		}
		title += " although " + strings.Join(all, " and ")
	} else if n := len(f.History.calls()); n > 1 {
		title += fmt.Sprintf(" with %d calls", n)
	}
	return title
}
