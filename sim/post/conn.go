package post

import (
	"io"
	"net"
	"time"
)

// conn is one connection to a receiver.
type conn struct {
	net.Conn // TLS, or tcp itself
	tcp      net.Conn
	direct   *direct     // writes and reads a plain TCP connection; may be nil
	raw      *direct     // checks the socket under TLS, too; may be nil
	records  *tlsRecords // nil for plain HTTP
	pending  []byte      // request to be sent by the next Read
	sent     int         // bytes of the request that were sent
	sendErr  error       // why not all were sent
	answered int         // complete answers so far
	deadline time.Duration
	idle     time.Duration // since when, on the sender's clock
	keepFor  time.Duration // Keep-Alive timeout, or -1
}

func newConn(nc net.Conn) *conn {
	d := newDirect(nc)
	return &conn{Conn: nc, tcp: nc, direct: d, raw: d}
}

// send sends a request. On a plain connection with at least two answers it is sent by
// the next Read, which saves a system call (see direct). That does not notice
// a connection that was closed before the request, and the first two answers show
// whether the receiver closes its connections.
func (c *conn) send(request []byte) {
	if c.direct != nil && c.answered > 1 {
		c.pending = request
		return
	}
	c.write(request)
}

func (c *conn) write(b []byte) {
	n, err := c.Conn.Write(b)
	c.sent += n
	c.sendErr = err
}

// Read reads a part of the answer. If TLS ends without close_notify, the answer may
// have been truncated by anyone, so that io.EOF becomes io.ErrUnexpectedEOF (RFC 9112
// section 9.8).
func (c *conn) Read(p []byte) (n int, err error) {
	if c.pending == nil {
		n, err = c.Conn.Read(p)
		if err == io.EOF && c.records != nil && c.records.ended {
			err = io.ErrUnexpectedEOF
		}
		return n, err
	}
	request := c.pending
	c.pending = nil
	var sent int
	sent, n, c.sendErr, err = c.direct.exchange(request, p)
	c.sent = sent
	if sent == len(request) || err != nil {
		return n, err
	}
	if c.sendErr == nil { // the system took only a part at once
		c.write(request[sent:])
	}
	return c.Conn.Read(p) // the receiver may have answered before it closed
}
