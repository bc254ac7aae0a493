package record

import (
	"cmp"
	"context"
	"crypto/tls"
	"net"
	"sync"
	"time"

	"ringback/sim/post"
)

// Config is what a proxy needs.
type Config struct {
	Address string      // host and port of the far side
	TLS     *tls.Config // of the far side; nil: it speaks plain HTTP
	Serve   *tls.Config // of the near side; nil: plain HTTP
	File    *File

	// Seen is told of each exchange that has an end, in any order; it may be nil. It is
	// called by one goroutine at a time and must not block.
	Seen func(*Seen)

	// Refused is told of a connection of which nothing is recorded, since its TLS handshake
	// failed or it comes from the proxy itself; it may be nil. It may be called by several
	// goroutines at once.
	Refused func(source string, err error)

	// Grace is how long exchanges may take to end once the proxy is to stop; 0 means 5 s.
	Grace time.Duration
}

// Proxy passes on what comes, and writes it down before.
type Proxy struct {
	Config
	dialer dialer

	mu    sync.Mutex
	conns map[*conn]bool
	made  int64
	wg    sync.WaitGroup

	seen sync.Mutex
}

// New makes a proxy.
func New(c Config) *Proxy {
	p := &Proxy{Config: c, dialer: dialer{Dialer: *post.Guard{}.Dialer(), address: c.Address}, conns: map[*conn]bool{}}
	if c.TLS != nil {
		host, _, _ := net.SplitHostPort(c.Address)
		p.dialer.config = post.TLSConfig(c.TLS, host)
	}
	return p
}

// Serve takes connections until the context ends. Exchanges that are under way then have
// a few seconds to end. The error is the listener's.
func (p *Proxy) Serve(ctx context.Context, l net.Listener) error {
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	var err error
	for {
		var nc net.Conn
		if nc, err = l.Accept(); err != nil {
			break
		}
		c := p.accept(nc)
		p.wg.Go(func() {
			defer p.forget(c)
			c.run()
		})
	}
	if ctx.Err() != nil {
		err = nil
	}
	p.drain()
	return err
}

func (p *Proxy) accept(nc net.Conn) *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.made++
	c := newConn(near(nc, p.Config.Serve), &p.dialer, &tape{file: p.File, tell: p.tell, conn: p.made, source: nc.RemoteAddr().String()})
	c.refused = func(err error) {
		if p.Refused != nil {
			p.Refused(c.source, err)
		}
	}
	p.conns[c] = true
	return c
}

func (p *Proxy) forget(c *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, c)
}

// drain ends what is open: at once what waits for nothing, the rest after a while.
func (p *Proxy) drain() {
	all := func(end func(*conn)) {
		p.mu.Lock()
		defer p.mu.Unlock()
		for c := range p.conns {
			end(c)
		}
	}
	all((*conn).stopSoon)
	late := time.AfterFunc(cmp.Or(p.Grace, 5*time.Second), func() { all((*conn).stop) })
	defer late.Stop()
	p.wg.Wait()
}

func (p *Proxy) tell(s *Seen) {
	if p.Seen == nil {
		return
	}
	p.seen.Lock()
	defer p.seen.Unlock()
	p.Seen(s)
}
