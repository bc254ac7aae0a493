package script

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	messages "github.com/cucumber/messages/go/v34"

	"ringback/sim/call"
	"ringback/sim/text"
)

// ReadGherkin reads the scenarios of a feature file, a script each. The steps
// of a background come first in each of them. The error is an [Errors] with
// all that is wrong.
func ReadGherkin(data []byte) ([]*Script, error) {
	doc, _, err := ReadFeature(data, func() string { return "" }, isStep)
	if err != nil {
		return nil, err
	}
	var r gherkinReader
	r.feature(doc.Feature)
	if err := r.errs.err(); err != nil {
		return nil, err
	}
	return r.scripts, nil
}

// isStep reports whether a sentence is one of the vocabulary.
func isStep(sentence string) bool {
	_, errs := parseStep(sentence, 0)
	return len(errs) == 0
}

// Pick finds a script by its name; without a name it is the only one.
func Pick(scripts []*Script, name string) (*Script, error) {
	var found []*Script
	var names []string
	for _, s := range scripts {
		names = append(names, quote(s.Name))
		if name == "" || s.Name == name {
			found = append(found, s)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(scripts) == 0:
		return nil, errors.New("there is no scenario")
	case len(found) == 0:
		return nil, fmt.Errorf("no scenario is named %s; there are %s", quote(name), oneOf(names[:min(len(names), maxShown)]))
	case name != "":
		return nil, fmt.Errorf("%d scenarios are named %s; want one", len(found), quote(name))
	}
	return nil, fmt.Errorf("there are %d scenarios; pick one by its name: %s", len(found), oneOf(names[:min(len(names), maxShown)]))
}

var gherkinError = regexp.MustCompile(`(?m)^\((\d+):\d+\): (.*)$`)

// gherkinErrors rewrites the errors of the parser, which list the names of tokens.
func gherkinErrors(err error) error {
	var errs Errors
	for _, m := range gherkinError.FindAllStringSubmatch(err.Error(), -1) {
		line, _ := strconv.Atoi(m[1]) // digits
		e := &Error{Line: line, Why: m[2]}
		if wanted, got, ok := strings.Cut(m[2], ", got '"); ok {
			got = strings.TrimSpace(strings.TrimSuffix(got, "'"))
			e.Why, e.Hint = "did not expect "+text.Quote(got, maxQuoted)+" here", instead(got, wanted)
		}
		if strings.HasPrefix(m[2], "unexpected end of file") {
			e.Why = "did not expect the end of the file here"
		}
		errs = append(errs, e)
	}
	if len(errs) == 0 {
		errs = Errors{{Why: "is not Gherkin: " + err.Error()}}
	}
	return errs.err()
}

// instead suggests a line for one that Gherkin cannot read.
func instead(got, wanted string) string {
	if strings.Contains(wanted, "#FeatureLine") {
		return "Feature: what this shows"
	}
	first, rest, _ := strings.Cut(got, " ")
	for _, k := range []string{"Given", "When", "Then", "And", "But"} {
		if strings.EqualFold(strings.TrimSuffix(first, ":"), k) {
			return k + " " + rest
		}
	}
	if o, errs := parseStep(got, 0); len(errs) == 0 {
		return "When " + o.String()
	}
	return "When alice calls bob"
}

// gherkinReader reads on after an error, to find them all.
type gherkinReader struct {
	scripts []*Script
	total   int // operations
	full    bool
	errs    Errors
}

// steps are operations and where they were read.
type steps struct {
	operations []Operation
	lines      []int
	bad        bool // some could not be read
}

func (r *gherkinReader) feature(f *messages.Feature) {
	var before steps
	for _, c := range f.Children {
		switch {
		case c.Background != nil:
			before = r.steps(steps{}, c.Background.Steps)
		case c.Scenario != nil:
			r.scenario(before, c.Scenario)
		case c.Rule != nil:
			r.rule(before, c.Rule)
		}
	}
}

func (r *gherkinReader) rule(before steps, rule *messages.Rule) {
	for _, c := range rule.Children {
		switch {
		case c.Background != nil:
			before = r.steps(before, c.Background.Steps)
		case c.Scenario != nil:
			r.scenario(before, c.Scenario)
		}
	}
}

func (r *gherkinReader) scenario(before steps, sc *messages.Scenario) {
	line := int(sc.Location.Line)
	if len(sc.Examples) > 0 {
		r.errs = append(r.errs, &Error{
			Line: line, Hint: "Scenario: " + sc.Name,
			Why: "a scenario with examples stands for several scripts; write each as a scenario",
		})
		return
	}
	all := r.steps(before, sc.Steps)
	s := &Script{Name: readTitle(sc.Name), About: readAbout(sc.Description), Operations: all.operations}
	r.scripts = append(r.scripts, s)
	if all.bad {
		return
	}
	for _, e := range s.check(func(fixed Operation, _ string) string { return fixed.String() }) {
		if e.Line = line; e.Operation > 0 {
			e.Line = all.lines[e.Operation-1]
		}
		r.errs = append(r.errs, e)
	}
}

// steps reads steps that follow upon others.
func (r *gherkinReader) steps(before steps, list []*messages.Step) steps {
	all := steps{slices.Clone(before.operations), slices.Clone(before.lines), before.bad}
	if r.total += len(before.lines) + len(list); r.total > MaxOperations {
		if !r.full {
			r.errs = append(r.errs, &Error{Why: fmt.Sprintf("the file has too many steps, at most %d", MaxOperations)})
		}
		r.full, all.bad = true, true
	}
	if r.full {
		return all
	}
	var now call.Span
	if n := len(all.operations); n > 0 {
		now = all.operations[n-1].At
	}
	for _, st := range list {
		o, errs := readStep(st, now)
		for _, e := range errs {
			e.Line, e.Operation = int(st.Location.Line), len(all.lines)+1
		}
		if len(errs) == 0 {
			now = o.At
		}
		r.errs, all.bad = append(r.errs, errs...), all.bad || len(errs) > 0
		all.operations, all.lines = append(all.operations, o), append(all.lines, int(st.Location.Line))
	}
	return all
}

func readStep(st *messages.Step, now call.Span) (Operation, Errors) {
	o, errs := parseStep(st.Text, now)
	if st.DataTable != nil || st.DocString != nil {
		errs = append(errs, wrong("", "", "the step takes no table and no text below it")...)
	}
	return o, errs
}

// readTitle reads a name: a JSON string, or the text as it is.
func readTitle(s string) string {
	if strings.HasPrefix(s, `"`) {
		if t, err := unquote(s); err == nil {
			return t
		}
	}
	return s
}

// readAbout reads a description; the parser leaves each line's indentation.
func readAbout(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return readTitle(strings.TrimSpace(strings.Join(lines, "\n")))
}
