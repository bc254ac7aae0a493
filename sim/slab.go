package sim

import (
	"ringback/sim/call"
	"ringback/sim/journal"
)

// slab hands out values that are valid until it is emptied, and then uses their
// memory again. When it grows, what it handed out stays where it is.
type slab[T any] []T

// mostKept is how many values an empty slab has memory for at most, so that no
// single step is remembered for ever.
const mostKept = 1024

func (s *slab[T]) add(v T) *T {
	if len(*s) == cap(*s) {
		*s = make([]T, 0, max(8, 2*cap(*s)))
	}
	*s = append(*s, v)
	return &(*s)[len(*s)-1]
}

func (s *slab[T]) empty() {
	*s = (*s)[:0]
	if cap(*s) > mostKept {
		*s = nil
	}
}

// said is what an engine says in a step, of the kinds that there are many of.
type said struct {
	setups    slab[call.Setup]
	facts     slab[journal.Fact]
	callbacks slab[journal.Callback]
	attempts  slab[journal.Attempt]
	answers   slab[journal.Answer]
	drops     slab[journal.Dropped]
	sends     slab[Send]
}

func (s *said) forget() {
	s.setups.empty()
	s.facts.empty()
	s.callbacks.empty()
	s.attempts.empty()
	s.answers.empty()
	s.drops.empty()
	s.sends.empty()
}
