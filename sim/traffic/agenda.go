package traffic

import "ringback/sim/call"

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
	Wish
	caller int32 // among the people of the partition
	callee int32
}

// agenda is a binary heap of values.
type agenda struct {
	heap   []entry
	serial uint64
}

func (a *agenda) push(e entry) {
	a.serial++
	e.serial = a.serial
	h := append(a.heap, e)
	i := len(h) - 1
	for up := (i - 1) / 2; i > 0 && e.before(&h[up]); up = (i - 1) / 2 {
		h[i] = h[up]
		i = up
	}
	h[i] = e
	a.heap = h
}

func (a *agenda) pop() entry {
	top, last := a.heap[0], a.heap[len(a.heap)-1]
	h := a.heap[:len(a.heap)-1]
	i := 0
	for down := 1; down < len(h); down = 2*i + 1 {
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
	a.heap = h
	return top
}

func (e *entry) before(o *entry) bool {
	return e.at < o.at || e.at == o.at && e.serial < o.serial
}
