package run

import (
	"ringback/sim"
	"ringback/sim/call"
)

// Source provides inputs at given times, like a traffic model. The loop does not call
// its methods concurrently.
type Source interface {
	// Next returns the time of the next input; ok is false if there is none left.
	Next() (at call.Instant, ok bool)
	// Take returns that input.
	Take() sim.Input
	// Refused is called when the engine refuses the input that was taken last. An
	// error that it returns ends the run.
	Refused(error) error
}

// Timed is an input at a time.
type Timed struct {
	At    call.Instant
	Input sim.Input
}

// List is a source of given inputs, which must be ordered by time.
type List []Timed

// Next returns the time of the first input left.
func (s *List) Next() (at call.Instant, ok bool) {
	if len(*s) == 0 {
		return 0, false
	}
	return (*s)[0].At, true
}

// Take returns the first input left.
func (s *List) Take() sim.Input {
	in := (*s)[0].Input
	*s = (*s)[1:]
	return in
}

// Refused returns err, which ends the run, since a list's inputs are all required.
func (s *List) Refused(err error) error { return err }

// First returns a source with the inputs of a list, followed by those of another
// source. Refused is passed to the one that the input came from.
func First(list List, then Source) Source { return &first{list: list, then: then} }

type first struct {
	list   List
	then   Source
	listed bool // whether the input taken last is from the list
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
