package post

import (
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"testing"
	"time"

	"ringback/sim/delivery"
)

// TestAbrupt: a receiver that closes after each answer without a word fails
// two attempts, not each second one.
func TestAbrupt(t *testing.T) {
	var conns []net.Conn
	for range 10 {
		conns = append(conns, &script{turns: []turn{{says: ok}, {then: errReset}}})
	}
	s, dials := scripted(t, &Options{}, conns...)
	r := request(t, "http://127.0.0.1:1")
	var failed []int
	for i := range 10 {
		if a := send(s, r, plain); a.Failure != delivery.NoFailure {
			failed = append(failed, i)
		}
	}
	if !slices.Equal(failed, []int{1, 3}) || *dials != 8 {
		t.Errorf("attempts %d failed, %d dials", failed, *dials)
	}
}

// TestNotAbrupt: it counts in a row only.
func TestNotAbrupt(t *testing.T) {
	var conns []net.Conn
	for range 3 {
		conns = append(conns, &script{turns: []turn{{says: ok}, {then: errReset}}})
		conns = append(conns, &script{turns: []turn{{says: ok}, {says: ok}, {}}})
	}
	s, dials := scripted(t, &Options{}, conns...)
	r := request(t, "http://127.0.0.1:1")
	for i := range 15 {
		a := send(s, r, plain)
		if failed := i%5 == 1 || i%5 == 4; failed != (a.Failure != delivery.NoFailure) {
			t.Errorf("attempt %d: %q", i, a.Failure)
		}
	}
	if *dials != 6 {
		t.Errorf("%d dials", *dials)
	}
}

// TestHalfClosed: the receiver says that it is done, but goes on reading, and
// nobody looked before the request.
func TestHalfClosed(t *testing.T) {
	closed := make(chan bool)
	receiver := listen(t, func(c *net.TCPConn, _ int) {
		take(c)
		io.WriteString(c, ok)
		c.CloseWrite()
		close(closed)
		_, _ = io.Copy(io.Discard, c)
	})
	s := newSender(t, &Options{Timeout: 10 * time.Second})
	r := request(t, receiver.url)
	wantOK(t, send(s, r, plain))
	<-closed
	s.peers[0].kept.raw = nil
	wantFailure(t, send(s, r, plain), delivery.Closed, "did not say Connection: close")
}

// TestPeers keeps one connection for each endpoint, and not too many.
func TestPeers(t *testing.T) {
	receiver := listen(t, func(c *net.TCPConn, _ int) {
		for take(c) {
			io.WriteString(c, ok)
		}
	})
	s := newSender(t, &Options{})
	r := request(t, receiver.url)
	again := request(t, receiver.url)
	overREST := learned(request(t, receiver.url))
	for _, r := range []*delivery.Request{r, again, r, again} {
		wantOK(t, send(s, r, plain))
	}
	if n := receiver.accepted.Load(); n != 1 {
		t.Errorf("%d connections to one address", n)
	}
	wantOK(t, send(s, overREST, plain))
	if n := receiver.accepted.Load(); n != 2 {
		t.Errorf("a learned endpoint got the connection of a typed one")
	}

	s = newSender(t, &Options{})
	conns := map[string]*script{}
	s.newDialer = func(Guard) dialer { return addrDialer(conns) }
	for i := range 3 * maxPeers {
		wantOK(t, send(s, request(t, fmt.Sprintf("http://127.0.0.1:%d", i+1)), plain))
	}
	open := 0
	for _, c := range conns {
		if !c.shut {
			open++
		}
	}
	if open != maxPeers || len(s.conns) != maxPeers {
		t.Errorf("%d connections are open, %d known, want %d", open, len(s.conns), maxPeers)
	}
}

// TestPeersWithoutConnections: those that could not be dialed go, too.
func TestPeersWithoutConnections(t *testing.T) {
	s := newSender(t, &Options{})
	s.newDialer = func(Guard) dialer {
		return dialFunc(func(context.Context) (net.Conn, error) { return nil, errRefused })
	}
	for i := range 3 * maxPeers {
		wantFailure(t, send(s, request(t, fmt.Sprintf("http://127.0.0.1:%d", i+1)), plain), delivery.Refused)
	}
	if len(s.peers) != maxPeers {
		t.Errorf("%d peers, want %d", len(s.peers), maxPeers)
	}
}

type addrDialer map[string]*script

func (d addrDialer) DialContext(_ context.Context, _, addr string) (net.Conn, error) {
	d[addr] = &script{turns: []turn{{says: ok}}}
	return d[addr], nil
}
