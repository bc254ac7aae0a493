package post

import (
	"context"
	"slices"
	"sync"
	"time"

	"ringback/sim/delivery"
)

// Connections is a pool that the senders of a run share. Some receivers serve only one
// connection or a few, and an idle one counts. So a sender takes any idle connection
// before it dials, and while a new one waits for its first answer none is kept idle
// beyond as many as the receiver is known to serve at once (see Serves).
//
// Connections is safe for concurrent use. Package load does not use it; its senders
// share nothing.
type Connections struct {
	options Options
	epoch   time.Time // of all its senders, since connections hold times

	mu      sync.Mutex
	idle    []idleConn
	busy    int           // connections that an attempt uses, or a probe
	waiting int           // those of them that are new and were not answered yet
	served  int           // connections that the receiver is known to serve at once
	slots   chan struct{} // one for each concurrent attempt; nil: no limit
	closed  bool
}

// idleConn is a connection that any sender may take.
type idleConn struct {
	*conn
	to *delivery.Endpoint // see sameReceiver
}

// NewConnections returns an empty pool.
func NewConnections(o *Options) *Connections {
	return &Connections{options: *o, epoch: time.Now()}
}

// Sender returns a sender that uses the pool.
func (cs *Connections) Sender() *Sender {
	s := New(&cs.options)
	s.shared, s.epoch = cs, cs.epoch
	return s
}

// Unshared returns a sender that keeps its connections to itself, so that each attempt
// finds an open one. If the number of connections is limited, it uses the pool.
func (cs *Connections) Unshared() *Sender {
	cs.mu.Lock()
	few := cs.slots != nil
	cs.mu.Unlock()
	if few {
		return cs.Sender()
	}
	return New(&cs.options)
}

// Close closes the idle connections. Later ones are not kept.
func (cs *Connections) Close() {
	cs.mu.Lock()
	cs.closed = true
	cs.mu.Unlock()
	cs.closeIdle()
}

func (cs *Connections) closeIdle() {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.keep(0)
}

// keep closes all idle connections but the n that were used last. The caller holds the
// lock.
func (cs *Connections) keep(n int) {
	over := max(0, len(cs.idle)-max(0, n))
	for _, c := range cs.idle[:over] {
		c.tcp.Close()
	}
	cs.idle = slices.Delete(cs.idle, 0, over)
}

// take removes and returns the most recently used idle connection to an endpoint, or
// nil.
func (cs *Connections) take(e *delivery.Endpoint) *conn {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for i, c := range slices.Backward(cs.idle) {
		if sameReceiver(c.to, e) {
			cs.idle = slices.Delete(cs.idle, i, i+1)
			cs.busy++
			return c.conn
		}
	}
	return nil
}

// put takes back the connection of an attempt, and keeps it for any sender. It returns
// false if the caller has to close it.
func (cs *Connections) put(c *conn, e *delivery.Endpoint) (ok bool) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.busy--
	if cs.waiting > 0 && cs.busy+len(cs.idle) >= cs.served || cs.closed {
		return false
	}
	cs.idle = append(cs.idle, idleConn{c, e})
	return true
}

// dropped notes that the connection of an attempt was closed, or that there is none.
func (cs *Connections) dropped() {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.busy--
}

// dialing notes that a new connection waits for its first answer.
func (cs *Connections) dialing() {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.busy++
	cs.waiting++
	cs.keep(cs.served - cs.busy) // one may have become idle meanwhile
}

// answered notes that a new connection was answered or failed.
func (cs *Connections) answered() {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.waiting--
}

// Limit allows at most n concurrent attempts from now on; others wait.
func (cs *Connections) Limit(n int) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.slots = make(chan struct{}, n)
}

// Serves says that the receiver serves n connections at once, idle ones counted, so that
// as many may be kept.
func (cs *Connections) Serves(n int) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.served = n
}

// enter waits for a slot if there is a limit. The error is the context's.
func (cs *Connections) enter(ctx context.Context) (leave func(), err error) {
	cs.mu.Lock()
	slots := cs.slots
	cs.mu.Unlock()
	if slots == nil {
		return func() {}, nil
	}
	select {
	case slots <- struct{}{}:
		return func() { <-slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Reserve makes room for a connection outside the pool, like a probe's. If there is a
// limit, it takes one of the slots and no connection of the pool is idle until release
// is called; alone is then true, and the caller must not keep its connection either.
// The error is the context's.
func (cs *Connections) Reserve(ctx context.Context) (release func(), alone bool, err error) {
	cs.mu.Lock()
	if alone = cs.slots != nil; !alone {
		defer cs.mu.Unlock()
		cs.busy++
		if cs.served > 0 {
			cs.keep(cs.served - cs.busy)
		}
		return cs.dropped, false, nil
	}
	cs.mu.Unlock()
	leave, err := cs.enter(ctx)
	if err != nil {
		return nil, true, err
	}
	cs.dialing()
	return func() { cs.answered(); cs.dropped(); leave() }, true, nil
}

// MeasureLimit measures how many connections a receiver serves while others are idle,
// and applies that limit. It sends a request, which should be one that was acknowledged
// before, over up to limit new connections, one after the other, and closes none until
// the end. It returns 0, and sets no limit, if all are answered, or if the first one is
// not.
func (cs *Connections) MeasureLimit(r *delivery.Request, limit int) int {
	cs.closeIdle()
	o := cs.options
	alone, took := cs.probe(&o, r, 1)
	if alone == 0 {
		return 0
	}
	// Some receivers serve a new connection only after an idle one times out, which
	// takes seconds. A slow receiver is as slow with a single connection.
	o.Timeout = min(New(&o).timeout, max(time.Second, 20*took))
	n, _ := cs.probe(&o, r, limit)
	if n == limit {
		cs.Serves(n)
	}
	if n == 0 || n == limit {
		return 0
	}
	again, _ := cs.probe(&o, r, limit)
	alone, _ = cs.probe(&o, r, 1)
	if again != n || alone == 0 {
		return 0 // not reproducible, so not a limit on connections
	}
	cs.Limit(n)
	return n
}

// probe makes an attempt on each of up to limit new connections until one is not
// answered, and then closes them all. It returns how many were answered, 0 if this
// machine cannot open as many, and how long the last answer took.
func (cs *Connections) probe(o *Options, r *delivery.Request, limit int) (n int, took time.Duration) {
	for ; n < limit; n++ {
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
