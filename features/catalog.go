package features

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	gherkin "github.com/cucumber/gherkin/go/v42"
	"github.com/cucumber/godog"
	messages "github.com/cucumber/messages/go/v34"

	"ringback/features/report"
	"ringback/sim/script"
	"ringback/sim/wire"
)

//go:embed *.feature
var suite embed.FS

// own is the folder of the suite's own files in reports. Another suite may use a folder
// called features.
const own = "ringback/features"

// catalog has all scenarios, and which of them are wanted.
type catalog struct {
	sources []source
	ours    map[string]bool // names of the suite's own sources
	first   map[string]int  // first id in each source given to godog, by name
	entries map[string]*entry
	order   []*entry
	places  map[string]string // by tag
	left    int               // scenarios left out because of the type of their calls
}

// source is a file.
type source struct {
	godog.Feature
	ids int // how many the parser assigned
}

// unique returns a tag that selects only this scenario: that of its name, unless another
// has it.
func (c *catalog) unique(e *entry) string {
	at := fmt.Sprintf("%s-%d", e.File, e.Line)
	tag := e.Tag
	if other, taken := c.places[tag]; len(tag) < 2 || taken && other != at {
		tag = "@" + slug(at)
	}
	c.places[tag] = at
	return tag
}

type entry struct {
	report.Result
	wanted bool
	ran    bool

	restarts bool // it restarts the receiver
	atOnce   int  // requests that must arrive at the same time
}

// selected are the scenarios that are wanted, in the order of the files.
func (c *catalog) selected() (list []report.Result) {
	for _, e := range c.order {
		if e.wanted {
			list = append(list, e.Result)
		}
	}
	return list
}

// find finds a scenario of a file given to godog.
func (c *catalog) find(s *godog.Scenario) *entry { return c.entries[keyOf(s, c.first[s.Uri])] }

// keyOf identifies a scenario by its id or that of its row, relative to the first id of
// the file: two readings of a file differ only in that.
func keyOf(s *godog.Scenario, first int) string {
	id, _ := strconv.Atoi(s.AstNodeIds[len(s.AstNodeIds)-1]) // as messages.Incrementing makes them
	return fmt.Sprint(s.Uri, "|", id-first)
}

// handOut returns the files with a scenario to play, for godog, which continues the ids
// from file to file.
func (c *catalog) handOut(plays func(*entry) bool) (list []godog.Feature) {
	c.first = map[string]int{}
	next := 0
	for i := range c.sources {
		src := &c.sources[i]
		if !slices.ContainsFunc(c.order, func(e *entry) bool { return e.File == src.Name && plays(e) }) {
			continue
		}
		c.first[src.Name] = next
		next += src.ids
		list = append(list, src.Feature)
	}
	return list
}

// read reads the features and selects what is wanted.
func (s *Suite) read() (*catalog, error) {
	want, err := parseTags(s.Tags)
	if err != nil {
		return nil, err
	}
	c := &catalog{ours: map[string]bool{}, places: map[string]string{}}
	if !s.Only {
		if err := c.add(suite, own); err != nil {
			return nil, err
		}
	}
	for _, src := range c.sources {
		c.ours[src.Name] = true
	}
	if s.Extra != nil {
		if err := c.add(s.Extra, s.ExtraPath); err != nil {
			return nil, FileErrors{fmt.Sprintf("%s: %v", s.ExtraPath, err)}
		}
	}
	if err := c.index(s, want); err != nil {
		return nil, err
	}
	if s.Extra != nil && !slices.ContainsFunc(c.order, func(e *entry) bool { return !e.Ours }) {
		return nil, FileErrors{s.ExtraPath + ": there is no .feature file"}
	}
	if err := s.knows(c.places); err != nil {
		return nil, err
	}
	return c, nil
}

// index finds the scenarios of the sources, and which are wanted. A wanted scenario that
// cannot be played is an error: [FileErrors].
func (c *catalog) index(s *Suite, want selection) error {
	c.entries, c.order, c.left = map[string]*entry{}, nil, 0
	var errs FileErrors
	for i := range c.sources {
		src := &c.sources[i]
		r, err := s.readingOf(src, c.ours[src.Name])
		if err != nil {
			errs.add(src.Name, err)
			continue
		}
		src.Contents, src.ids = r.text, r.ids
		doc, places := r.doc, r.places
		same := map[string]int{} // where a scenario of the same name and steps begins
		for _, p := range r.scenarios {
			at := places[p.AstNodeIds[len(p.AstNodeIds)-1]] // the row of an outline, or the scenario
			e := &entry{Result: report.Result{Name: p.Name, Feature: doc.Feature.Name, File: p.Uri, Rule: at.rule, Line: at.line, Ours: c.ours[src.Name]}}
			for _, t := range p.Tags {
				e.Tags = append(e.Tags, t.Name)
			}
			e.restarts = slices.ContainsFunc(p.Steps, func(st *messages.PickleStep) bool { return st.Text == restart })
			e.describe(&s.Options)
			e.Tag = c.unique(e)
			e.wanted = want(append([]string{e.Tag}, e.Tags...)) && s.takes(e.Tags)
			if e.wanted {
				d := s.draftOf(p) // which is most of the work
				e.atOnce = d.atOnce
				if !s.typed(d) {
					e.wanted, c.left = false, c.left+1
				}
			}
			c.entries[keyOf(p, 0)] = e
			c.order = append(c.order, e)
			if e.wanted && !e.Ours {
				errs.add(src.Name, wrongWith(p, e.Line, places, same, newDraft(&s.Options)))
			}
		}
	}
	if errs != nil {
		return errs.distinct()
	}
	return nil
}

