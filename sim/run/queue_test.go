package run

import (
	"testing"

	"ringback/sim"
)

// A queue that is as long as it gets takes and gives in turn without being
// copied each time, keeps the order, and gives its memory back when it is empty.
func TestQueue(t *testing.T) {
	const long = 1 << 16
	var q queue
	next, want := uint64(0), uint64(0)
	push := func() { next++; q.push(sim.Send{Delivery: next}) }
	pop := func() {
		want++
		if s, ok := q.pop(); !ok || s.Delivery != want {
			t.Fatalf("popped %d, %t; want %d", s.Delivery, ok, want)
		}
	}
	for range long {
		push()
	}
	moved, first := 0, &q.items[0]
	for range 4 * long {
		pop()
		push()
		if &q.items[0] != first || q.head == 0 {
			moved, first = moved+1, &q.items[0]
		}
	}
	if moved > 8 {
		t.Errorf("%d times copied in %d rounds", moved, 4*long)
	}
	for q.len() > 0 {
		pop()
	}
	if _, ok := q.pop(); ok || cap(q.items) > maxEmptyCap {
		t.Errorf("when it is empty there is room for %d", cap(q.items))
	}
}
