package journal

import (
	"hash/maphash"
	"iter"
)

// index finds calls by their ids. The ids are in the calls, so it holds nothing
// but pointers and hashes: of a million calls a map by id takes 56 bytes each,
// this 24. The hashes lie apart, side by side: who looks for a call looks at
// no other, each of which would be somewhere else in memory.
type index struct {
	slots  []*Call  // a power of two of them, half of them empty; clashes go into the next empty one
	hashes []uint32 // of the ids in the slots; 0 of an empty one
	n      int
	seed   maphash.Seed
}

func newIndex() index {
	return index{slots: make([]*Call, 16), hashes: make([]uint32, 16), seed: maphash.MakeSeed()}
}

func (x *index) hash(id string) uint32 { return max(1, uint32(maphash.String(x.seed, id))) }

// home is the slot in which a call would be if there were no clashes.
func (x *index) home(hash uint32) int { return int(hash) & (len(x.slots) - 1) }

func (x *index) next(slot int) int { return (slot + 1) & (len(x.slots) - 1) }

// slot is where a call is, or the empty slot where it would go.
func (x *index) slot(hash uint32, id string) int {
	i := x.home(hash)
	for x.hashes[i] != 0 && (x.hashes[i] != hash || x.slots[i].ID != id) {
		i = x.next(i)
	}
	return i
}

func (x *index) find(id string) *Call {
	i := x.slot(x.hash(id), id)
	if x.hashes[i] == 0 {
		return nil
	}
	return x.slots[i]
}

// put adds a call, in place of one with the same id.
func (x *index) put(c *Call) {
	hash := x.hash(c.ID)
	i := x.slot(hash, c.ID)
	if x.hashes[i] == 0 {
		x.n++
	}
	x.slots[i], x.hashes[i] = c, hash
	if 2*x.n > len(x.slots) {
		x.grow()
	}
}

func (x *index) grow() {
	old := *x
	x.slots, x.hashes = make([]*Call, 2*len(old.slots)), make([]uint32, 2*len(old.slots))
	for was, hash := range old.hashes {
		if hash != 0 {
			i := x.home(hash)
			for x.hashes[i] != 0 {
				i = x.next(i)
			}
			x.slots[i], x.hashes[i] = old.slots[was], hash
		}
	}
}

// remove takes a call out, if it is there, and moves those that would not be
// found any more behind the gap into it.
func (x *index) remove(id string) {
	gap := x.slot(x.hash(id), id)
	if x.hashes[gap] == 0 {
		return
	}
	x.n--
	for i := x.next(gap); x.hashes[i] != 0; i = x.next(i) {
		mask := len(x.slots) - 1
		if fromHome := (i - x.home(x.hashes[i])) & mask; fromHome >= (i-gap)&mask {
			x.slots[gap], x.hashes[gap], gap = x.slots[i], x.hashes[i], i
		}
	}
	x.slots[gap], x.hashes[gap] = nil, 0
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
