package traffic

import "ringback/sim/call"

// maxDense is the largest number of people for whom a partition keeps an array
// rather than a map.
const maxDense = 1 << 16

// cache keeps values derived from the seed, by person: for all people, or if
// there are more than maxDense for the latest. An evicted value is derived again.
type cache[T any] struct {
	dense     []T
	latest    map[int32]T
	maxLatest int // the size at which latest is cleared
}

// newCache returns a cache for a number of people. If they are strangers, most
// of them are looked up only once, and a large cache would not pay.
func newCache[T any](people int, strangers bool) cache[T] {
	switch {
	case people <= maxDense:
		return cache[T]{dense: make([]T, people)}
	case strangers:
		return cache[T]{latest: map[int32]T{}, maxLatest: maxDense / 32}
	}
	return cache[T]{latest: map[int32]T{}, maxLatest: maxDense}
}

func (m *cache[T]) get(i int32) T {
	if m.latest != nil {
		return m.latest[i]
	}
	return m.dense[i]
}

func (m *cache[T]) put(i int32, v T) {
	if m.latest == nil {
		m.dense[i] = v
		return
	}
	if len(m.latest) >= m.maxLatest {
		clear(m.latest)
	}
	m.latest[i] = v
}

// busyTimes records until when people are in a call.
type busyTimes struct {
	dense   []call.Instant
	sparse  map[int32]call.Instant // those who are in a call, and some who were
	sweepAt int                    // the size of sparse at which the latter are removed
}

func newBusyTimes(people int) busyTimes {
	if people > maxDense {
		return busyTimes{sparse: map[int32]call.Instant{}, sweepAt: maxDense}
	}
	return busyTimes{dense: make([]call.Instant, people)}
}

func (e *busyTimes) until(i int32) call.Instant {
	if e.sparse != nil {
		return e.sparse[i]
	}
	return e.dense[i]
}

func (e *busyTimes) set(i int32, until, now call.Instant) {
	if e.sparse == nil {
		e.dense[i] = until
		return
	}
	if len(e.sparse) >= e.sweepAt {
		for j, t := range e.sparse {
			if t <= now {
				delete(e.sparse, j)
			}
		}
		e.sweepAt = 2*len(e.sparse) + maxDense
	}
	e.sparse[i] = until
}
