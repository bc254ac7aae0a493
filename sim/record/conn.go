package record

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"ringback/sim/delivery"
	"ringback/sim/post"
	"ringback/sim/recording"
)

// bufferSize is how much is read, recorded and passed on at a time.
const bufferSize = 16 << 10

// How long a connection lives that only one side has closed, and how long a side may take
// nothing before it counts as dead.
const (
	linger = 60 * time.Second
	stuck  = 2 * time.Minute
)

// conn is a connection from the near side and the one to the far side that belongs to it:
// each is closed when the other is, and keeps its order of requests.
//
// Two goroutines serve it: run reads the near side, and back, which begins when the first
// bytes come, makes the connection to the far side and reads that.
type conn struct {
	*tape
	near    *side
	dialer  *dialer
	refused func(error)

	ctx    context.Context // of the attempt to connect
	cancel context.CancelFunc
	ready  chan struct{} // closed once that has ended
	ended  chan struct{} // closed once nothing comes from the far side any more

	far      atomic.Pointer[side] // nil: not there yet, or never
	sending  sync.Mutex           // what goes there
	waiting  []byte               // what came meanwhile
	dead     bool                 // it takes nothing more
	fresh    time.Time            // when its deadline was set
	stopping atomic.Bool
	passing  atomic.Bool // an answer that is recorded is not passed on yet
}

func newConn(near *side, d *dialer, t *tape) *conn {
	c := &conn{tape: t, near: near, dialer: d, ready: make(chan struct{}), ended: make(chan struct{})}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.out.answers = true
	return c
}

// run passes on what the near side sends until it closes.
func (c *conn) run() {
	defer c.drop()
	buf := make([]byte, bufferSize)
	begun := false
	for {
		n, err := c.near.read(buf)
		if n > 0 {
			if !begun && c.dialer.ours(c.near) {
				c.refused(ErrCircle)
				return
			}
			c.asks(buf[:n])
			if !begun {
				begun = true
				go c.back()
			}
			c.send(buf[:n])
		}
		if err != nil {
			if !begun && c.near.unsafe(err) {
				c.refused(err)
			}
			c.nearEnds(endingOf(err), begun)
			return
		}
	}
}

// drop closes both sides at once.
func (c *conn) drop() {
	c.cancel()
	c.near.drop()
	if far := c.far.Load(); far != nil {
		far.drop()
	}
}

// send passes on to the far side, or keeps it until that is there.
func (c *conn) send(b []byte) {
	c.sending.Lock()
	if c.far.Load() == nil && !c.dead && len(c.waiting) > recording.MaxBody {
		c.sending.Unlock()
		<-c.ready
		c.sending.Lock()
	}
	defer c.sending.Unlock()
	switch {
	case c.dead:
	case c.far.Load() == nil:
		c.waiting = append(c.waiting, b...)
	default:
		c.write(b)
	}
}

// write writes to the far side. What is wrong with it, its other direction says.
func (c *conn) write(b []byte) {
	far := c.far.Load()
	if now := time.Now(); now.Sub(c.fresh) > stuck/2 {
		c.fresh = now
		_ = far.SetWriteDeadline(now.Add(stuck))
	}
	if _, err := far.Write(b); err != nil {
		c.dead = true
		if endingOf(err) == timedOut {
			far.reset()
			c.near.reset()
		}
	}
}

// back makes the connection to the far side, and passes on what comes from it.
func (c *conn) back() {
	defer close(c.ended)
	far, handshake, err := c.dialer.dial(c.ctx)
	c.sending.Lock()
	if err == nil {
		c.far.Store(far)
		if len(c.waiting) > 0 {
			c.passed()
			c.write(c.waiting)
		}
	} else {
		c.dead = true
	}
	c.waiting = nil
	c.sending.Unlock()
	close(c.ready)
	if err != nil {
		c.unreachable(handshake, err)
		return
	}
	defer c.dialer.over(far)
	buf := make([]byte, bufferSize)
	var fresh time.Time // when the near side's deadline was set
	for {
		n, err := far.read(buf)
		if n > 0 {
			c.passing.Store(true)
			c.answers(buf[:n])
			if now := time.Now(); now.Sub(fresh) > stuck/2 {
				fresh = now
				_ = c.near.SetWriteDeadline(now.Add(stuck))
			}
			if _, err := c.near.Write(buf[:n]); err != nil {
				far.reset() // as the client did
				c.near.reset()
				c.end(recording.Aborted, "")
				return
			}
			c.passing.Store(false)
		}
		if err != nil {
			c.farEnds(err)
			return
		}
		if c.stopping.Load() && c.idle() {
			c.near.finish()
			_ = c.near.SetReadDeadline(time.Now().Add(time.Second))
		}
	}
}

// unreachable ends what waits for a far side that is not there.
func (c *conn) unreachable(handshake bool, err error) {
	if c.ctx.Err() == nil { // else the near side is gone already
		kind, detail := post.Explain(err, handshake)
		c.noMore(false, kind, detail)
	}
	c.finishNear()
}

// finishNear closes the near side, once the client has had the time to see what came.
func (c *conn) finishNear() {
	c.near.finish()
	_ = c.near.SetReadDeadline(time.Now().Add(linger))
}

// nearEnds passes on that the near side has closed.
func (c *conn) nearEnds(how ending, begun bool) {
	open := false
	if how != ours && how != timedOut {
		open = c.end(recording.Aborted, "")
	}
	if !begun {
		return
	}
	if !open || how != finished {
		c.cancel() // no one waits for a connection
	}
	<-c.ready
	far := c.far.Load()
	switch {
	case far == nil:
	case how == wasReset:
		far.reset()
	case open && how == finished: // a client may close its half, and still read
		far.finish()
		_ = far.SetReadDeadline(time.Now().Add(linger))
	default:
		far.finish()
		far.drop()
	}
	<-c.ended
}

// farEnds passes on that the far side has closed.
func (c *conn) farEnds(err error) {
	how := endingOf(err)
	kind, detail := delivery.Closed, "before an answer"
	switch how {
	case wasReset:
		kind = delivery.Reset
	case alerted:
		kind, detail = post.Explain(err, true)
	case ours, timedOut:
		kind, detail = delivery.Stopped, ""
	}
	inAnswer, open := c.noMore(how == finished, kind, detail)
	switch how {
	case wasReset:
		c.near.reset()
	case cutOff:
		if c.near.secure == nil && inAnswer && open { // plain HTTP would take what came for the whole
			c.near.reset()
		}
		c.near.shut()
	}
	c.finishNear()
}

// stopSoon closes the connection once nothing is under way on it.
func (c *conn) stopSoon() {
	c.stopping.Store(true)
	if c.idle() && !c.passing.Load() { // in this order: what is recorded is on its way
		c.drop()
	}
}

// stop closes it now.
func (c *conn) stop() {
	c.end(recording.Failed(delivery.Stopped), "")
	c.drop()
}
