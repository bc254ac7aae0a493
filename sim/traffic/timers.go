package traffic

import (
	"ringback/sim/call"
	"ringback/sim/timers"
)

// what is due.
type what uint8

const (
	wish  what = iota // a chain of wishes is at its next one
	dial              // somebody wants to call
	start             // a call starts
)

// entry is something that is due. Of entries at one time the one that was
// entered first comes first.
type entry struct {
	at     call.Instant
	serial uint64
	what   what
	Intent
	caller int32 // among the people of the partition
	callee int32
}

func newQueue() timers.Queue[entry] {
	return timers.New(func(a, b entry) bool { return a.serial < b.serial })
}
