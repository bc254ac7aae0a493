package traffic

import "ringback/sim/call"

// manyPeople is from how many people on a partition no longer has room for each.
const manyPeople = 1 << 16

// memo keeps what was worked out about people, who would come out the same
// again: of each of them, or if they are many of the latest.
type memo[T any] struct {
	all    []T
	latest map[int32]T
	most   int // of the latest
}

// newMemo makes one for people of whom each turns up again and again, or for
// strangers, most of whom turn up once.
func newMemo[T any](people int, strangers bool) memo[T] {
	switch {
	case people <= manyPeople:
		return memo[T]{all: make([]T, people)}
	case strangers:
		return memo[T]{latest: map[int32]T{}, most: manyPeople / 32}
	}
	return memo[T]{latest: map[int32]T{}, most: manyPeople}
}

func (m *memo[T]) get(i int32) T {
	if m.latest != nil {
		return m.latest[i]
	}
	return m.all[i]
}

func (m *memo[T]) put(i int32, v T) {
	if m.latest == nil {
		m.all[i] = v
		return
	}
	if len(m.latest) >= m.most {
		clear(m.latest)
	}
	m.latest[i] = v
}

// engaged knows until when people are in a call.
type engaged struct {
	all   []call.Instant
	some  map[int32]call.Instant // those who are in one, and some who were
	sweep int                    // look for the latter when there are so many
}

func newEngaged(people int) engaged {
	if people > manyPeople {
		return engaged{some: map[int32]call.Instant{}, sweep: manyPeople}
	}
	return engaged{all: make([]call.Instant, people)}
}

func (e *engaged) until(i int32) call.Instant {
	if e.some != nil {
		return e.some[i]
	}
	return e.all[i]
}

func (e *engaged) set(i int32, until, now call.Instant) {
	if e.some == nil {
		e.all[i] = until
		return
	}
	if len(e.some) >= e.sweep {
		for j, t := range e.some {
			if t <= now {
				delete(e.some, j)
			}
		}
		e.sweep = 2*len(e.some) + manyPeople
	}
	e.some[i] = until
}
