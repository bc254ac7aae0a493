package report

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"ringback/sim/text"
)

// Cause is one thing that the receiver does wrong, or that keeps scenarios from
// passing otherwise, with all that fell to it.
type Cause struct {
	Words     string    // what is wrong
	Found     []string  // what was there instead, where it was not always the same
	Status    Status    // Failed, or Warned if no scenario failed by it
	Level     string    // must or should: the strictest of what was found
	Clauses   []string  // that the receiver breaks by it
	More      int       // other clauses, of its scenarios
	Callbacks []string  // the words and commands that showed it
	Lasting   bool      // the receiver does not recover from what the scenarios did to it
	Scenarios []*Result // those that failed first
	Example   Finding   // in the first scenario
	Exchange  *Exchange // that the example is about; nil if it is about none
}

// What a cause holds at most, beyond which it says no more.
const (
	causeTold    = 4 // reasons to refuse that are causes of their own
	causeFound   = 4
	causeClauses = 3
)

// Causes groups what failed and warned by what the receiver does wrong, in the
// order in which to mend it: what the receiver does not recover from, since what
// failed after it may come from it; then what must be before what should be,
// and what many scenarios fell to before what few did.
func (r *Report) Causes() []Cause {
	var list []*grouped
	by := map[string]*grouped{}
	told := r.told()
	acked := r.acknowledgedWords()
	for i := range r.Scenarios {
		s := &r.Scenarios[i]
		if s.Status != Failed && s.Status != Warned {
			continue
		}
		for _, f := range s.findings() {
			x := s.exchange(&f)
			f.Lasting = f.Lasting && x != nil && acked[x.Word]
			key := f.Cause
			if f.Told && len(told[f.Cause]) <= causeTold {
				key += "\x00" + f.Found
			}
			if f.Lasting {
				key += "\x00lasting"
			}
			g := by[key]
			if g == nil {
				g = &grouped{found: map[string]int{}}
				by[key], list = g, append(list, g)
			}
			g.add(s, f, x)
		}
	}
	causes := make([]Cause, len(list))
	for i, g := range list {
		causes[i] = g.cause()
	}
	slices.SortStableFunc(causes, func(a, b Cause) int {
		return cmp.Or(first(b.Lasting, a.Lasting), first(b.Status == Failed, a.Status == Failed),
			first(b.Level == "must", a.Level == "must"), len(b.Scenarios)-len(a.Scenarios))
	})
	return causes
}

// first orders false before true.
func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// findings are what the scenario found wrong, or else its message: of a scenario
// that failed for a reason of its own.
func (s *Result) findings() []Finding {
	if len(s.Findings) > 0 {
		return s.Findings
	}
	return []Finding{{Cause: Normalize(s.headline()), Text: s.message()}}
}

// told has the reasons that the receiver gave for each cause.
func (r *Report) told() map[string]map[string]bool {
	told := map[string]map[string]bool{}
	for i := range r.Scenarios {
		for _, f := range r.Scenarios[i].Findings {
			if !f.Told {
				continue
			}
			if told[f.Cause] == nil {
				told[f.Cause] = map[string]bool{}
			}
			told[f.Cause][f.Found] = true
		}
	}
	return told
}

// acknowledgedWords are those that the receiver acknowledged at least once: if it does
// not any more, something happened to it.
func (r *Report) acknowledgedWords() map[string]bool {
	words := map[string]bool{}
	for i := range r.Scenarios {
		for _, m := range r.Scenarios[i].History {
			if m.Exchange != nil && m.Good {
				words[m.Word] = true
			}
		}
	}
	return words
}

// grouped collects what has one cause.
type grouped struct {
	Cause
	found   map[string]int
	clauses map[string]int // of the scenarios
	own     []string       // of the findings
}

