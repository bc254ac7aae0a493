package run

import (
	"cmp"
	"slices"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
)

// landing is an answer under Instant, on hold until its simulated time has
// come and nothing else is in flight.
type landing struct {
	at     call.Instant
	job    sim.Send
	answer delivery.Answer
}

func (l *Loop) nextLanding() (at call.Instant, ok bool) {
	if len(l.landed) == 0 {
		return 0, false
	}
	return slices.MinFunc(l.landed, func(a, b landing) int { return cmp.Compare(a.at, b.at) }).at, true
}

// touchDown applies the answers whose time has come by now, in the order of
// call, delivery and attempt.
func (l *Loop) touchDown(now call.Instant) {
	slices.SortFunc(l.landed, func(a, b landing) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.job.Call, b.job.Call),
			cmp.Compare(a.job.Delivery, b.job.Delivery), cmp.Compare(a.job.Attempt, b.job.Attempt))
	})
	n := 0
	for n < len(l.landed) && l.landed[n].at <= now && !l.stopped {
		l.answer(l.landed[n].at, l.landed[n].job, &l.landed[n].answer)
		n++
	}
	l.landed = slices.Delete(l.landed, 0, n)
}

// mostEmpty is for how many an empty queue has memory at most, so that a jam is
// not remembered for ever.
const mostEmpty = 4096

// queue is a first-in first-out list that reuses its memory.
type queue struct {
	items []sim.Send
	head  int
}

func (q *queue) len() int { return len(q.items) - q.head }

// first is the one that would be popped; there must be one.
func (q *queue) first() *sim.Send { return &q.items[q.head] }

func (q *queue) push(s sim.Send) {
	if q.head > len(q.items)/2 && len(q.items) == cap(q.items) { // else a long queue would be copied again and again
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
		if q.items, q.head = q.items[:0], 0; cap(q.items) > mostEmpty {
			q.items = nil
		}
	}
	return s, true
}