// reading is a parsed file.
type reading struct {
	doc       *messages.GherkinDocument
	text      []byte // for godog
	places    map[string]place
	scenarios []*messages.Pickle
	ids       int
}

// ownReadings caches the suite's own files, unchanged, by name: every run needs them.
var ownReadings sync.Map

func (o *Options) readingOf(src *source, ours bool) (*reading, error) {
	asIs := ours && !o.retells()
	if r, ok := ownReadings.Load(src.Name); ok && asIs {
		return r.(*reading), nil
	}
	r := &reading{}
	newID := func() string { r.ids++; return strconv.Itoa(r.ids - 1) } // as godog counts
	var err error
	r.doc, r.text, err = script.ReadFeature(src.Contents, newID, func(sentence string) bool { return stepOf(sentence) != nil })
	if err != nil {
		return nil, err
	}
	r.text = o.retell(r.doc, r.text)
	r.places = placesOf(r.doc)
	r.scenarios = gherkin.Pickles(*r.doc, src.Name, newID)
	if asIs {
		ownReadings.Store(src.Name, r)
	}
	return r, nil
}

// wrongWith finds why a scenario cannot be played, or judges nothing. Steps of other
// suites are not supported here.
func wrongWith(p *messages.Pickle, line int, places map[string]place, same map[string]int, d *draft) error {
	var errs script.Errors
	wrong := func(line int, hint, why string, args ...any) {
		errs = append(errs, &script.Error{Line: line, Hint: hint, Why: fmt.Sprintf(why, args...)})
	}
	last := 0 // the step that judged last, from 1
	text := p.Name
	for i, s := range p.Steps {
		at := places[s.AstNodeIds[0]].line
		is := stepOf(s.Text)
		switch {
		case is == nil:
			hint, nearest := "ringback steps", ""
			if near, ok := nearestStep(s.Text); ok {
				hint, nearest = near.Example, "; the nearest is "+near.Form
			}
			wrong(at, hint, "no step reads %q%s", s.Text, nearest)
		case s.Argument != nil:
			wrong(at, "", "the step %q takes no text or table below it", s.Text)
		default:
			if err := d.read(s.Text); err != nil {
				wrong(at, "", "%v", err)
			}
			if is.judges {
				last = i + 1
			}
		}
		text += "\n" + s.Text
	}
	switch before, ok := same[text]; {
	case errs != nil:
	case ok:
		wrong(line, "", "the scenario has the name and the steps of that at line %d; want another name, or no second one", before)
	case last == 0:
		wrong(line, "Then every callback is acknowledged", "the scenario has no Then that judges the receiver")
	case last < len(p.Steps):
		at := p.Steps[last]
		wrong(places[at.AstNodeIds[0]].line, "Then every callback is acknowledged", "nothing is judged after %q", at.Text)
	}
	same[text] = line
	if errs == nil {
		return nil
	}
	return errs
}

// place is a position in a file.
type place struct {
	line int
	rule string
}

// placesOf finds the scenarios, the rows of their examples and the steps, by id.
func placesOf(doc *messages.GherkinDocument) map[string]place {
	places := map[string]place{}
	steps := func(list []*messages.Step) {
		for _, s := range list {
			places[s.Id] = place{int(s.Location.Line), ""}
		}
	}
	note := func(b *messages.Background, sc *messages.Scenario, rule string) {
		if b != nil {
			steps(b.Steps)
		}
		if sc == nil {
			return
		}
		steps(sc.Steps)
		places[sc.Id] = place{int(sc.Location.Line), rule}
		for _, ex := range sc.Examples {
			for _, row := range ex.TableBody {
				places[row.Id] = place{int(row.Location.Line), rule}
			}
		}
	}
	for _, child := range doc.Feature.Children {
		note(child.Background, child.Scenario, "")
		if child.Rule != nil {
			for _, inner := range child.Rule.Children {
				note(inner.Background, inner.Scenario, child.Rule.Name)
			}
		}
	}
	return places
}

// takes reports whether the receiver takes the callbacks of scenarios with these tags,
// and whether they are signed if the scenarios are about that.
func (s *Suite) takes(tags []string) bool {
	of := s.Select
	if of == 0 {
		of = s.Generation
	}
	for _, t := range tags {
		if t == extensionSign && s.Sign == "" {
			return false
		}
		if (t == "@v1" || t == "@v4") && of.String() != t[1:] && of != wire.Both {
			return false
		}
	}
	return true
}

// extensionSign is the tag of scenarios for receivers that check signatures.
const extensionSign = "@extension-sign"

// describe derives what a scenario is about from its tags.
func (e *entry) describe(o *Options) {
	e.Tag = "@" + slug(e.Name)
	for _, t := range e.Tags {
		if id, ok := strings.CutPrefix(t, "@clause-"); ok {
			e.Clauses = append(e.Clauses, id)
		}
	}
	switch e.Level = o.levelOf(e.Clauses, generationIn(e.Tags)); {
	case slices.Contains(e.Tags, "@must"): // whatever the level of its clauses
		e.Level = "must"
	case slices.Contains(e.Tags, "@should"):
		e.Level = "should"
	}
}

// slug is a name as a tag.
func slug(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), "-")
}

// add adds the .feature files of a tree.
func (c *catalog) add(tree fs.FS, under string) error {
	names, err := featureFiles(tree)
	if err != nil {
		return err
	}
	for _, name := range names {
		data, err := readFile(tree, name)
		if err != nil {
			return err
		}
		c.sources = append(c.sources, source{Feature: godog.Feature{Name: path.Join(under, name), Contents: data}})
	}
	return nil
}
