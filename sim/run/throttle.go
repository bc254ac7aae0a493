package run

import (
	"bytes"
	"cmp"
	"math/bits"
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
// What the receiver takes is learned from its answers: for each command, since an end may
// take it a hundred times as long as an event; and what part of that is left for each of
// several at once, so that one that answers them side by side soon gets more. Attempts that
// fail teach nothing, so that whoever hangs in a crowd is still found.
//
// Set the field before the first Watch.
type Throttle struct {
	Timeout time.Duration // of an attempt

	mu     sync.Mutex
	begun  uint64        // attempts ever
	flying int           // attempts under way
	work   time.Duration // what the receiver takes for them, one after the other
	new    int           // of them, those of whose command no answer is known
	queue  []*place
	// alone is how long the latest answers took while no other attempt was under way, by
	// command.
	alone map[string]*recent[time.Duration]
	// parts are what part of the work under way the latest answers took, by how many
	// attempts that was of: 2 or 3, 4 to 7 and so on.
	parts [maxDoublings]recent[float64]
}

const maxDoublings = 12

// place is an attempt's among those under way.
type place struct {
	command string
	begins  chan struct{} // closed when it may; then the rest is known
	takes   time.Duration // what the receiver takes for it alone
	new     bool          // which is a guess
	nth     uint64        // of all attempts
	among   int           // how many are under way with it
	work    time.Duration // what these take, one after the other; 0: it is not known
}

// recent are the latest of several values.
type recent[T cmp.Ordered] struct {
	values []T
	next   int // the oldest
	median T
}

// How many answers a throttle goes by, and from how many on if there were others.
const (
	maxRecent = 32
	minRecent = 8
)

func (r *recent[T]) add(v T) {
	if len(r.values) < maxRecent {
		r.values = append(r.values, v)
	} else {
		r.values[r.next] = v
		r.next = (r.next + 1) % maxRecent
	}
	r.median = slices.Sorted(slices.Values(r.values))[len(r.values)/2]
}

// Watch makes senders whose attempts are few enough at once.
func (t *Throttle) Watch(newSender func() Sender) func() Sender {
	return func() Sender { return &throttled{Sender: newSender(), throttle: t, closed: make(chan struct{})} }
}

// AtOnce is how many attempts there may be at once, 1 or more, of the command for which the
// receiver takes longest, and how long it takes for each of them; 0 of both if nothing
// limits them.
func (t *Throttle) AtOnce() (n int, each time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	each = time.Duration(float64(t.longest()) * t.part())
	if each <= 0 {
		return 0, 0
	}
	if n = max(1, int(t.Timeout/4/each)); n == 1 && t.fit(2, 2*each) {
		n = 2
	}
	return n, each
}

// fit reports whether so many attempts may be under way, for which the receiver takes a
// time together. The most of the timeout is left to what else keeps it busy: a probe, and
// attempts that a fault gave up and that it goes on with. Two show whether it answers
// several at once: if there is time for a third.
func (t *Throttle) fit(n int, all time.Duration) bool {
	return n == 1 || all <= t.Timeout/4 || n == 2 && all+all/2 <= t.Timeout
}

// longest is what the receiver takes for the command for which it takes longest.
func (t *Throttle) longest() (d time.Duration) {
	for _, r := range t.alone {
		d = max(d, r.median)
	}
	return d
}

// part is what part of the time is left for each of several at once: 1 if the receiver
// answers one after the other. One that answers them side by side shows it only where
// there are many.
func (t *Throttle) part() float64 {
	part := 1.0
	for i := range t.parts {
		if r := &t.parts[i]; len(r.values) >= minRecent {
			part = min(part, r.median)
		}
	}
	return part
}

// enter waits for a place; there is none if the sender is closed before.
func (t *Throttle) enter(command string, closed <-chan struct{}) (p *place, ok bool) {
	p = &place{command: command, begins: make(chan struct{})}
	t.mu.Lock()
	t.queue = append(t.queue, p)
	t.admit()
	t.mu.Unlock()
	select {
	case <-p.begins:
		return p, true
	case <-closed:
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if i := slices.Index(t.queue, p); i >= 0 {
		t.queue = slices.Delete(t.queue, i, i+1)
		return p, false
	}
	return p, true
}

// admit lets in who has a place, in the order in which they came. What is known of no
// answer may take as long as anything.
func (t *Throttle) admit() {
	longest, part := t.longest(), t.part()
	for ; len(t.queue) > 0; t.queue = t.queue[1:] {
		p := t.queue[0]
		known := t.alone[p.command]
		if p.takes = longest; known != nil {
			p.takes = known.median
		}
		if !t.fit(t.flying+1, time.Duration(float64(t.work+p.takes)*part)) {
			return
		}
		if p.new = known == nil; p.new {
			t.new++
		}
		t.flying++
		t.begun++
		t.work += p.takes
		p.nth = t.begun
		if p.among = t.flying; t.new == 0 {
			p.work = t.work
		}
		close(p.begins)
	}
}

// leave takes in what an attempt came to.
func (t *Throttle) leave(p *place, of delivery.Transport, a *delivery.Answer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.flying--
	t.work -= p.takes
	if p.new {
		t.new--
	}
	if of.Plain() && a.Status != 0 && !delivery.Busy(a.Status) {
		t.learn(p, a.Took)
	}
	t.admit()
}

func (t *Throttle) learn(p *place, took time.Duration) {
	switch {
	case p.among == 1 && p.nth < t.begun: // another one began, and perhaps overtook it
	case p.among == 1:
		if t.alone == nil {
			t.alone = map[string]*recent[time.Duration]{}
		}
		if t.alone[p.command] == nil {
			t.alone[p.command] = new(recent[time.Duration])
		}
		t.alone[p.command].add(took)
	case p.work > 0 && p.takes*time.Duration(p.among) >= p.work: // else it tells how much was left of those before it
		t.parts[min(bits.Len(uint(p.among)), maxDoublings)-1].add(float64(took) / float64(p.work))
	}
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
	p, ok := s.throttle.enter(command(r), s.closed)
	if !ok {
		*a = delivery.Answer{Failure: delivery.Stopped}
		return
	}
	defer func() { s.throttle.leave(p, t, a) }()
	s.Sender.Send(r, t, a)
}

// command is the callback word or command of a request, "" if it has none.
func command(r *delivery.Request) string {
	_, query, _ := bytes.Cut(r.Target(), []byte("?"))
	for pair := range bytes.SplitSeq(query, []byte("&")) {
		if name, value, _ := bytes.Cut(pair, []byte("=")); string(name) == "command" || string(name) == "CallbackCommand" {
			return string(value)
		}
	}
	return ""
}
