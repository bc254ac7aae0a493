package run

import (
	"ringback/sim"
	"ringback/sim/call"
)

// Source feeds inputs at times of its own, like a traffic model. The loop
// calls it one at a time.
type Source interface {
	// Next is when the next input comes; ok is false when there is none left.
	Next() (at call.Instant, ok bool)
	// Take returns that input.
	Take() sim.Input
	// Refused is told that the engine refused the input that was taken last.
	// What it returns ends the run, unless it is nil.
	Refused(error) error
}

// Timed is an input at a time.
type Timed struct {
	At    call.Instant
	Input sim.Input
}

// List is a source of given inputs, which must be in order of time.
type List []Timed

// Next is the time of the first one left.
func (s *List) Next() (at call.Instant, ok bool) {
	if len(*s) == 0 {
		return 0, false
	}
	return (*s)[0].At, true
}

// Take returns the first one left.
func (s *List) Take() sim.Input {
	in := (*s)[0].Input
	*s = (*s)[1:]
	return in
}

// Refused ends the run: whoever gave the inputs meant all of them.
func (s *List) Refused(err error) error { return err }

// First makes a source of a list and another source, which is not asked before
// the list is empty. Each is told of the refusals of its own inputs.
func First(list List, then Source) Source { return &first{list: list, then: then} }

type first struct {
	list   List
	then   Source
	listed bool // the input taken last is the list's
}

func (s *first) Next() (at call.Instant, ok bool) {
	if len(s.list) > 0 {
		return s.list.Next()
	}
	return s.then.Next()
}

func (s *first) Take() sim.Input {
	if s.listed = len(s.list) > 0; s.listed {
		return s.list.Take()
	}
	return s.then.Take()
}

func (s *first) Refused(err error) error {
	if s.listed {
		return s.list.Refused(err)
	}
	return s.then.Refused(err)
}
