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

// Options configure the senders of a run.
type Options struct {
	// Timeout bounds an attempt, dial and TLS included. Zero means 2 s.
	Timeout time.Duration
	// TLS is cloned for each host. Nil means a default configuration with the
	// system's roots.
	TLS *tls.Config
	// Allow lists the networks, besides loopback, that endpoints learned over the
	// network may be in (--allow-net).
	Allow []netip.Prefix
	// SkipCheck is how long a connection may have been idle to be reused without
	// checking its socket, which saves a system call under load. What a receiver
	// sends unrequested within that time is taken for the next answer.
	SkipCheck time.Duration
	// MaxHead and MaxBody are the maximum sizes of an answer's parts, in bytes. Zero
	// means [DefaultMaxPart].
	MaxHead, MaxBody int
}

// DefaultMaxPart is the maximum size of an answer's head, and of its body, in bytes, if
// [Options] does not say.
const DefaultMaxPart = 64 << 10

// Sender makes attempts, one at a time. It keeps at most one connection for each of the
// receivers that it used last; a sender of a [Connections] puts them into that pool
// instead. Only Close is safe for concurrent use.
type Sender struct {
	timeout   time.Duration
	maxIdle   time.Duration // of a connection that is used again
	skipCheck time.Duration
	tls       *tls.Config
	allow     []netip.Prefix
	newDialer func(Guard) dialer
	shared    *Connections // nil: the sender keeps its connections to itself

	// Times count from epoch, since time.Since is cheaper than time.Now.
	epoch      time.Time
	start, end time.Duration // of the attempt

	reader       reader
	sent, toSend int  // bytes of the request
	reused       bool // whether the connection was used before
	peers        []*peer

	ctx     context.Context // ends with Close
	cancel  context.CancelFunc
	stopped atomic.Bool
	mu      sync.Mutex
	conns   []*conn // open ones, for Close
}

