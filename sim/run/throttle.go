package run

import (
	"slices"
	"sync"
	"time"

	"ringback/sim/delivery"
)

// Throttle makes no more attempts at once than a receiver that answers one after the
// other answers in time. Else those at the end of a crowd would wait for --timeout
// behind the others, however good the receiver. The others wait before they
// begin, so that what is measured is the receiver's time alone.
//
// How long the receiver takes is learned from the answers: one that answers several at
// once soon gets more. Attempts that fail teach nothing, so that whoever hangs in a crowd
// is still found.
//
// Set the field before the first Watch.
type Throttle struct {
	Timeout time.Duration // of an attempt

	mu     sync.Mutex
	flying int
	queue  []chan int      // each gets, when it is its turn, how many attempts are then under way
	each   []time.Duration // what one of the latest answers took, of those that came at once
	next   int             // of these, the oldest
}

// taught is how many of the latest answers a throttle goes by.
const taught = 32

// Watch makes senders whose attempts are few enough at once.
func (t *Throttle) Watch(newSender func() Sender) func() Sender {
	return func() Sender { return &throttled{newSender(), t, make(chan struct{})} }
}

// AtOnce is how many attempts there may be at once, 1 or more, and how long the
// receiver takes for each of them; 0 of both if nothing limits them.
func (t *Throttle) AtOnce() (n int, each time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.atOnce()
}

// atOnce leaves half of the timeout to what else keeps the receiver busy.
func (t *Throttle) atOnce() (n int, each time.Duration) {
	if len(t.each) == 0 {
		return 0, 0
	}
	if each = slices.Sorted(slices.Values(t.each))[len(t.each)/2]; each <= 0 {
		return 0, 0
	}
	return max(1, int(t.Timeout/2/each)), each
}

// enter waits for a place, and returns how many attempts are under way then; 0 if
// the sender is closed before.
func (t *Throttle) enter(closed <-chan struct{}) (flying int) {
	t.mu.Lock()
	turn := make(chan int, 1)
	t.queue = append(t.queue, turn)
	t.admit()
	t.mu.Unlock()
	select {
	case flying = <-turn:
		return flying
	case <-closed:
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if i := slices.Index(t.queue, turn); i >= 0 {
		t.queue = slices.Delete(t.queue, i, i+1)
		return 0
	}
	return <-turn
}

// admit lets in whoever has a place, in the order in which they came.
func (t *Throttle) admit() {
	for n, _ := t.atOnce(); len(t.queue) > 0 && (n == 0 || t.flying < n); {
		t.flying++
		t.queue[0] <- t.flying
		t.queue = t.queue[1:]
	}
}

// leave takes in what an attempt came to that began as one of so many.
func (t *Throttle) leave(among int, of delivery.Transport, a *delivery.Answer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.flying--
	if of.Plain() && a.Status != 0 {
		each := a.Took / time.Duration(among)
		if len(t.each) < taught {
			t.each = append(t.each, each)
		} else {
			t.each[t.next] = each
			t.next = (t.next + 1) % taught
		}
	}
	t.admit()
}

type throttled struct {
	Sender
	throttle *Throttle
	closed   chan struct{}
}

func (s *throttled) Close() {
	close(s.closed)
	s.Sender.Close()
}

func (s *throttled) Send(r *delivery.Request, t delivery.Transport, a *delivery.Answer) {
	among := s.throttle.enter(s.closed)
	if among == 0 {
		*a = delivery.Answer{Failure: delivery.Stopped}
		return
	}
	defer func() { s.throttle.leave(among, t, a) }()
	s.Sender.Send(r, t, a)
}
