package post

import (
	"context"
	"crypto/tls"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"ringback/sim/delivery"
)

// Options are shared by all senders of a run.
type Options struct {
	// Timeout bounds an attempt, dial and TLS included. Zero means 2 s.
	Timeout time.Duration
	// TLS is cloned for each host. Nil means the system's roots.
	TLS *tls.Config
	// Allow lists the networks, besides loopback, that endpoints which were
	// learned over the network may be in: --allow-net.
	Allow []netip.Prefix
	// Unseen is how long a connection may have been idle to be used again
	// without a look at its socket, which is a system call: for load. What a
	// receiver sends unasked within that time would be taken for the next answer.
	Unseen time.Duration
	// MaxHead and MaxBody cap an answer. Zero means 64 KiB.
	MaxHead, MaxBody int
}

// Sender makes attempts, one after the other, over connections that it owns
// and keeps: at most one for each of the receivers it used last. One made by
// [Connections.Sender] keeps none, but hands them to whoever needs one next. It
// is not safe for concurrent use, but for Close.
type Sender struct {
	timeout   time.Duration
	unseen    time.Duration
	tls       *tls.Config
	allow     []netip.Prefix
	newDialer func(Guard) dialer
	shared    *Connections // nil: it keeps its connections to itself

	// The sender's clock counts from epoch: cheaper than time.Now.
	epoch      time.Time
	start, end time.Duration // of the attempt

	reader       reader
	sent, toSend int  // bytes of the request
	again        bool // over a connection that had served before
	peers        []*peer

	ctx     context.Context // ends with Close
	cancel  context.CancelFunc
	stopped atomic.Bool
	mu      sync.Mutex
	conns   []*conn // open ones, for Close
}

