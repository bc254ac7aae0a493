package post

import (
	"net"
	"testing"

	"ringback/sim/delivery"
)

// Connect makes a connection, sends nothing over it, and closes it.
func TestConnect(t *testing.T) {
	read := make(chan int, 1)
	receiver := listen(t, func(c *net.TCPConn, _ int) {
		n, _ := c.Read(make([]byte, 1))
		read <- n
	})
	s := newSender(t, &Options{})
	var a delivery.Answer
	s.Connect(request(t, receiver.url).Endpoint, &a)
	if wantFailure(t, a, delivery.NoFailure); !a.Connected || len(s.conns) > 0 {
		t.Errorf("connected %v, %d connections are open", a.Connected, len(s.conns))
	}
	if n := <-read; n != 0 {
		t.Errorf("%d bytes were sent", n)
	}

	s.Connect(request(t, "http://"+closedPort).Endpoint, &a)
	wantFailure(t, a, delivery.Refused, closedPort)
	s.Connect(learned(request(t, "http://169.254.169.254")).Endpoint, &a)
	wantFailure(t, a, delivery.Guarded)
	s.Close()
	s.Connect(request(t, receiver.url).Endpoint, &a)
	wantFailure(t, a, delivery.Stopped)
}

// A connection that is no TLS is none.
func TestConnectTLS(t *testing.T) {
	receiver := listen(t, func(c *net.TCPConn, _ int) { _, _ = c.Read(make([]byte, 1)) })
	var a delivery.Answer
	newSender(t, &Options{}).Connect(request(t, "https"+receiver.url[len("http"):]).Endpoint, &a)
	wantFailure(t, a, delivery.BadTLS)
}
