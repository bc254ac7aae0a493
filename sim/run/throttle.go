package run

import (
	"math"
	"math/bits"
	"net/http"
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
	queue  []chan int // each gets, when it is its turn, how many attempts are then under way
	// took are the latest answers' times, each divided by how many attempts were under
	// way when it began: 1, 2 or 3, 4 to 7 and so on.
	took [maxDoublings]recent
}

const maxDoublings = 12

// recent are the latest of several times.
type recent struct {
	times  []time.Duration
	next   int // the oldest
	median time.Duration
}

// How many answers a throttle goes by, of those that were under way with so many others,
// and from how many on if there were others.
const (
	maxRecent = 32
	minRecent = 8
)

func (r *recent) add(d time.Duration) {
	if len(r.times) < maxRecent {
		r.times = append(r.times, d)
	} else {
		r.times[r.next] = d
		r.next = (r.next + 1) % maxRecent
	}
	r.median = slices.Sorted(slices.Values(r.times))[len(r.times)/2]
}

// Watch makes senders whose attempts are few enough at once.
func (t *Throttle) Watch(newSender func() Sender) func() Sender {
	return func() Sender { return &throttled{Sender: newSender(), throttle: t, closed: make(chan struct{})} }
}

// AtOnce is how many attempts there may be at once, 1 or more, and how long the
// receiver takes for each of them; 0 of both if nothing limits them.
func (t *Throttle) AtOnce() (n int, each time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.atOnce()
}

// atOnce leaves the most of the timeout to what else keeps the receiver busy: a probe, and
// attempts that a fault gave up and that it goes on with. Two show whether it answers
// several at once.
func (t *Throttle) atOnce() (n int, each time.Duration) {
	each = math.MaxInt64
	for i := range t.took { // one that answers several at once shows it only there
		if r := &t.took[i]; len(r.times) >= minRecent || i == 0 && len(r.times) > 0 {
			each = min(each, r.median)
		}
	}
	if each <= 0 || each == math.MaxInt64 {
		return 0, 0
	}
	switch quarter := t.Timeout / 4; {
	case each <= quarter:
		return max(2, int(quarter/each)), each
	case 3*each <= t.Timeout: // with a probe beside them; and only two can show that they are answered at once
		return 2, each
	}
	return 1, each
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
	if of.Plain() && a.Status != 0 && a.Status != http.StatusServiceUnavailable && a.Status != http.StatusTooManyRequests {
		t.took[min(bits.Len(uint(among)), maxDoublings)-1].add(a.Took / time.Duration(among))
	}
	t.admit()
}

type throttled struct {
	Sender
	throttle *Throttle
	closed   chan struct{}
	once     sync.Once
}

func (s *throttled) Close() {
	s.once.Do(func() { close(s.closed) })
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
