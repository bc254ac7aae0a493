package journal

import (
	"hash/maphash"
	"iter"
)

// index finds calls by their ids. The ids are in the calls, so it holds nothing
// but pointers: of a million calls a map by id takes 56 bytes each, this 16.
type index struct {
	slots []*Call // a power of two of them, half of them empty; clashes go into the next empty one
	n     int
	seed  maphash.Seed
}

func newIndex() index { return index{slots: make([]*Call, 16), seed: maphash.MakeSeed()} }

// home is the slot in which a call would be if there were no clashes.
func (x *index) home(id string) int { return int(maphash.String(x.seed, id)) & (len(x.slots) - 1) }

func (x *index) next(slot int) int { return (slot + 1) & (len(x.slots) - 1) }

// slot is where a call is, or the empty slot where it would go.
func (x *index) slot(id string) int {
	i := x.home(id)
	for x.slots[i] != nil && x.slots[i].ID != id {
		i = x.next(i)
	}
	return i
}

func (x *index) find(id string) *Call { return x.slots[x.slot(id)] }

// put adds a call, in place of one with the same id.
func (x *index) put(c *Call) {
	i := x.slot(c.ID)
	if x.slots[i] == nil {
		x.n++
	}
	x.slots[i] = c
	if 2*x.n > len(x.slots) {
		x.grow()
	}
}

func (x *index) grow() {
	old := x.slots
	x.slots = make([]*Call, 2*len(old))
	for _, c := range old {
		if c != nil {
			x.slots[x.slot(c.ID)] = c
		}
	}
}

// remove takes a call out, if it is there, and moves those that would not be
// found any more behind the gap into it.
func (x *index) remove(id string) {
	gap := x.slot(id)
	if x.slots[gap] == nil {
		return
	}
	x.n--
	for i := x.next(gap); x.slots[i] != nil; i = x.next(i) {
		mask := len(x.slots) - 1
		if fromHome := (i - x.home(x.slots[i].ID)) & mask; fromHome >= (i-gap)&mask {
			x.slots[gap], gap = x.slots[i], i
		}
	}
	x.slots[gap] = nil
}

// all are the calls, in no order.
func (x *index) all() iter.Seq[*Call] {
	return func(yield func(*Call) bool) {
		for _, c := range x.slots {
			if c != nil && !yield(c) {
				return
			}
		}
	}
}
