package features

import (
	"bytes"
	"regexp"

	messages "github.com/cucumber/messages/go/v34"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/wire"
)

// anyEnd is the tag of scenarios about an end with any result. For a receiver that takes
// only some callbacks, they are played with a result that it takes.
const anyEnd = "@any-end"

// end returns the result of calls that may have any: normal_end or, if the receiver takes
// only other status words, one of those at random.
func (o *Options) end() call.Result {
	heard := sim.Heard(o.Words)
	if len(heard) == 0 || heard[0] == call.NormalEnd {
		return call.NormalEnd
	}
	return heard[o.Seed%uint64(len(heard))]
}

// endOf returns the result of a call with so many callees whose end must cause a
// callback. In v1, only normal_end does in a group call.
func (o *Options) endOf(callees []string) string {
	if len(callees) > 1 {
		return call.NormalEnd.String()
	}
	return o.end().String()
}

// retells reports whether the receiver takes some results, but not all.
func (o *Options) retells() bool {
	n := len(sim.Heard(o.Words))
	return n != 0 && n != len(sim.Outcomes)
}

// retell replaces results that the receiver does not take by one that it takes, in the
// steps and examples of scenarios about any end, and returns the text for godog.
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
