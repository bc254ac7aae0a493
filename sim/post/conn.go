package post

import (
	"io"
	"net"
	"time"
)

// conn is one connection to a receiver.
type conn struct {
	net.Conn          // what is spoken on: TLS, or tcp itself
	tcp      net.Conn // what lies beneath
	direct   *direct  // the short way to a plain TCP connection, nil without one
	raw      *direct  // a look at the socket beneath, nil without one
	records  *records // under TLS, nil for plain HTTP
	pending  []byte   // goes out with the first Read
	sent     int      // bytes of this attempt's request
	sendErr  error    // why not all of them
	answered int      // whole answers so far
	deadline time.Duration
	idle     time.Duration // since when, on the sender's clock
	keepFor  time.Duration // announced by the receiver, -1 when not
}

func newConn(nc net.Conn) *conn {
	d := newDirect(nc)
	return &conn{Conn: nc, tcp: nc, direct: d, raw: d}
}

// send writes a whole request. On a plain connection that has proven itself
// it goes out with the first Read, because it is cheaper to write and wait in
// one go. That way does not see an end that came before the request, so the
// receivers that close after each answer have to be found out before.
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

// Read reads a part of the answer. Where TLS ends without a farewell, anyone
// may have cut it, so the end is an unexpected one (RFC 9112 9.8).
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
	return c.Conn.Read(p) // perhaps it said why it hung up
}
