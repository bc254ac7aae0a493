package post

import (
	"net"
	"os"
	"time"

	"ringback/sim/delivery"
)

// maxPieces is the maximum number of pieces that a request is spread over.
const maxPieces = 64

// sendFaulty sends a request with a fault of the transport. An error ends the attempt.
func (s *Sender) sendFaulty(c *conn, request []byte, t delivery.Transport) error {
	out := request[:max(0, len(request)-max(0, t.LoseTail))]
	s.toSend = len(out)
	if t.Spread > 0 {
		if err := s.spread(c, out, t.Spread); err != nil {
			return err
		}
	} else {
		c.write(out)
	}
	if c.sendErr != nil {
		return nil // the receiver may have answered already
	}
	switch {
	case t.Reset:
		if l, ok := c.tcp.(interface{ SetLinger(int) error }); ok {
			_ = l.SetLinger(0) // if it is not possible, the fault is a HangUp
		}
		return &failure{delivery.Reset, byFault}
	case t.HangUp:
		return &failure{delivery.Closed, byFault}
	case t.LoseTail > 0:
		c.closeWrite()
	}
	return nil
}

const byFault = "by a fault"

// spread writes b in pieces, evenly spread over a duration.
func (s *Sender) spread(c *conn, b []byte, over time.Duration) error {
	pieces := max(2, min(maxPieces, len(b)))
	timer := time.NewTimer(0)
	defer timer.Stop()
	begin, end := s.now(), s.start+s.timeout
	for i := range pieces {
		due := begin + over*time.Duration(i)/time.Duration(pieces-1)
		timer.Reset(min(due, end) - s.now())
		select {
		case <-timer.C:
		case <-s.ctx.Done():
			return errStopped
		}
		if due >= end {
			return os.ErrDeadlineExceeded
		}
		c.write(b[len(b)*i/pieces : len(b)*(i+1)/pieces])
		if c.sendErr != nil {
			break
		}
	}
	return nil
}

// closeWrite ends the sending side of the connection.
func (c *conn) closeWrite() {
	for _, nc := range [...]net.Conn{c.Conn, c.tcp} { // first TLS, then TCP
		if w, ok := nc.(interface{ CloseWrite() error }); ok {
			_ = w.CloseWrite() // an error shows again when the answer is read
		}
	}
}
