package features

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"os"
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

// Files are the .feature files of the contract suite, for godog.Options.FS.
func Files() fs.FS { return suite }

// own is the folder of the suite's own files in reports. Another suite may use a folder
// called features.
const own = "ringback/features"

// catalog has all scenarios, and which of them are wanted.
type catalog struct {
	sources []source
	ours    map[string]bool   // names of the suite's own sources
	playing map[string]*entry // what godog plays now, by keyOf
	order   []*entry
	places  map[string]string // by tag
	left    int               // scenarios left out because of the type of their calls
}

// source is a file.
type source struct {
	godog.Feature
	*reading
	entries []*entry // its scenarios, in the order of the reading
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

// keyOf identifies a scenario of a file given to godog by its id or that of its row.
func keyOf(s *godog.Scenario) string {
	return s.Uri + "|" + s.AstNodeIds[len(s.AstNodeIds)-1]
}

// handOut returns the files with a scenario to play, for godog, without those that are not
// to be played: it would call hooks of others for them. It continues the ids from file to
// file.
func (c *catalog) handOut(plays func(*entry) bool) (list []godog.Feature) {
	c.playing = map[string]*entry{}
	next := 0
	newID := func() string { next++; return strconv.Itoa(next - 1) } // as godog counts
	for i := range c.sources {
		src := &c.sources[i]
		keep := map[string]bool{}
		var played []*entry
		for i, e := range src.entries {
			if plays(e) {
				keep[nodeOf(src.scenarios[i])] = true
				played = append(played, e)
			}
		}
		if played == nil {
			continue
		}
		if len(played) == len(src.entries) { // read with ids from 0
			for i, p := range src.scenarios {
				id, _ := strconv.Atoi(nodeOf(p))
				c.playing[src.Name+"|"+strconv.Itoa(next+id)] = src.entries[i]
			}
			next += src.ids
			list = append(list, godog.Feature{Name: src.Name, Contents: src.text})
			continue
		}
		text := src.without(keep)
		list = append(list, godog.Feature{Name: src.Name, Contents: text})
		doc, err := gherkin.ParseGherkinDocument(bytes.NewReader(text), newID)
		if err != nil {
			panic(fmt.Sprintf("%s cannot be read again: %v", src.Name, err))
		}
		for i, p := range gherkin.Pickles(*doc, src.Name, newID) {
			c.playing[keyOf(p)] = played[i]
		}
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
	for _, f := range s.Folders {
		n := len(c.sources)
		tree := f.Files
		if tree == nil {
			tree = os.DirFS(f.Path)
		}
		if err := c.add(tree, f.Path); err != nil {
			return nil, FileErrors{fmt.Sprintf("%s: %v", f.Path, err)}
		}
		if len(c.sources) == n {
			return nil, FileErrors{f.Path + ": there is no .feature file"}
		}
	}
	s.own = patternsOf(s.Steps)
	if err := c.index(s, want); err != nil {
		return nil, err
	}
	if err := s.knows(c.places); err != nil {
		return nil, err
	}
	return c, nil
}

// index finds the scenarios of the sources, and which are wanted. A wanted scenario that
// cannot be played is an error: [FileErrors].
func (c *catalog) index(s *Suite, want selection) error {
	c.order, c.left = nil, 0
	var errs FileErrors
	for i := range c.sources {
		src := &c.sources[i]
		r, err := s.readingOf(src, c.ours[src.Name])
		if err != nil {
			errs.add(src.Name, err)
			continue
		}
		src.reading = r
		doc, places := r.doc, r.places
		same := map[string]int{} // where a scenario of the same name and steps begins
		for _, p := range r.scenarios {
			at := places[nodeOf(p)]
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
			src.entries, c.order = append(src.entries, e), append(c.order, e)
			switch {
			case !e.wanted:
			case !e.Ours:
				errs.add(src.Name, s.wrongWith(p, e.Line, places, same))
			case s.own != nil:
				for _, st := range p.Steps {
					if err := s.both(st.Text); err != nil {
						return err
					}
				}
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
	ids       int // that it took
}

// nodeOf is the id of a scenario, or of the row of an outline, in its document.
func nodeOf(p *messages.Pickle) string { return p.AstNodeIds[len(p.AstNodeIds)-1] }

// ownReadings caches the suite's own files, unchanged, by name: every run needs them.
var ownReadings sync.Map

func (s *Suite) readingOf(src *source, ours bool) (*reading, error) {
	asIs := ours && !s.retells()
	if r, ok := ownReadings.Load(src.Name); ok && asIs {
		return r.(*reading), nil
	}
	r := &reading{}
	newID := func() string { r.ids++; return strconv.Itoa(r.ids - 1) } // as godog counts
	var err error
	r.doc, r.text, err = script.ReadFeature(src.Contents, newID, func(sentence string) bool {
		return stepOf(sentence) != nil || !ours && s.owns(sentence)
	})
	if err != nil {
		return nil, err
	}
	r.text = s.retell(r.doc, r.text)
	r.places = placesOf(r.doc)
	r.scenarios = gherkin.Pickles(*r.doc, src.Name, newID)
	if asIs {
		ownReadings.Store(src.Name, r)
	}
	return r, nil
}

// wrongWith finds why a scenario cannot be played, or judges nothing. Each step that is not
// ours may judge.
func (s *Suite) wrongWith(p *messages.Pickle, line int, places map[string]place, same map[string]int) error {
	d := newDraft(&s.Options)
	var errs script.Errors
	wrong := func(line int, hint, why string, args ...any) {
		errs = append(errs, &script.Error{Line: line, Hint: hint, Why: fmt.Sprintf(why, args...)})
	}
	last := 0 // the step that judged last, from 1
	text := p.Name
	for i, st := range p.Steps {
		at := places[st.AstNodeIds[0]].line
		is, both := stepOf(st.Text), s.both(st.Text)
		switch {
		case is == nil && !s.owns(st.Text):
			hint, nearest := "ringback steps", ""
			if near, ok := s.nearestStep(st.Text); ok {
				hint, nearest = near.Example, "; the nearest is "+near.Form
			}
			wrong(at, hint, "no step reads %q%s", st.Text, nearest)
		case both != nil:
			wrong(at, "", "%v", both)
		case is != nil && st.Argument != nil:
			wrong(at, "", "the step %q takes no text or table below it", st.Text)
		default:
			if err := d.read(st.Text); err != nil {
				wrong(at, "", "%v", err)
			}
			if is == nil || is.judges {
				last = i + 1
			}
		}
		text += "\n" + st.Text
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

// without returns the text of a file without the scenarios, and the rows of outlines, that
// are not to be kept. Their lines are empty.
func (r *reading) without(keep map[string]bool) []byte {
	lines := bytes.SplitAfter(r.text, []byte("\n"))
	empty := func(from, to int) { // without the latter
		for i := from; i < to; i++ {
			lines[i-1] = []byte("\n")
		}
	}
	begun := 0 // where a scenario begins that is not kept; 0: there is none
	begin := func(at *messages.Location, tags []*messages.Tag, kept bool) {
		line := int(at.Line)
		if len(tags) > 0 {
			line = int(tags[0].Location.Line)
		}
		if begun > 0 {
			empty(begun, line)
		}
		if begun = 0; !kept {
			begun = line
		}
	}
	child := func(b *messages.Background, sc *messages.Scenario) {
		if b != nil {
			begin(b.Location, nil, true)
		}
		if sc == nil {
			return
		}
		kept := keep[sc.Id]
		for _, ex := range sc.Examples {
			for _, row := range ex.TableBody {
				if keep[row.Id] {
					kept = true
				} else {
					empty(int(row.Location.Line), int(row.Location.Line)+1)
				}
			}
		}
		begin(sc.Location, sc.Tags, kept)
	}
	for _, c := range r.doc.Feature.Children {
		child(c.Background, c.Scenario)
		if c.Rule != nil {
			begin(c.Rule.Location, c.Rule.Tags, true)
			for _, inner := range c.Rule.Children {
				child(inner.Background, inner.Scenario)
			}
		}
	}
	if begun > 0 {
		empty(begun, len(lines)+1)
	}
	return bytes.Join(lines, nil)
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
		if full := path.Join(under, name); slices.ContainsFunc(c.sources, func(src source) bool { return src.Name == full }) {
			return fmt.Errorf("there are two files %s", full)
		}
		c.sources = append(c.sources, source{Feature: godog.Feature{Name: path.Join(under, name), Contents: data}})
	}
	return nil
}
