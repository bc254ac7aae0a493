package explore

import (
	"sync"

	"ringback/sim/delivery"
	"ringback/sim/run"
)

// pool keeps senders, with their connections, from one execution to the next.
type pool struct {
	make func() run.Sender

	mu   sync.Mutex
	idle []run.Sender
}

// sender returns a sender for one worker of one execution.
func (p *pool) sender() run.Sender { return &pooledSender{pool: p, Sender: p.get()} }

func (p *pool) get() run.Sender {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.idle); n > 0 {
		s := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return s
	}
	return p.make()
}

func (p *pool) put(s run.Sender) {
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

// pooledSender is returned to the pool when it is closed, with its connections.
type pooledSender struct {
	run.Sender
	pool *pool

	mu      sync.Mutex
	sending bool
	closed  bool
}

// Send makes an attempt.
func (s *pooledSender) Send(r *delivery.Request, t delivery.Transport, a *delivery.Answer) {
	if !s.setBusy(true) {
		*a = delivery.Answer{Failure: delivery.Stopped}
		return
	}
	s.Sender.Send(r, t, a)
	s.setBusy(false)
}

// setBusy notes whether an attempt is under way; ok is false if the sender is closed.
func (s *pooledSender) setBusy(sending bool) (ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sending = sending && !s.closed
	return !s.closed
}

// Close returns the sender to the pool. One with an attempt under way is closed instead,
// which interrupts it.
func (s *pooledSender) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
	case s.sending:
		s.Sender.Close()
	default:
		s.pool.put(s.Sender)
	}
	s.closed = true
}
