package record

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
)

// side is a connection to one of the two.
type side struct {
	net.Conn
	tcp    *net.TCPConn
	secure *tls.Conn // nil: plain
	taps   *tap      // below TLS
}

func near(nc net.Conn, config *tls.Config) *side {
	tcp, _ := nc.(*net.TCPConn)
	s := &side{Conn: nc, tcp: tcp}
	if config != nil {
		s.taps = &tap{Conn: nc}
		s.secure = tls.Server(s.taps, config)
		s.Conn = s.secure
	}
	return s
}

// tap is a connection below TLS from which nothing comes while it is closed.
type tap struct {
	net.Conn
	closed bool
}

func (t *tap) Read(b []byte) (int, error) {
	if t.closed {
		return 0, os.ErrDeadlineExceeded
	}
	return t.Conn.Read(b)
}

// read reads what came. Records of TLS that came together stay together.
func (s *side) read(b []byte) (n int, err error) {
	n, err = s.Read(b)
	if s.taps == nil || err != nil {
		return n, err
	}
	s.taps.closed = true
	for more := 1; more > 0 && n < len(b); n += more {
		more, _ = s.Read(b[n:]) // an error that is more than a closed tap comes again
	}
	s.taps.closed = false
	return n, nil
}

// dialer makes connections to the far side.
type dialer struct {
	net.Dialer
	address string
	config  *tls.Config // nil: plain
	made    sync.Map    // link of each connection that is open
}

// ErrCircle means that the far side is the proxy itself.
var ErrCircle = errors.New("the target leads back to the recorder")

// link is a connection by the addresses of both ends: a port alone may belong to several
// connections that lead elsewhere.
type link struct{ from, to string }

// ours reports whether a connection that was accepted is one that we made.
func (d *dialer) ours(near *side) bool {
	_, ok := d.made.Load(link{near.RemoteAddr().String(), near.LocalAddr().String()})
	return ok
}

// over forgets a connection.
func (d *dialer) over(s *side) { d.made.Delete(linkOf(s.tcp)) }

func linkOf(nc net.Conn) link { return link{nc.LocalAddr().String(), nc.RemoteAddr().String()} }

// dial makes one. An error is one of the handshake of TLS if handshake is true.
func (d *dialer) dial(ctx context.Context) (s *side, handshake bool, err error) {
	nc, err := d.DialContext(ctx, "tcp", d.address)
	if err != nil {
		return nil, false, err
	}
	d.made.Store(linkOf(nc), nil)
	s = &side{Conn: nc, tcp: nc.(*net.TCPConn)}
	if d.config == nil {
		return s, false, nil
	}
	s.taps = &tap{Conn: nc}
	s.secure = tls.Client(s.taps, d.config)
	s.Conn = s.secure
	if err := s.secure.HandshakeContext(ctx); err != nil {
		d.over(s)
		nc.Close()
		return nil, true, err
	}
	return s, true, nil
}

// unsafe reports whether an error is one of a handshake that began and failed.
func (s *side) unsafe(err error) bool {
	return s.secure != nil && !s.secure.ConnectionState().HandshakeComplete && endingOf(err) != finished && endingOf(err) != ours ||
		s.secure != nil && endingOf(err) == alerted // TLS 1.3 refuses a server after the handshake
}

// finish says that nothing more comes.
func (s *side) finish() {
	if s.secure != nil {
		_ = s.secure.CloseWrite()
	}
	s.shut()
}

// shut ends what goes out without saying so in TLS.
func (s *side) shut() {
	if s.tcp != nil {
		_ = s.tcp.CloseWrite()
	}
}

// drop closes the connection without the goodbye of TLS, which could block.
func (s *side) drop() {
	if s.tcp != nil {
		s.tcp.Close()
		return
	}
	s.Close()
}

// reset closes it as a program does that crashed.
func (s *side) reset() {
	if s.tcp != nil {
		_ = s.tcp.SetLinger(0)
	}
	s.drop()
}

// ending is how what comes from a side ends.
type ending uint8

const (
	finished ending = iota
	cutOff          // TLS without its close_notify
	wasReset
	alerted  // TLS refuses us after the handshake
	timedOut // by a deadline of our own
	ours     // we closed it
)

func endingOf(err error) ending {
	var timeout net.Error
	var op *net.OpError
	switch {
	case errors.As(err, &op) && op.Op == "remote error":
		return alerted
	case errors.Is(err, io.EOF):
		return finished
	case errors.Is(err, io.ErrUnexpectedEOF):
		return cutOff
	case errors.Is(err, net.ErrClosed):
		return ours
	case errors.As(err, &timeout) && timeout.Timeout():
		return timedOut
	case errors.Is(err, syscall.EPIPE):
		return finished
	}
	return wasReset
}