func (g *grouped) add(s *Result, f Finding, x *Exchange) {
	if g.Words == "" {
		g.Words, g.Status, g.Lasting = f.Cause, s.Status, f.Lasting
		g.clauses = map[string]int{}
	}
	better := len(g.Scenarios) == 0 || s.Status == Failed && g.Status != Failed
	if better {
		g.Example, g.Exchange = f, x
	}
	if s.Status == Failed {
		g.Status = Failed
	}
	if level := cmp.Or(f.Level, s.Level); g.Level != "must" {
		g.Level = level
	}
	if f.Found != "" {
		g.found[f.Found]++
	}
	if x != nil && !slices.Contains(g.Callbacks, x.Word) {
		g.Callbacks = append(g.Callbacks, x.Word)
	}
	for _, id := range f.Clauses {
		if !slices.Contains(g.own, id) {
			g.own = append(g.own, id)
		}
	}
	if slices.Contains(g.Scenarios, s) {
		return
	}
	for _, id := range s.Clauses {
		g.clauses[id]++
	}
	g.Scenarios = append(g.Scenarios, s)
}

func (g *grouped) cause() Cause {
	c := g.Cause
	slices.SortStableFunc(c.Scenarios, func(a, b *Result) int { return first(b.Status == Failed, a.Status == Failed) })
	found := byCount(g.found)
	switch {
	case len(found) == 1:
		c.Words = found[0]
	case len(found) > causeFound:
		c.Found = append(found[:causeFound:causeFound], "and others")
	default:
		c.Found = found
	}
	if c.Lasting {
		c.Words = "the receiver does not go on after faults: " + c.Words
	}
	g.choose(&c)
	c.Words = text.Short(c.Words, 250)
	for i := range c.Found {
		c.Found[i] = text.Short(c.Found[i], 250)
	}
	return c
}

// choose finds the clauses that a cause is about: where only the form of answers
// is wrong, that of the form; otherwise those of the scenarios, if they are few.
func (g *grouped) choose(c *Cause) {
	all := byCount(g.clauses)
	switch {
	case len(g.own) > 0 && !c.Lasting && !(g.Example.Told && len(all) <= causeClauses):
		c.Clauses = g.own
		if g.Example.Told {
			c.More = len(all)
		}
	case len(all) > causeClauses:
		c.Clauses, c.More = all[:causeClauses:causeClauses], len(all)-causeClauses
	default:
		c.Clauses = all
	}
}

// byCount are the keys of counts, the highest count first.
func byCount(counts map[string]int) []string {
	keys := make([]string, 0, len(counts))
	for k := range counts {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(counts[b]-counts[a], strings.Compare(a, b)) })
	return keys
}

// Normalize puts an ellipsis in place of what differs between two answers that say the
// same: UUIDs, times of day, long numbers and durations.
func Normalize(text string) string { return varying.ReplaceAllString(text, "…") }

// varying is what differs between two answers that say the same: UUIDs, times of
// day, long numbers and hexadecimal ones, durations.
var varying = regexp.MustCompile(`\b[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\b` +
	`|\b\d{4}-\d\d-\d\d[T ]?[\d:.,]*(?:Z|[+-]\d\d:?\d\d)?|\b\d\d:\d\d:\d\d(?:\.\d+)?|\b[0-9a-f]{12,}\b|\b\w*\d{4,}\w*|\b\d+(?:\.\d+)?(?:ns|µs|us|ms|s)\b`)

// extent is how far a cause goes, in words.
func (c *Cause) extent() string {
	failed := 0
	for _, s := range c.Scenarios {
		if s.Status == Failed {
			failed++
		}
	}
	text := text.Count(len(c.Scenarios), "scenario")
	if !slices.ContainsFunc(c.Scenarios, func(s *Result) bool { return !s.Known }) {
		text += ", known to fail"
	}
	if warned := len(c.Scenarios) - failed; failed > 0 && warned > 0 {
		text += fmt.Sprintf(", %d of them failed and %d warned", failed, warned)
	}
	if n := len(c.Callbacks); n > 0 {
		const most = 4
		text += "; on " + strings.Join(c.Callbacks[:min(n, most)], ", ")
		if n > most {
			text += fmt.Sprintf(" and %d more", n-most)
		}
	}
	return text
}
