package features

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"sync"

	"ringback/sim/script"
)

// Steps is the vocabulary: what happens, in the words of scripts, then what the scenario
// starts from, then what is checked of the receiver.
func Steps() []Step {
	var list []Step
	for _, s := range script.Steps() {
		list = append(list, Step{
			Pattern: s.Pattern, Form: s.Form, About: s.About, Example: s.Example,
			handler: func(ctx context.Context, sentence string) error { return worldOf(ctx).perform(ctx, sentence) },
		})
	}
	return slices.Concat(list, givens, fixed, overlaps, thens)
}

// definitions compiles the patterns once: each scenario registers all of them.
var definitions = sync.OnceValue(func() (list []definition) {
	all := Steps()
	for i, s := range all {
		list = append(list, definition{
			s, regexp.MustCompile(s.Pattern), i < len(script.Steps()), i >= len(all)-len(thens), i >= len(all)-len(storing),
		})
	}
	return list
})

// stepOf returns the step of a sentence; nil if it is not one of ours.
func stepOf(sentence string) *definition {
	if is, ok := known.Load(sentence); ok {
		return is.(*definition)
	}
	is := findStep(sentence)
	if is != nil && len(sentence) <= maxKnown {
		known.Store(sentence, is)
	}
	return is
}

// nearestStep returns the step that was probably meant by an unknown sentence. One of
// [Suite.Steps] has its pattern for a form, and no example.
func (s *Suite) nearestStep(sentence string) (near script.Step, ok bool) {
	var all []script.Step
	for _, p := range s.own {
		all = append(all, script.Step{Form: strings.Trim(p.String(), "^$")})
	}
	for _, s := range Steps() {
		all = append(all, script.Step{Form: s.Form, Example: s.Example})
	}
	return script.NearestStep(sentence, all)
}

func findStep(sentence string) *definition {
	list := definitions()
	for i := range list {
		if list[i].pattern.MatchString(sentence) {
			return &list[i]
		}
	}
	return nil
}

// known caches the steps of sentences: each is looked up several times in each suite, and
// there are seventy patterns.
var known sync.Map // of *definition by sentence

// maxKnown bounds the bytes of a sentence in known.
const maxKnown = 200
