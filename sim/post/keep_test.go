package post

import (
	"fmt"
	"io"
	"net"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"ringback/sim/delivery"
)

// TestKept sends many requests over one real connection, through the way that
// is taken at first and the shorter one after that.
func TestKept(t *testing.T) {
	bodies := []string{okBody, "", okBody + okBody}
	receiver := listen(t, func(c *net.TCPConn, _ int) {
		for i := 0; take(c); i++ {
			b := bodies[i%len(bodies)]
			fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(b), b)
		}
	})
	s := newSender(t, &Options{})
	r := request(t, receiver.url)
	for i := range 30 {
		a := send(s, r, plain)
		wantFailure(t, a, delivery.NoFailure)
		if want := bodies[i%len(bodies)]; string(a.Body) != want {
			t.Fatalf("answer %d has the body %q, want %q", i, a.Body, want)
		}
	}
	if n := receiver.accepted.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

// TestKeptThenGone ends a connection that has served for long.
func TestKeptThenGone(t *testing.T) {
	for name, c := range map[string]struct {
		end    func(*net.TCPConn)
		want   delivery.Failure
		detail string
	}{
		"closed":      {func(c *net.TCPConn) { take(c) }, delivery.Closed, "waiting for the answer; its answer before"},
		"reset":       {func(c *net.TCPConn) { take(c); _ = c.SetLinger(0) }, delivery.Reset, "waiting for the answer; its answer before"},
		"cut short":   {func(c *net.TCPConn) { take(c); io.WriteString(c, ok[:50]) }, delivery.CutShort, ""},
		"before that": {func(c *net.TCPConn) { _ = c.SetLinger(0) }, delivery.NoFailure, ""},
	} {
		t.Run(name, func(t *testing.T) {
			gone := make(chan bool)
			receiver := listen(t, func(conn *net.TCPConn, number int) {
				for range 5 {
					take(conn)
					io.WriteString(conn, ok)
				}
				if number == 1 {
					c.end(conn)
					conn.Close()
					close(gone)
				}
			})
			s := newSender(t, &Options{})
			r := request(t, receiver.url)
			for range 5 {
				wantOK(t, send(s, r, plain))
			}
			dials := int32(1)
			if c.want == delivery.NoFailure {
				<-gone
				s.peers[0].kept.raw = nil // no look at it: let the writing fail
				dials++
			}
			wantFailure(t, send(s, r, plain), c.want, c.detail)
			if n := receiver.accepted.Load(); n != dials {
				t.Errorf("%d connections, want %d", n, dials)
			}
		})
	}
}

// TestBigRequests are more than the system takes at once.
func TestBigRequests(t *testing.T) {
	receiver := listen(t, func(c *net.TCPConn, _ int) {
		for take(c) {
			io.WriteString(c, ok)
		}
	})
	s := newSender(t, &Options{Timeout: time.Minute})
	r := delivery.Freeze(request(t, receiver.url).Endpoint, nil, make([]byte, 12<<20))
	for range 4 {
		wantOK(t, send(s, r, plain))
	}
	if n := receiver.accepted.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

// TestNotKept: what ends with an answer is not used again.
func TestNotKept(t *testing.T) {
	for name, says := range map[string]string{
		"close":        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 40\r\n\r\n" + okBody,
		"1.0":          "HTTP/1.0 200 OK\r\nContent-Length: 40\r\n\r\n" + okBody,
		"until close":  "HTTP/1.1 200 OK\r\n\r\n" + okBody,
		"bytes behind": ok + "HTTP/1.1 500 Stale\r\nContent-Length: 0\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			first := &script{turns: []turn{{says: says}}}
			s, dials := scripted(t, &Options{}, first, &script{turns: []turn{{says: ok}}})
			r := request(t, "http://127.0.0.1:1")
			wantOK(t, send(s, r, plain))
			if !first.shut {
				t.Error("the connection is open")
			}
			wantOK(t, send(s, r, plain))
			if *dials != 2 {
				t.Errorf("%d dials", *dials)
			}
		})
	}
}

// TestIdle keeps a connection as long as that is safe.
func TestIdle(t *testing.T) {
	for _, c := range []struct {
		announced string
		idle      time.Duration
		dials     int
	}{
		{"", 999 * time.Millisecond, 1},
		{"", time.Second, 2},
		{"Keep-Alive: timeout=5, max=100\r\n", 999 * time.Millisecond, 1},
		{"Keep-Alive: timeout=5, max=100\r\n", time.Second, 2},
		{"Keep-Alive: max=100,timeout=1\r\n", 499 * time.Millisecond, 1},
		{"Keep-Alive: max=100,timeout=1\r\n", 500 * time.Millisecond, 2},
		{"Keep-Alive: timeout=99999999999\r\n", 999 * time.Millisecond, 1},
		{"Keep-Alive: timeout=soon\r\n", 999 * time.Millisecond, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			says := "HTTP/1.1 200 OK\r\n" + c.announced + "Content-Length: 40\r\n\r\n" + okBody
			two := []turn{{says: says}, {says: says}}
			s, dials := scripted(t, &Options{}, &script{turns: slices.Clone(two)}, &script{turns: two})
			s.maxIdle = maxIdle
			r := request(t, "http://127.0.0.1:1")
			wantOK(t, send(s, r, plain))
			time.Sleep(c.idle)
			wantOK(t, send(s, r, plain))
			if *dials != c.dials {
				t.Errorf("%q, idle %v: %d dials, want %d", c.announced, c.idle, *dials, c.dials)
			}
		})
	}
}

