package script

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	gherkin "github.com/cucumber/gherkin/go/v42"
	messages "github.com/cucumber/messages/go/v34"

	"ringback/sim/text"
)

// What a feature file may hold at most, besides [MaxBytes].
const (
	MaxLine      = 64<<10 - 2 // bytes of a line: the parser reads no longer ones
	MaxLines     = 20_000
	MaxExpanded  = 100_000  // steps of all scenarios, those of backgrounds and examples included
	maxText      = 16 << 20 // bytes of their sentences
	maxDocString = 1000     // lines: the parser's time grows with their square
)

// ReadFeature reads a feature file. It gives ids by newID and returns, with the document,
// the text that a parser of Gherkin can read: the file without a byte order mark. isStep
// reports whether a sentence is a step: a line that looks like one, but that Gherkin
// takes for a description, is an error. The error is an [Errors] with all that is wrong:
// what Gherkin refuses, and what is written but would not be played.
func ReadFeature(file []byte, newID func() string, isStep func(sentence string) bool) (*messages.GherkinDocument, []byte, error) {
	text, err := checkFile(file)
	if err != nil {
		return nil, nil, err
	}
	if err := checkLines(text); err != nil {
		return nil, nil, err
	}
	b := builder{AstBuilder: gherkin.NewAstBuilder(newID)}
	err = gherkin.NewParser(&b).Parse(gherkin.NewScanner(bytes.NewReader(text)), gherkin.NewMatcher(gherkin.DialectsBuiltin()))
	if err != nil {
		return nil, nil, gherkinErrors(err)
	}
	c := featureChecker{isStep: isStep, lines: strings.Split(string(text), "\n"), errs: b.errs}
	doc := b.GetGherkinDocument()
	c.document(doc)
	if err := c.errs.err(); err != nil {
		return nil, nil, err
	}
	return doc, text, nil
}

// checkLines refuses lines that the parser cannot read, or would join.
func checkLines(text []byte) error {
	n := 0
	for line := range bytes.Lines(text) {
		if n++; n > MaxLines {
			return Errors{{Line: n, Why: fmt.Sprintf("the file has too many lines, at most %d", MaxLines)}}
		}
		if len(line) > MaxLine {
			return Errors{{Line: n, Why: fmt.Sprintf("the line has %d bytes, at most %d", len(line), MaxLine)}}
		}
		if bytes.Contains(bytes.TrimRight(line, "\r\n"), []byte("\r")) {
			return Errors{{Line: n, Why: "has a carriage return within; lines end in LF or CRLF"}}
		}
	}
	return nil
}

// builder drops the contents of doc strings, since no step of ours takes one.
type builder struct {
	gherkin.AstBuilder
	inDocString bool
	docString   int // lines
	errs        Errors
}

// StartRule begins a part of the document.
func (b *builder) StartRule(r gherkin.RuleType) (bool, error) {
	b.inDocString, b.docString = r == gherkin.RuleTypeDocString, 0
	return b.AstBuilder.StartRule(r)
}

// EndRule ends it.
func (b *builder) EndRule(r gherkin.RuleType) (bool, error) {
	b.inDocString = false
	return b.AstBuilder.EndRule(r)
}

// Build adds a line.
func (b *builder) Build(t *gherkin.Token) (bool, error) {
	if b.inDocString && t.Type == gherkin.TokenTypeOther {
		if b.docString++; b.docString == maxDocString+1 {
			b.errs = append(b.errs, &Error{Line: t.Location.Line, Why: fmt.Sprintf("the text below a step has too many lines, at most %d", maxDocString)})
		}
		return true, nil
	}
	return b.AstBuilder.Build(t)
}

// featureChecker finds what is written and would not be played.
type featureChecker struct {
	isStep  func(string) bool
	lines   []string
	dialect *gherkin.Dialect
	errs    Errors
	steps   int // so far
	bytes   int // of their sentences
}

func (c *featureChecker) wrong(line int64, hint, why string, args ...any) {
	c.errs = append(c.errs, &Error{Line: int(line), Why: fmt.Sprintf(why, args...), Hint: hint})
}

