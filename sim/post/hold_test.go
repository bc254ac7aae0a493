package post

import (
	"net"
	"testing"

	"ringback/sim/delivery"
)

// A connection is held until the receiver ends it, whatever it says unasked, or until it
// is closed.
func TestHold(t *testing.T) {
	end := make(chan struct{})
	over := make(chan struct{}, 2)
	receiver := listen(t, func(c *net.TCPConn, n int) {
		_, _ = c.Write([]byte("220 hello\r\n"))
		if n > 1 {
			_, _ = c.Read(make([]byte, 1)) // until the other side ends it
			over <- struct{}{}
			return
		}
		<-end
	})
	cs := NewConnections(&Options{})
	e := request(t, receiver.url).Endpoint
	var a delivery.Answer
	h := cs.Hold(e, &a)
	if h == nil || !a.Connected || a.Failure != delivery.NoFailure {
		t.Fatalf("got %+v, %+v", h, a)
	}
	select {
	case <-h.Ended():
		t.Error("it has ended by itself")
	default:
	}
	close(end)
	if lasted := h.Lasted(); lasted <= 0 {
		t.Errorf("it lasted %s", lasted)
	}
	h.Close()

	h = cs.Hold(e, &a)
	h.Close()
	<-over

	if h := cs.Hold(request(t, "http://"+closedPort).Endpoint, &a); h != nil || a.Failure != delivery.Refused {
		t.Errorf("got %+v, %+v", h, a)
	}
	cs.Limit(1)
	if h := cs.Hold(e, &a); h != nil || a.Failure != delivery.NoFailure {
		t.Errorf("got %+v, %+v where there is no room", h, a)
	}
}
