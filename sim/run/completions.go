package run

import (
	"cmp"
	"slices"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
)

// completion is an answer under Instant that waits until its simulated time is
// reached and nothing is in flight.
type completion struct {
	at     call.Instant
	job    sim.Send
	answer delivery.Answer
}

func (l *Loop) nextCompletion() (at call.Instant, ok bool) {
	if len(l.completions) == 0 {
		return 0, false
	}
	return slices.MinFunc(l.completions, func(a, b completion) int { return cmp.Compare(a.at, b.at) }).at, true
}

// complete applies the answers due by now, in the order of call, delivery and
// attempt.
func (l *Loop) complete(now call.Instant) {
	slices.SortFunc(l.completions, func(a, b completion) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.job.Call, b.job.Call),
			cmp.Compare(a.job.Delivery, b.job.Delivery), cmp.Compare(a.job.Attempt, b.job.Attempt))
	})
	n := 0
	for n < len(l.completions) && l.completions[n].at <= now && !l.stopped {
		l.applyAnswer(l.completions[n].at, l.completions[n].job, &l.completions[n].answer)
		n++
	}
	l.completions = slices.Delete(l.completions, 0, n)
}

// maxEmptyCap bounds the memory of an empty queue, so that it does not stay as large
// as it was under overload.
const maxEmptyCap = 4096

// queue is a first-in, first-out queue that reuses its memory.
type queue struct {
	items []sim.Send
	head  int
}

func (q *queue) len() int { return len(q.items) - q.head }

// first returns the next item without removing it. The queue must not be empty.
func (q *queue) first() *sim.Send { return &q.items[q.head] }

func (q *queue) push(s sim.Send) {
	if q.head > len(q.items)/2 && len(q.items) == cap(q.items) { // at most once per len/2 pushes, so that a push is O(1) on average
		n := copy(q.items, q.items[q.head:])
		q.items, q.head = q.items[:n], 0
	}
	q.items = append(q.items, s)
}

func (q *queue) pop() (sim.Send, bool) {
	if q.len() == 0 {
		return sim.Send{}, false
	}
	s := q.items[q.head]
	q.items[q.head] = sim.Send{}
	if q.head++; q.head == len(q.items) {
		if q.items, q.head = q.items[:0], 0; cap(q.items) > maxEmptyCap {
			q.items = nil
		}
	}
	return s, true
}