// New makes a sender.
func New(o *Options) *Sender {
	s := &Sender{
		timeout: o.Timeout, unseen: o.Unseen, tls: o.TLS, allow: o.Allow,
		newDialer: newDialer,
		epoch:     time.Now(),
		reader:    reader{maxHead: o.MaxHead, maxBody: o.MaxBody},
	}
	if s.timeout <= 0 {
		s.timeout = delivery.DefaultTimeout
	}
	const kib = 1 << 10
	if s.reader.maxHead <= 0 {
		s.reader.maxHead = 64 * kib
	}
	if s.reader.maxBody <= 0 {
		s.reader.maxBody = 64 * kib
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

func (s *Sender) now() time.Duration { return time.Since(s.epoch) }

// Send makes one attempt and overwrites *a with what came of it. The body
// stays valid until the next Send.
func (s *Sender) Send(r *delivery.Request, t delivery.Transport, a *delivery.Answer) {
	*a = delivery.Answer{}
	if s.shared != nil { // waiting for a place is no part of the attempt
		leave, err := s.shared.enter(s.ctx)
		if err != nil {
			a.Failure = delivery.Stopped
			return
		}
		defer leave()
	}
	s.start = s.now()
	if err := s.attempt(r, t, a); err != nil {
		s.end = s.now()
		f := s.explain(err)
		a.Failure, a.Detail, a.Body = f.kind, f.detail, nil
	}
	a.Took = s.end - s.start
	if a.Connected && (t.HangUp || t.Reset) {
		s.letNotice()
	}
}

// Connect makes a connection to an endpoint, TLS included, and closes it: no
// request is sent. It overwrites *a with what came of it, as Send does.
func (s *Sender) Connect(e *delivery.Endpoint, a *delivery.Answer) {
	*a = delivery.Answer{}
	s.start, s.again, s.sent, s.toSend = s.now(), false, 0, 0
	c, err := s.dial(s.peer(e), a)
	if s.end = s.now(); err == nil {
		s.drop(c)
	} else {
		f := s.explain(err)
		a.Failure, a.Detail = f.kind, f.detail
	}
	a.Took = s.end - s.start
}

func (s *Sender) attempt(r *delivery.Request, t delivery.Transport, a *delivery.Answer) error {
	if s.stopped.Load() {
		return errStopped
	}
	s.sent, s.toSend = 0, len(r.Bytes())
	p := s.peer(r.Endpoint)
	if c := s.reuse(p); c != nil {
		s.again, a.Connected = true, true
		keep, err := s.exchange(c, r.Bytes(), t, a)
		p.note(c, err, s.reader.stage)
		dead := c.sent == 0 && isBroken(c.sendErr)
		s.settle(p, c, keep) // another sender may have it from here on
		if !dead {
			return err
		}
		*a = delivery.Answer{} // it was dead, and no byte left our hands
	}
	s.again = false
	if s.shared != nil {
		s.shared.dialing()
	}
	c, err := s.dial(p, a)
	if err != nil {
		s.answered()
		return err
	}
	keep, err := s.exchange(c, r.Bytes(), t, a)
	s.settle(p, c, keep)
	return err
}

// exchange makes the attempt over c, and reports whether it can be kept.
func (s *Sender) exchange(c *conn, request []byte, t delivery.Transport, a *delivery.Answer) (keep bool, err error) {
	keep, err = s.converse(c, request, t, a)
	s.end, s.sent = s.now(), c.sent
	s.answered()
	if err == nil && s.end-s.start > s.timeout {
		err = fail(delivery.TimedOut, "it was whole only after --timeout %v", s.timeout) // by how much is never twice the same
	}
	if c.sent < len(request) || err != nil || !t.Plain() || c.records != nil && c.records.more() {
		keep = false
	}
	return keep, err
}

// answered notes that an attempt over a new connection waits no more.
func (s *Sender) answered() {
	if s.shared != nil && !s.again {
		s.shared.answered()
	}
}

// noticing is how long a receiver has to notice that the sender is gone, before
// the retry comes: one that lost the answer to the network would wait longer.
const noticing = 2 * time.Millisecond

func (s *Sender) letNotice() {
	timer := time.NewTimer(noticing)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.ctx.Done():
	}
}

// converse sends the request and reads the answer.
func (s *Sender) converse(c *conn, request []byte, t delivery.Transport, a *delivery.Answer) (keep bool, err error) {
	s.reader.src, s.reader.stage = c, sending
	c.sent, c.sendErr = 0, nil
	if t.Plain() {
		c.send(request)
	} else if err := s.maim(c, request, t); err != nil {
		return false, err
	}
	if OwnFault(c.sendErr) != nil { // there is no answer to wait for
		return false, c.sendErr
	}
	keep, err = s.reader.read(a)
	if isEnd(err) && c.sendErr != nil && s.reader.stage == awaiting {
		err = c.sendErr // it says more
	}
	return keep, err
}

// arm sets the deadline of a connection, but not anew for each attempt: it may
// be a little late, and what comes in between is judged by the clock.
func (s *Sender) arm(c *conn) error {
	end, slack := s.start+s.timeout, s.timeout/64
	if end <= c.deadline && c.deadline <= end+slack {
		return nil
	}
	c.deadline = end + slack
	return c.tcp.SetDeadline(s.epoch.Add(c.deadline))
}

// open notes a connection for Close.
func (s *Sender) open(c *conn) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped.Load() {
		c.tcp.Close()
		return errStopped
	}
	s.conns = append(s.conns, c)
	return nil
}

// drop closes a connection, if there is one.
func (s *Sender) drop(c *conn) {
	if c == nil {
		return
	}
	c.tcp.Close()
	s.forget(c)
}

// forget leaves a connection to others.
func (s *Sender) forget(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.conns, c); i >= 0 {
		s.conns = slices.Delete(s.conns, i, i+1)
	}
}

// Close ends the sender: a running attempt is interrupted and fails as
// Stopped, and so do later ones. It may be called from any goroutine, and
// more than once.
func (s *Sender) Close() {
	s.stopped.Store(true)
	s.cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		c.tcp.Close()
	}
	s.conns = nil
}

var errStopped = errors.New("stopped")
