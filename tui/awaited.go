package tui

import "ringback/sim"

// awaited is what came of the commands of the last key that sends something, or lets time
// pass by a step, as far as it is known. It is said once all of it is.
type awaited struct {
	copiesOf map[uint64]int  // so many copies of a callback are awaited
	copies   map[string]bool // all copies in a call are; false once there are some
	answers  map[uint64]bool // callbacks whose next answer is awaited
	acked    int
	failed   int
	last     string   // what the last answer was
	step     bool     // what happens at all is awaited
	steps    []string // what happened
}

// sends reports whether what comes of a command is awaited.
func sends(o Command) bool {
	f, ok := o.(Feed)
	if !ok {
		return false
	}
	switch f.Input.(type) {
	case sim.RetryNow, sim.Duplicate, sim.Replay:
		return true
	}
	return false
}
