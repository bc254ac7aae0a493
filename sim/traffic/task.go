package traffic

import (
	"ringback/sim/call"
	"ringback/sim/timers"
)

// taskKind says what a task does.
type taskKind uint8

const (
	candidate taskKind = iota // an arrival process reaches its next candidate
	dial                      // a caller dials
	start                     // a call starts
)

// task is something to do at a time. Tasks of the same time are done in the order
// in which they were scheduled.
type task struct {
	at     call.Instant
	serial uint64
	kind   taskKind
	Intent
	caller int32 // among the people of the partition
	callee int32
}

func newQueue() timers.Queue[task] {
	return timers.New(func(a, b task) bool { return a.serial < b.serial })
}
