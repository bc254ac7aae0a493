package explore

import (
	"sync"

	"ringback/sim/delivery"
	"ringback/sim/run"
)

// pool keeps senders, and so their connections, from one execution to the next.
type pool struct {
	make func() run.Sender

	mu   sync.Mutex
	idle []run.Sender
}

// sender is one worker's, for one execution.
func (p *pool) sender() run.Sender { return &sender{pool: p, Sender: p.take()} }

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

// sender is a sender that is laid aside with its connections when it is closed.
type sender struct {
	run.Sender
	pool *pool

	mu      sync.Mutex
	sending bool
	closed  bool
}

// Send makes an attempt.
func (s *sender) Send(r *delivery.Request, t delivery.Transport, a *delivery.Answer) {
	if !s.occupy(true) {
		*a = delivery.Answer{Failure: delivery.Stopped}
		return
	}
	s.Sender.Send(r, t, a)
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

// Close lays the sender aside. One that is under way is interrupted, and of no
// more use.
func (s *sender) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
	case s.sending:
		s.Sender.Close()
	default:
		s.pool.give(s.Sender)
	}
	s.closed = true
}
