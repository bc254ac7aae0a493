package post

import (
	"context"
	"slices"
	"sync"
	"time"

	"ringback/sim/delivery"
)

// Connections are shared by the senders of a run, so that no idle connection
// of one keeps a receiver from serving another: there are receivers that serve
// only one connection, or a few, and a kept one counts. Two rules see to that.
// A sender takes any idle connection before it dials, and none is kept while
// another one waits for its first answer.
//
// It is safe for concurrent use. Load does without: its senders share nothing.
type Connections struct {
	options Options
	epoch   time.Time // of all the senders, since connections carry times

	mu      sync.Mutex
	idle    []idleConn
	waiting int           // new connections without an answer so far
	places  chan struct{} // for attempts at once; nil: as many as asked for
	closed  bool
}

// idleConn is a connection that any sender may take.
type idleConn struct {
	*conn
	to *delivery.Endpoint // only where it leads counts
}

// NewConnections makes what the senders of a run share.
func NewConnections(o *Options) *Connections {
	return &Connections{options: *o, epoch: time.Now()}
}

// Sender makes a sender that shares the connections.
func (cs *Connections) Sender() *Sender {
	s := New(&cs.options)
	s.shared, s.epoch = cs, cs.epoch
	return s
}

// Own makes a sender that keeps its connections to itself, so that each attempt finds
// one that is open. Where the number of connections is limited it shares them.
func (cs *Connections) Own() *Sender {
	cs.mu.Lock()
	few := cs.places != nil
	cs.mu.Unlock()
	if few {
		return cs.Sender()
	}
	return New(&cs.options)
}

// Close closes what is idle, and whatever would be kept later.
func (cs *Connections) Close() {
	cs.mu.Lock()
	cs.closed = true
	cs.mu.Unlock()
	cs.closeIdle()
}

func (cs *Connections) closeIdle() {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.drop()
}

// drop closes what is idle.
func (cs *Connections) drop() {
	for _, c := range cs.idle {
		c.tcp.Close()
	}
	cs.idle = nil
}

// take returns an idle connection to an endpoint, the one used last, or nil.
func (cs *Connections) take(e *delivery.Endpoint) *conn {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for i, c := range slices.Backward(cs.idle) {
		if leadTogether(c.to, e) {
			cs.idle = slices.Delete(cs.idle, i, i+1)
			return c.conn
		}
	}
	return nil
}

// put keeps a connection for any sender; ok is false if it is to be closed.
func (cs *Connections) put(c *conn, e *delivery.Endpoint) (ok bool) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.waiting > 0 || cs.closed {
		return false
	}
	cs.idle = append(cs.idle, idleConn{c, e})
	return true
}

// dialing notes that a new connection is to be answered.
func (cs *Connections) dialing() {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.waiting++
	cs.drop() // one may have become idle since the last look
}

// answered notes that a new connection waits no more.
func (cs *Connections) answered() {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.waiting--
}

// Limit allows only so many attempts at once from now on; the others wait for
// their turn.
func (cs *Connections) Limit(n int) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.places = make(chan struct{}, n)
}

// enter waits for a place if there are not many. The error is the context's.
func (cs *Connections) enter(ctx context.Context) (leave func(), err error) {
	cs.mu.Lock()
	places := cs.places
	cs.mu.Unlock()
	if places == nil {
		return func() {}, nil
	}
	select {
	case places <- struct{}{}:
		return func() { <-places }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Borrow makes room for a connection that is not ours, like a probe's. Where the
// number of connections is limited it takes one of the places, nothing of ours
// lies idle until it is given back, and alone is true: the borrower closes its
// connection too. The error is the context's.
func (cs *Connections) Borrow(ctx context.Context) (giveBack func(), alone bool, err error) {
	cs.mu.Lock()
	alone = cs.places != nil
	cs.mu.Unlock()
	if !alone {
		return func() {}, false, nil
	}
	leave, err := cs.enter(ctx)
	if err != nil {
		return nil, true, err
	}
	cs.dialing()
	return func() { cs.answered(); leave() }, true, nil
}

// Served finds out how many connections at once a receiver serves while the
// others are idle, and keeps to that from then on. It sends a request, which
// should be one that was acknowledged before, over one new connection after the
// other and closes none, up to a number of them. It returns 0 if all of them are
// answered, or if even the first is not, which says nothing of connections.
func (cs *Connections) Served(r *delivery.Request, most int) int {
	cs.closeIdle()
	o := cs.options
	alone, took := cs.row(&o, r, 1)
	if alone == 0 {
		return 0
	}
	// Some serve the next connection only when they have given up an idle one,
	// which takes seconds. One that is slow is as slow with a single connection.
	o.Timeout = min(New(&o).timeout, max(time.Second, 20*took))
	n, _ := cs.row(&o, r, most)
	if n == 0 || n == most {
		return 0
	}
	again, _ := cs.row(&o, r, most)
	alone, _ = cs.row(&o, r, 1)
	if again != n || alone == 0 {
		return 0 // it was something else
	}
	cs.Limit(n)
	return n
}

// row makes an attempt on one new connection after the other, up to a number of
// them, until one is not answered, and then closes them all. It returns how many
// were, 0 if this machine can't open as many, and how long the last answer took.
func (cs *Connections) row(o *Options, r *delivery.Request, most int) (n int, took time.Duration) {
	for ; n < most; n++ {
		s := New(o)
		defer s.Close()
		var a delivery.Answer
		switch s.Send(r, delivery.Transport{}, &a); a.Failure {
		case delivery.NoFailure:
		case delivery.OwnFault:
			return 0, took
		default:
			return n, took
		}
		took = a.Took
	}
	return n, took
}
