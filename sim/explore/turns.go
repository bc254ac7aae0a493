package explore

import (
	"sync"
	"time"

	"ringback/sim"
	"ringback/sim/delivery"
	"ringback/sim/run"
)

// headStart is how long an attempt is under way before the next one of the
// same moment begins, unless it is answered earlier.
const headStart = 5 * time.Millisecond

// turns lets the attempts of an execution begin in the order in which the
// engine asked for them, so that a receiver gets callbacks of one moment in the
// same order each time, and is still busy with the first when the next comes,
// if it takes its time. Copies that a fault sends at once do go at once.
type turns struct {
	pool *pool

	mu     sync.Mutex
	moved  *sync.Cond
	asked  []*delivery.Request // not begun yet
	next   bool                // somebody whose turn it is waits for the one before
	before *delivery.Request   // the attempt that began last
	done   chan struct{}       // closed when that one is answered
	over   bool
}

func newTurns(p *pool) *turns {
	t := &turns{pool: p, done: make(chan struct{})}
	close(t.done)
	t.moved = sync.NewCond(&t.mu)
	return t
}

// ask notes the attempts that a step asks for.
func (t *turns) ask(step []sim.Effect) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range step {
		if s := step[i].Send; s != nil {
			t.asked = append(t.asked, s.Request)
		}
	}
	t.moved.Broadcast()
}

// begin waits for an attempt's turn. What it returns is to be closed when the
// attempt is answered.
func (t *turns) begin(r *delivery.Request) (done chan struct{}, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for !t.over && (t.next || len(t.asked) == 0 || t.asked[0] != r) {
		t.moved.Wait()
	}
	if t.over {
		return nil, false
	}
	t.asked = t.asked[1:]
	if t.before != r {
		t.letGo()
	}
	done = make(chan struct{})
	t.before, t.done = r, done
	t.moved.Broadcast()
	return done, true
}

// letGo gives the attempt before its head start. Nobody else begins meanwhile.
func (t *turns) letGo() {
	before := t.done
	t.next = true
	t.mu.Unlock()
	defer func() {
		t.mu.Lock()
		t.next = false
	}()
	select {
	case <-before:
		return
	default:
	}
	timer := time.NewTimer(headStart)
	defer timer.Stop()
	select {
	case <-before:
	case <-timer.C:
	}
}

func (t *turns) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over = true
	t.moved.Broadcast()
}

// sender is one worker's.
func (t *turns) sender() run.Sender { return &sender{turns: t, Sender: t.pool.take()} }

// sender makes attempts when their turn has come.
type sender struct {
	run.Sender
	turns *turns

	mu      sync.Mutex
	sending bool
	closed  bool
}

func (s *sender) Send(r *delivery.Request, t delivery.Transport, a *delivery.Answer) {
	done, ok := s.turns.begin(r)
	if !ok || !s.occupy(true) {
		*a = delivery.Answer{Failure: delivery.Stopped}
		return
	}
	s.Sender.Send(r, t, a)
	close(done)
	s.occupy(false)
}

// occupy notes whether an attempt is under way; ok is false if the sender is
// closed.
func (s *sender) occupy(sending bool) (ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sending = sending && !s.closed
	return !s.closed
}

// Close lays the sender aside with its connections for the next execution. One
// that is under way is interrupted, and of no more use.
func (s *sender) Close() {
	s.turns.stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
	case s.sending:
		s.Sender.Close()
	default:
		s.turns.pool.give(s.Sender)
	}
	s.closed = true
}

// pool keeps senders, and so their connections, from one execution to the next.
type pool struct {
	make func() run.Sender

	mu   sync.Mutex
	idle []run.Sender
}

func (p *pool) take() run.Sender {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.idle); n > 0 {
		s := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return s
	}
	return p.make()
}

func (p *pool) give(s run.Sender) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, s)
}

func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.idle {
		s.Close()
	}
	p.idle = nil
}
