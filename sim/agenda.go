package sim

import (
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
)

// class orders what is due at the same instant: the server's timers win over
// what a phone does in the same millisecond, and callbacks come last.
type class uint8

const (
	ringTimer class = iota
	heartbeatTimer
	planStep
	deliveryDue
)

// entry is something to do at a time. It may be stale when its time comes:
// what it is about is looked up then.
type entry struct {
	at    call.Instant
	class class
	n     uint64 // the call's number
	k     uint64 // the plan's step, or the delivery
	call  *journal.Call
	due   *delivery.Delivery
}

func (a *entry) before(b *entry) bool {
	if a.at != b.at {
		return a.at < b.at
	}
	if a.class != b.class {
		return a.class < b.class
	}
	if a.n != b.n {
		return a.n < b.n
	}
	return a.k < b.k
}

// agenda is a binary heap of values: no pointer to chase and nothing to
// allocate for an entry. Two entries that are equal in all that before
// compares are about the same thing, so the order is total where it matters.
type agenda []entry

func (a *agenda) push(e entry) {
	h := append(*a, e)
	i := len(h) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !e.before(&h[up]) {
			break
		}
		h[i] = h[up]
		i = up
	}
	h[i] = e
	*a = h
}

func (a *agenda) pop() entry {
	h := *a
	top, last := h[0], h[len(h)-1]
	h[len(h)-1] = entry{}
	h = h[:len(h)-1]
	*a = h
	i := 0
	for len(h) > 0 {
		down := 2*i + 1
		if down >= len(h) {
			break
		}
		if down+1 < len(h) && h[down+1].before(&h[down]) {
			down++
		}
		if !h[down].before(&last) {
			break
		}
		h[i] = h[down]
		i = down
	}
	if len(h) > 0 {
		h[i] = last
	}
	return top
}
