package post

import (
	"io"
	"time"

	"ringback/sim/delivery"
)

// Held is a connection that is kept open with nothing sent over it, to see when the
// receiver ends it: a process that ends takes its connections with it.
type Held struct {
	conn  *conn
	began time.Time
	ended chan struct{} // closed when it has ended
	after time.Duration // of its beginning
}

// Hold makes a connection to an endpoint, TLS included, and keeps it until [Held.Close].
// It is nil if none is made, and where the number of connections is limited: it would be
// one too many. It sets *a to the outcome, as [Sender.Connect] does.
func (cs *Connections) Hold(e *delivery.Endpoint, a *delivery.Answer) *Held {
	s := cs.Unshared()
	defer s.cancel()
	if *a = (delivery.Answer{}); s.shared != nil {
		return nil
	}
	c := s.connect(e, a)
	if c == nil {
		return nil
	}
	s.unregister(c)
	_ = c.tcp.SetDeadline(time.Time{}) // if that fails it ends, and says nothing of the receiver
	h := &Held{conn: c, began: time.Now(), ended: make(chan struct{})}
	go func() {
		defer close(h.ended)
		_, _ = io.Copy(io.Discard, c.Conn)
		h.after = time.Since(h.began)
	}()
	return h
}

// Ended is closed when the connection has ended.
func (h *Held) Ended() <-chan struct{} { return h.ended }

// Lasted is how long the connection was open, once it has ended.
func (h *Held) Lasted() time.Duration {
	<-h.ended
	return h.after
}

// Close ends the connection.
func (h *Held) Close() {
	h.conn.tcp.Close()
	<-h.ended
}