func (c *featureChecker) document(doc *messages.GherkinDocument) {
	if doc == nil || doc.Feature == nil {
		c.wrong(1, "Feature: what this shows", "there is no feature in the file")
		return
	}
	f := doc.Feature
	if c.dialect = gherkin.DialectsBuiltin().GetDialect(f.Language); c.dialect == nil {
		c.dialect = english
	}
	c.description(f.Location.Line, f.Description, false)
	p := section{line: f.Location.Line, has: "there is"}
	for _, child := range f.Children {
		c.child(&p, child.Background, child.Scenario)
		if child.Rule != nil {
			p.scenarios++ // a rule without scenarios is an error of its own
			c.rule(stepsOf(p.background), child.Rule)
		}
	}
	c.empty(&p)
}

func (c *featureChecker) rule(before []*messages.Step, r *messages.Rule) {
	c.description(r.Location.Line, r.Description, false)
	p := section{line: r.Location.Line, has: "the rule has", before: before}
	for _, child := range r.Children {
		c.child(&p, child.Background, child.Scenario)
	}
	c.empty(&p)
}

// section is what has been read of a feature or a rule.
type section struct {
	line       int64
	has        string // how an error about it begins
	before     []*messages.Step
	background *messages.Background
	scenarios  int
}

// child checks a background or a scenario of a section.
func (c *featureChecker) child(p *section, b *messages.Background, sc *messages.Scenario) {
	switch {
	case b != nil:
		p.background = b
		c.background(b)
	case sc != nil:
		p.scenarios++
		c.scenario(slices.Concat(p.before, stepsOf(p.background)), sc)
	}
}

// empty refuses a section without a scenario.
func (c *featureChecker) empty(p *section) {
	const hint = "Scenario: bob answers"
	switch {
	case p.scenarios > 0 || len(c.errs) > 0 && c.errs[len(c.errs)-1].Line >= int(p.line): // the lost line is the better error
	case p.background != nil:
		c.wrong(p.background.Location.Line, hint, "no scenario follows the background")
	default:
		c.wrong(p.line, hint, "%s no scenario", p.has)
	}
}

func stepsOf(b *messages.Background) []*messages.Step {
	if b == nil {
		return nil
	}
	return b.Steps
}

func (c *featureChecker) background(b *messages.Background) {
	c.description(b.Location.Line, b.Description, true)
}

func (c *featureChecker) scenario(before []*messages.Step, sc *messages.Scenario) {
	lost := len(c.errs)
	c.description(sc.Location.Line, sc.Description, true)
	switch {
	case len(sc.Steps) == 0 && len(c.errs) == lost:
		c.wrong(sc.Location.Line, "When alice calls bob", "the scenario has no steps")
	case len(sc.Examples) == 0 && slices.Contains(c.dialect.ScenarioOutlineKeywords(), sc.Keyword):
		c.wrong(sc.Location.Line, "Scenario: "+sc.Name, "the scenario outline has no examples")
	}
	steps := slices.Concat(before, sc.Steps)
	if len(sc.Examples) == 0 {
		c.expand(sc.Location.Line, steps, nil, nil)
	}
	for _, ex := range sc.Examples {
		c.examples(steps, ex)
	}
}

func (c *featureChecker) examples(steps []*messages.Step, ex *messages.Examples) {
	lost := len(c.errs)
	c.description(ex.Location.Line, ex.Description, true)
	if len(ex.TableBody) == 0 {
		if len(c.errs) == lost {
			c.wrong(ex.Location.Line, "| bob |", "the examples have no row below the names of the columns, so nothing is played")
		}
		return
	}
	names := map[string]bool{}
	for _, cell := range ex.TableHeader.Cells {
		if names[cell.Value] {
			c.wrong(cell.Location.Line, "", "two columns of the examples are named %s", text.Quote(cell.Value, maxQuoted))
			return
		}
		names[cell.Value] = true
	}
	for _, row := range ex.TableBody {
		c.expand(row.Location.Line, steps, ex.TableHeader.Cells, row.Cells)
	}
}

