// Package timers is a queue of what is due, in the order of its times. It knows no
// clock: who owns one asks for what is first.
//
//	q := timers.New(func(a, b alarm) bool { return a.id < b.id })
//	q.Push(at, alarm{id: 1})
//	for q.Len() > 0 {
//		if at, _ := q.First(); at > now {
//			break
//		}
//		at, a := q.Pop()
//	}
package timers

import "iter"

// Queue holds values, each of them due at a time: any number that grows with time.
// It is a heap of values, with no pointer to follow and nothing to allocate for one.
// Each has four others below it, side by side in memory, which makes the way through
// a million half as long as with two.
type Queue[T any] struct {
	before func(a, b T) bool
	heap   []item[T]
}

type item[T any] struct {
	at    int64
	value T
}

// New makes an empty queue. before reports whether a comes before b when both are
// due at the same time. Values of which neither comes first must be interchangeable.
func New[T any](before func(a, b T) bool) Queue[T] { return Queue[T]{before: before} }

// Len is how many values the queue holds.
func (q *Queue[T]) Len() int { return len(q.heap) }

// First is the first value, and when it is due. The queue must not be empty.
func (q *Queue[T]) First() (at int64, value T) { return q.heap[0].at, q.heap[0].value }

const fanout = 4

func (q *Queue[T]) less(a, b *item[T]) bool {
	return a.at < b.at || a.at == b.at && q.before(a.value, b.value)
}

// Push puts a value in.
func (q *Queue[T]) Push(at int64, value T) {
	in := item[T]{at, value}
	h := append(q.heap, in)
	i := len(h) - 1
	for i > 0 {
		up := (i - 1) / fanout
		if !q.less(&in, &h[up]) {
			break
		}
		h[i] = h[up]
		i = up
	}
	h[i] = in
	q.heap = h
}

// Pop takes the first value out. The queue must not be empty.
func (q *Queue[T]) Pop() (at int64, value T) {
	h := q.heap
	top, last := h[0], h[len(h)-1]
	h[len(h)-1] = item[T]{}
	h = h[:len(h)-1]
	q.heap = h
	i := 0
	for fanout*i+1 < len(h) {
		first := fanout*i + 1
		down := first
		for j := first + 1; j < min(first+fanout, len(h)); j++ {
			if q.less(&h[j], &h[down]) {
				down = j
			}
		}
		if !q.less(&h[down], &last) {
			break
		}
		h[i] = h[down]
		i = down
	}
	if len(h) > 0 {
		h[i] = last
	}
	return top.at, top.value
}

// Remove takes out the values of which drop says so. It looks at each.
func (q *Queue[T]) Remove(drop func(T) bool) {
	old := q.heap
	q.heap = make([]item[T], 0, len(old))
	for i := range old {
		if !drop(old[i].value) {
			q.Push(old[i].at, old[i].value)
		}
	}
}

// All are the values in their order. They stay in the queue.
func (q *Queue[T]) All() iter.Seq2[int64, T] {
	return func(yield func(int64, T) bool) {
		rest := Queue[T]{q.before, append([]item[T](nil), q.heap...)}
		for rest.Len() > 0 && yield(rest.Pop()) {
		}
	}
}
