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