// expand counts the steps that a scenario or a row of its examples expands to.
func (c *featureChecker) expand(line int64, steps []*messages.Step, names, values []*messages.TableCell) {
	if c.steps > MaxExpanded || c.bytes > maxText {
		return // reported already
	}
	if c.steps += len(steps); c.steps > MaxExpanded {
		c.wrong(line, "", "the file has too many steps, at most %d with those of backgrounds and examples", MaxExpanded)
		return
	}
	for _, s := range steps {
		text := s.Text
		for i := range names {
			from, to := "<"+names[i].Value+">", values[i].Value
			if len(text)+strings.Count(text, from)*(len(to)-len(from)) > MaxSentence {
				c.wrong(line, "", "the step at line %d is too long with these values: at most %d bytes", s.Location.Line, MaxSentence)
				return
			}
			text = strings.ReplaceAll(text, from, to)
		}
		if c.bytes += len(text); c.bytes > maxText {
			c.wrong(line, "", "the steps are too long: at most %d bytes with those of backgrounds and examples", maxText)
			return
		}
	}
}

// description looks for lines that were meant to be played. That is likelier in a
// scenario, a background or examples (steps is true there) than in a feature or a rule.
func (c *featureChecker) description(after int64, words string, steps bool) {
	if words == "" {
		return
	}
	n := int(after) // lines up to it
	for line := range strings.Lines(words) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		for n < len(c.lines) && strings.TrimSpace(c.lines[n]) != line {
			n++
		}
		n++
		if fixed := c.meant(line, steps); fixed != "" {
			c.wrong(int64(n), fixed, "%s is read as a description and would not be played", text.Quote(line, maxQuoted))
			return // what follows is lost for the same reason
		}
	}
}

// meant is what a line of a description was probably meant to be; "" if it is
// prose.
func (c *featureChecker) meant(line string, steps bool) string {
	if strings.HasPrefix(line, "|") {
		return "Examples:"
	}
	if title, rest, ok := strings.Cut(line, ":"); ok && len(title) < 24 && !strings.HasPrefix(line, `"`) { // a quoted text is what WriteGherkin writes
		if word := nearTitle(strings.ToLower(strings.TrimSpace(title))); word != "" {
			return strings.TrimSpace(word + ": " + strings.TrimSpace(rest))
		}
	}
	first, rest, _ := strings.Cut(line, " ")
	word, rest := nearStep(first), strings.TrimSpace(rest)
	sentences := []string{line}
	if word != "" {
		sentences = append(sentences, rest)
	}
	for _, k := range c.dialect.StepKeywords() {
		if after, ok := strings.CutPrefix(line, k); ok {
			sentences = append(sentences, strings.TrimSpace(after))
		}
	}
	for _, s := range sentences {
		if s != "" && c.isStep(s) {
			return cmp.Or(word, "When") + " " + s
		}
	}
	// What is no step may be prose that begins like one: "When the line is bad".
	if steps && word != "" && !strings.EqualFold(first, word) {
		return strings.TrimSpace(word + " " + rest)
	}
	return ""
}

// nearTitle returns the keyword that a word before a colon equals or resembles; "" if
// there is none.
func nearTitle(word string) string {
	for _, k := range []string{"Feature", "Rule", "Background", "Scenario", "Scenario Outline", "Scenario Template", "Example", "Examples", "Scenarios"} {
		most := 1
		if len(k) > 7 {
			most = 2
		}
		if word != "role" && text.Distance(word, strings.ToLower(k)) <= most {
			return k
		}
	}
	return ""
}

// nearStep returns the keyword that a word equals, in any case, or resembles; "" if there
// is none.
func nearStep(word string) string {
	bare := strings.ToLower(strings.TrimSuffix(word, ":"))
	for _, k := range []string{"Given", "When", "Then", "And", "But"} {
		if bare == strings.ToLower(k) {
			return k
		}
	}
	if slices.Contains([]string{"them", "than", "they", "hen", "give", "gives", "tub"}, bare) {
		return ""
	}
	for _, k := range []string{"Given", "When", "Then", "And", "But"} {
		near := text.Distance(bare, strings.ToLower(k)) == 1 && len(bare) > 3 || letters(bare) == letters(strings.ToLower(k))
		if first, _ := utf8.DecodeRuneInString(word); near && unicode.IsUpper(first) {
			return k
		}
	}
	return ""
}

// letters returns the letters of a word in alphabetical order.
func letters(word string) string {
	l := []byte(word)
	slices.Sort(l)
	return string(l)
}
