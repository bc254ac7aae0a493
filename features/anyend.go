package features

import (
	"bytes"
	"regexp"

	messages "github.com/cucumber/messages/go/v34"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/wire"
)

// anyEnd is the tag of scenarios that are about an end, whatever its result. For a
// receiver that takes some callbacks only they are played with a result that it takes.
const anyEnd = "@any-end"

// end is the result of calls that may have any: normal_end, unless the receiver takes
// other status words only. Of these one is drawn.
func (o *Options) end() call.Result {
	heard := sim.Heard(o.Words)
	if len(heard) == 0 || heard[0] == call.NormalEnd {
		return call.NormalEnd
	}
	return heard[o.Seed%uint64(len(heard))]
}

// endOf is the result of a call to so many whose end is to be told. A group call tells
// of no other one in v1.
func (o *Options) endOf(callees []string) string {
	if len(callees) > 1 {
		return call.NormalEnd.String()
	}
	return o.end().String()
}

// retells reports whether there are results that the receiver does not take, and others.
func (o *Options) retells() bool {
	n := len(sim.Heard(o.Words))
	return n != 0 && n != len(sim.Outcomes)
}

// retell puts a result that the receiver takes in place of those that it does not take,
// in the steps and examples of scenarios about any end, and returns the text as godog is to read it.
func (o *Options) retell(doc *messages.GherkinDocument, text []byte) []byte {
	if doc.Feature == nil || !o.retells() {
		return text
	}
	heard := sim.Heard(o.Words)
	r := retelling{with: o.end().String(), lines: bytes.SplitAfter(text, []byte("\n")), taken: map[string]bool{}}
	for _, result := range heard {
		r.taken[result.String()] = true
	}
	all := tagged(doc.Feature.Tags, false)
	for _, child := range doc.Feature.Children {
		r.children(child.Background, child.Scenario, all)
		if child.Rule != nil {
			all := tagged(child.Rule.Tags, all)
			for _, inner := range child.Rule.Children {
				r.children(inner.Background, inner.Scenario, all)
			}
		}
	}
	return bytes.Join(r.lines, nil)
}

func tagged(tags []*messages.Tag, outer bool) bool {
	for _, t := range tags {
		outer = outer || t.Name == anyEnd
	}
	return outer
}

type retelling struct {
	with  string
	taken map[string]bool
	lines [][]byte // of the text
}

func (r *retelling) children(b *messages.Background, s *messages.Scenario, all bool) {
	if b != nil && all {
		r.steps(b.Steps)
	}
	if s == nil || !tagged(s.Tags, all) {
		return
	}
	r.steps(s.Steps)
	for _, examples := range s.Examples {
		for _, row := range examples.TableBody {
			for _, cell := range row.Cells {
				cell.Value = r.words(cell.Value)
			}
			r.line(row.Location.Line)
		}
	}
}

func (r *retelling) steps(list []*messages.Step) {
	for _, s := range list {
		s.Text = r.words(s.Text)
		r.line(s.Location.Line)
	}
}

func (r *retelling) line(n int64) { r.lines[n-1] = []byte(r.words(string(r.lines[n-1]))) }

// statusWords finds the results as steps name them.
var statusWords = func() *regexp.Regexp {
	words := ""
	for _, w := range wire.AllWords() {
		if w.Status() {
			words += "|" + w.String()
		}
	}
	return regexp.MustCompile(`\b(?:` + words[1:] + `)\b`)
}()

func (r *retelling) words(text string) string {
	return statusWords.ReplaceAllStringFunc(text, func(word string) string {
		if r.taken[word] {
			return word
		}
		return r.with
	})
}
