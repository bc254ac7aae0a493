package post

import (
	"context"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"ringback/sim/delivery"
)

// TestCloseInterrupts closes a sender in each place where it may wait.
func TestCloseInterrupts(t *testing.T) {
	for name, c := range map[string]struct {
		scheme    string
		before    int // answered attempts on the same connection
		transport delivery.Transport
	}{
		"waiting":                {"http", 0, plain},
		"waiting, kept":          {"http", 1, plain},
		"waiting, kept for long": {"http", 5, plain},
		"handshaking":            {"https", 0, plain},
		"spreading":              {"http", 0, delivery.Transport{Spread: 30 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			stuck := make(chan bool)
			receiver := listen(t, func(conn *net.TCPConn, _ int) {
				for range c.before {
					take(conn)
					io.WriteString(conn, ok)
				}
				_, _ = conn.Read(make([]byte, 1))
				stuck <- true
				_, _ = io.Copy(io.Discard, conn)
			})
			s := newSender(t, &Options{Timeout: time.Minute})
			r := request(t, c.scheme+receiver.url[len("http"):])
			for range c.before {
				wantOK(t, send(s, r, plain))
			}
			go func() {
				<-stuck
				s.Close()
			}()
			wantFailure(t, send(s, r, c.transport), delivery.Stopped)
			wantFailure(t, send(s, r, plain), delivery.Stopped)
			if len(s.conns) != 0 {
				t.Error("a connection is open")
			}
		})
	}
}

func TestCloseWhileDialling(t *testing.T) {
	s := newSender(t, &Options{Timeout: time.Minute})
	s.newDialer = func(Guard) dialer {
		return dialFunc(func(ctx context.Context) (net.Conn, error) {
			go s.Close()
			<-ctx.Done()
			return nil, ctx.Err()
		})
	}
	wantFailure(t, send(s, request(t, "http://127.0.0.1:1"), plain), delivery.Stopped)
}

// TestCloseBehindTheDial: the connection is made just when the sender ends.
func TestCloseBehindTheDial(t *testing.T) {
	s := newSender(t, &Options{})
	late := &script{turns: []turn{{says: ok}}}
	s.newDialer = func(Guard) dialer {
		return dialFunc(func(context.Context) (net.Conn, error) {
			s.Close()
			return late, nil
		})
	}
	wantFailure(t, send(s, request(t, "http://127.0.0.1:1"), plain), delivery.Stopped)
	if !late.shut {
		t.Error("the connection is open")
	}
}

// TestCloseAnyTime is for the race detector.
func TestCloseAnyTime(t *testing.T) {
	receiver := listen(t, func(c *net.TCPConn, number int) {
		for range number {
			if take(c) {
				io.WriteString(c, ok)
			}
		}
	})
	r := request(t, receiver.url)
	for n := range 20 {
		s := New(&Options{})
		var closing sync.WaitGroup
		for i := range 50 {
			if i == n {
				closing.Go(s.Close)
				closing.Go(s.Close)
			}
			if a := send(s, r, plain); a.Failure == delivery.NoFailure {
				wantOK(t, a)
			}
		}
		closing.Wait()
		wantFailure(t, send(s, r, plain), delivery.Stopped)
	}
}
