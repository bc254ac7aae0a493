package probe

import (
	"fmt"
	"slices"
	"strings"

	"ringback/sim/call"
	"ringback/sim/text"
)

// results maps a receiver's own words for results to CallKit's. The receiver's are
// compared as they are, CallKit's in any spelling.
type results map[string][]string

// add reads THEIRS=ours,ours. A result of ours may have one word of theirs only, or it
// would be unclear which of two is right.
func (r results) add(option string) error {
	at := strings.LastIndex(option, "=") // no word of ours has one
	if at <= 0 || at == len(option)-1 {
		return fmt.Errorf("result %q: want THEIRS=ours,ours, like FAILED=interrupt,offline", option)
	}
	theirs := option[:at]
	for ours := range strings.SplitSeq(option[at+1:], ",") {
		ours = strings.TrimSpace(ours)
		if _, ok := Result(ours); !ok {
			words := Results()
			return fmt.Errorf("result %q: %q: want one of %s%s", option, ours, strings.Join(words, ", "), text.Meant(ours, words))
		}
		same := func(word string) bool { return SameResult(word, ours) }
		for other, words := range r {
			if other != theirs && slices.ContainsFunc(words, same) {
				return fmt.Errorf("result %q: %s is %s already: want one word for a result", option, ours, other)
			}
		}
		if !slices.ContainsFunc(r[theirs], same) {
			r[theirs] = append(r[theirs], ours)
		}
	}
	return nil
}

// word is theirs for a result of ours; "" if they have none of their own.
func (r results) word(ours string) string {
	for theirs, words := range r {
		if slices.ContainsFunc(words, func(word string) bool { return SameResult(word, ours) }) {
			return theirs
		}
	}
	return ""
}

// Word is the receiver's own word for a result; "" if Options.Results has none.
func (p *Probe) Word(result string) string { return p.results.word(result) }

// ResultIs reports whether the result stored is one of ours, in either
// generation's spelling or in the receiver's own words.
func (s *Stored) ResultIs(ours string) bool {
	switch {
	case s.Result == nil:
		return false
	case s.Means != nil:
		return slices.ContainsFunc(s.Means, func(word string) bool { return SameResult(word, ours) })
	}
	return SameResult(*s.Result, ours)
}

// Result is what a word says of a call, in either generation's spelling.
func Result(word string) (r call.Result, ok bool) {
	for r = call.NormalEnd; r <= call.Offline; r++ {
		if SameResult(word, r.String()) {
			return r, true
		}
	}
	return call.NoResult, false
}

// Results are the words for the results of calls.
func Results() (words []string) {
	for r := call.NormalEnd; r <= call.Offline; r++ {
		words = append(words, r.String())
	}
	return words
}

// SameResult reports whether two words mean one result, however either
// generation spells it.
func SameResult(a, b string) bool { return fold(a) == fold(b) }

func fold(result string) string {
	return strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(result))
}