// New returns a sender.
func New(o *Options) *Sender {
	s := &Sender{
		timeout: o.Timeout, maxIdle: maxIdle, skipCheck: o.SkipCheck, tls: o.TLS, allow: o.Allow,
		newDialer: newDialer,
		epoch:     time.Now(),
		reader:    reader{maxHead: o.MaxHead, maxBody: o.MaxBody},
	}
	if s.timeout <= 0 {
		s.timeout = delivery.DefaultTimeout
	}
	if s.reader.maxHead <= 0 {
		s.reader.maxHead = DefaultMaxPart
	}
	if s.reader.maxBody <= 0 {
		s.reader.maxBody = DefaultMaxPart
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// KeepHeads makes the sender keep the header lines of answers, for those who look at
// them.
func (s *Sender) KeepHeads() { s.reader.heads = true }

func (s *Sender) now() time.Duration { return time.Since(s.epoch) }

// Send makes one attempt and sets *a to its outcome. The body of the answer is valid
// until the next Send.
func (s *Sender) Send(r *delivery.Request, t delivery.Transport, a *delivery.Answer) {
	*a = delivery.Answer{}
	if s.shared != nil { // waiting for a slot does not count as part of the attempt
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
		s.waitForNotice()
	}
}

// Connect makes a connection to an endpoint, TLS included, and closes it without
// sending a request. It sets *a to the outcome, as Send does.
func (s *Sender) Connect(e *delivery.Endpoint, a *delivery.Answer) { s.drop(s.connect(e, a)) }

// connect makes a connection; nil if there is none.
func (s *Sender) connect(e *delivery.Endpoint, a *delivery.Answer) *conn {
	*a = delivery.Answer{}
	s.start, s.reused, s.sent, s.toSend = s.now(), false, 0, 0
	c, err := s.dial(s.peer(e), a)
	s.end = s.now()
	a.Took = s.end - s.start
	if err != nil {
		f := s.explain(err)
		a.Failure, a.Detail = f.kind, f.detail
		return nil
	}
	return c
}

func (s *Sender) attempt(r *delivery.Request, t delivery.Transport, a *delivery.Answer) error {
	if s.stopped.Load() {
		return errStopped
	}
	s.sent, s.toSend = 0, len(r.Bytes())
	p := s.peer(r.Endpoint)
	if c := s.reuse(p); c != nil {
		s.reused, a.Connected = true, true
		keep, err := s.exchange(c, r.Bytes(), t, a)
		p.learn(c, err, s.reader.stage)
		dead := c.sent == 0 && isBroken(c.sendErr)
		s.keepOrClose(p, c, keep) // from here on another sender may use it
		if !dead {
			return err
		}
		*a = delivery.Answer{} // the connection was dead, and no byte was sent
	}
	s.reused = false
	if s.shared != nil {
		s.shared.dialing()
	}
	c, err := s.dial(p, a)
	if err != nil {
		s.answered()
		s.dropped()
		return err
	}
	keep, err := s.exchange(c, r.Bytes(), t, a)
	s.keepOrClose(p, c, keep)
	return err
}

// exchange makes the attempt over c, and reports whether c can be kept.
func (s *Sender) exchange(c *conn, request []byte, t delivery.Transport, a *delivery.Answer) (keep bool, err error) {
	keep, err = s.roundTrip(c, request, t, a)
	s.end, s.sent = s.now(), c.sent
	s.answered()
	if err == nil && s.end-s.start > s.timeout {
		err = fail(delivery.TimedOut, "it was complete only after --timeout %v", s.timeout) // without the actual time, which differs from run to run
	}
	if c.sent < len(request) || err != nil || !t.Plain() || c.records != nil && c.records.more() {
		keep = false
	}
	return keep, err
}

// answered notes that an attempt over a new connection was answered or failed.
func (s *Sender) answered() {
	if s.shared != nil && !s.reused {
		s.shared.answered()
	}
}

// dropped notes that the attempt has no connection any more.
func (s *Sender) dropped() {
	if s.shared != nil {
		s.shared.dropped()
	}
}

// noticeDelay is the time that a receiver has to notice that a connection was closed by
// a fault, before the retry comes. A real sender, which lost the answer in the network,
// would wait longer.
const noticeDelay = 2 * time.Millisecond

func (s *Sender) waitForNotice() {
	timer := time.NewTimer(noticeDelay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.ctx.Done():
	}
}

// roundTrip sends the request and reads the answer.
func (s *Sender) roundTrip(c *conn, request []byte, t delivery.Transport, a *delivery.Answer) (keep bool, err error) {
	s.reader.src, s.reader.stage = c, sending
	c.sent, c.sendErr = 0, nil
	if t.Plain() {
		c.send(request)
	} else if err := s.sendFaulty(c, request, t); err != nil {
		return false, err
	}
	if OwnFault(c.sendErr) != nil { // there will be no answer
		return false, c.sendErr
	}
	keep, err = s.reader.read(a)
	if isEnd(err) && c.sendErr != nil && s.reader.stage == awaiting {
		err = c.sendErr // the cause
	}
	return keep, err
}

// setDeadline sets the deadline of a connection. To save the cost for most attempts it
// may be up to 1/64 of the timeout late; exchange checks the exact time.
func (s *Sender) setDeadline(c *conn) error {
	end, slack := s.start+s.timeout, s.timeout/64
	if end <= c.deadline && c.deadline <= end+slack {
		return nil
	}
	c.deadline = end + slack
	return c.tcp.SetDeadline(s.epoch.Add(c.deadline))
}

// register makes Close close a connection.
func (s *Sender) register(c *conn) error {
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
	s.unregister(c)
}

// unregister undoes register.
func (s *Sender) unregister(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.conns, c); i >= 0 {
		s.conns = slices.Delete(s.conns, i, i+1)
	}
}

// Close ends the sender. An attempt in progress, and each later one, fails as
// [delivery.Stopped]. Close may be called from any goroutine, and more than once.
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