// TestClosedWhileIdle: the receiver closes, or says more, behind an answer
// that promised otherwise. It is seen before the next request goes out.
func TestClosedWhileIdle(t *testing.T) {
	for name, behind := range map[string]string{"closed": "", "stray bytes": "HTTP/1.1 408 Request Timeout\r\n\r\n"} {
		t.Run(name, func(t *testing.T) {
			done := make(chan bool)
			receiver := listen(t, func(c *net.TCPConn, number int) {
				if take(c); number == 1 {
					io.WriteString(c, ok)
					<-done
					io.WriteString(c, behind)
					c.Close()
					done <- true
					return
				}
				io.WriteString(c, ok)
			})
			s := newSender(t, &Options{})
			r := request(t, receiver.url)
			wantOK(t, send(s, r, plain))
			done <- true
			<-done
			wantOK(t, send(s, r, plain))
			if n := receiver.accepted.Load(); n != 2 {
				t.Errorf("%d connections", n)
			}
		})
	}
}

// TestDeadWhenWritten: nothing left our hands, so a new connection is made.
func TestDeadWhenWritten(t *testing.T) {
	for _, err := range []error{syscall.EPIPE, errReset} {
		// 408 is for nobody: it cannot be the answer to what was not sent.
		for _, says := range []string{"", "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"} {
			first := &script{turns: []turn{{says: ok}, {fails: err, says: says}}}
			second := &script{turns: []turn{{says: ok}}}
			s, dials := scripted(t, &Options{}, first, second)
			r := request(t, "http://127.0.0.1:1")
			wantOK(t, send(s, r, plain))
			wantOK(t, send(s, r, plain))
			if *dials != 2 || !first.shut || string(second.wrote) != string(r.Bytes()) {
				t.Errorf("%v: %d dials, closed %v, wrote %q", err, *dials, first.shut, second.wrote)
			}
		}
	}
}

// TestDeadAndGone: the kept connection is dead and nobody listens any more.
func TestDeadAndGone(t *testing.T) {
	s, _ := scripted(t, &Options{}, &script{turns: []turn{{says: ok}, {fails: syscall.EPIPE}}})
	r := request(t, "http://127.0.0.1:1")
	wantOK(t, send(s, r, plain))
	a := send(s, r, plain)
	wantFailure(t, a, delivery.Unreachable, "dialed 2 times")
	if a.Connected {
		t.Error("connected")
	}
}

// TestNeverTwice: once a byte is sent the receiver may have seen the request.
func TestNeverTwice(t *testing.T) {
	for name, c := range map[string]struct {
		turn turn
		want delivery.Failure
	}{
		"closed":     {turn{}, delivery.Closed},
		"reset":      {turn{then: errReset}, delivery.Reset},
		"sent a bit": {turn{takes: 1, fails: syscall.EPIPE}, delivery.Closed},
	} {
		t.Run(name, func(t *testing.T) {
			first := &script{turns: []turn{{says: ok}, c.turn}}
			s, dials := scripted(t, &Options{}, first, &script{turns: []turn{{says: ok}}})
			r := request(t, "http://127.0.0.1:1")
			wantOK(t, send(s, r, plain))
			a := send(s, r, plain)
			wantFailure(t, a, c.want, "did not say Connection: close")
			if *dials != 1 || !first.shut || !a.Connected {
				t.Errorf("%d dials, closed %v, connected %v", *dials, first.shut, a.Connected)
			}
			wantOK(t, send(s, r, plain))
		})
	}
}

// The check of an idle connection finds an unrequested answer, and the
// connection is not used again. Within Unseen nobody looks.
func TestUnseen(t *testing.T) {
	for unseen, want := range map[time.Duration]int32{0: 2, time.Hour: 1} {
		taken, spoken := make(chan bool), make(chan bool)
		receiver := listen(t, func(c *net.TCPConn, number int) {
			for i := 0; take(c); i++ {
				io.WriteString(c, ok)
				if number == 1 && i == 5 {
					<-taken
					io.WriteString(c, ok) // once more
					close(spoken)
				}
			}
		})
		s := newSender(t, &Options{SkipCheck: unseen})
		r := request(t, receiver.url)
		for range 6 {
			wantOK(t, send(s, r, plain))
		}
		close(taken)
		<-spoken
		wantOK(t, send(s, r, plain))
		if n := receiver.accepted.Load(); n != want {
			t.Errorf("unseen for %s: %d connections, want %d", unseen, n, want)
		}
	}
}
