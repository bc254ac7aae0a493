package post

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"ringback/sim/delivery"
)

// TestDialFailures holds what each way to get no connection is called.
func TestDialFailures(t *testing.T) {
	dialError := func(err error) error {
		return &net.OpError{Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(10, 1, 2, 3), Port: 80}, Err: err}
	}
	for name, c := range map[string]struct {
		err    error
		want   delivery.Failure
		detail string
	}{
		"refused":      {dialError(os.NewSyscallError("connect", errRefused)), delivery.Refused, "10.1.2.3:80"},
		"no route":     {dialError(os.NewSyscallError("connect", syscall.EHOSTUNREACH)), delivery.Unreachable, "10.1.2.3:80: connect: "},
		"unknown name": {dialError(&net.DNSError{Err: "no such host", Name: "nobody.invalid", IsNotFound: true}), delivery.NoAddress, "nobody.invalid: no such host"},
		"slow DNS":     {dialError(&net.DNSError{Err: "i/o timeout", Name: "slow.invalid", IsTimeout: true, UnwrapErr: context.DeadlineExceeded}), delivery.NoAddress, "no answer within --timeout 2s"},
		"reset":        {dialError(os.NewSyscallError("connect", errReset)), delivery.Reset, "sending, 0 of"},
		"silence":      {dialError(context.DeadlineExceeded), delivery.TimedOut, "connecting, after --timeout 2s"},
		"something":    {errors.New("something"), delivery.Unreachable, "something"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSender(t, &Options{Timeout: 2 * time.Second})
			s.newDialer = func(Guard) dialer {
				return dialFunc(func(context.Context) (net.Conn, error) { return nil, c.err })
			}
			a := send(s, request(t, "http://receiver.example"), plain)
			wantFailure(t, a, c.want, c.detail)
			if a.Connected != (c.want == delivery.Reset) {
				t.Errorf("connected %v", a.Connected)
			}
			if a.Failure.NeverConnected() == (c.want == delivery.Reset || c.want == delivery.TimedOut) {
				t.Errorf("never connected %v", a.Failure.NeverConnected())
			}
		})
	}
}

// TestRefusedForReal dials a port that nobody listens on.
func TestRefusedForReal(t *testing.T) {
	a := send(newSender(t, &Options{}), request(t, "http://"+closedPort), plain)
	wantFailure(t, a, delivery.Refused, closedPort)
}

// TestFailuresForReal sees resets and ends as the system reports them.
func TestFailuresForReal(t *testing.T) {
	for name, c := range map[string]struct {
		serve  func(*net.TCPConn)
		want   delivery.Failure
		detail string
	}{
		"reset":          {func(c *net.TCPConn) { take(c); _ = c.SetLinger(0) }, delivery.Reset, "waiting"},
		"closed":         {func(c *net.TCPConn) { take(c) }, delivery.Closed, "waiting"},
		"cut short":      {func(c *net.TCPConn) { take(c); io.WriteString(c, ok[:len(ok)-8]) }, delivery.CutShort, "32 of 40 bytes"},
		"a banner first": {func(c *net.TCPConn) { io.WriteString(c, "SSH-2.0-x\r\n"); take(c) }, delivery.NotHTTP, "SSH"},
	} {
		t.Run(name, func(t *testing.T) {
			receiver := listen(t, func(conn *net.TCPConn, _ int) { c.serve(conn) })
			r := request(t, receiver.url)
			a := send(newSender(t, &Options{}), r, plain)
			wantFailure(t, a, c.want, c.detail)
			if !a.Connected {
				t.Error("not connected")
			}
		})
	}
}

// pipe makes a sender that dials a net.Pipe, whose other end serve gets.
func pipe(t *testing.T, o *Options, serve func(net.Conn)) *Sender {
	s := New(o)
	s.newDialer = func(Guard) dialer {
		return dialFunc(func(context.Context) (net.Conn, error) {
			ours, theirs := net.Pipe()
			go func() {
				serve(theirs)
				_, _ = io.Copy(io.Discard, theirs) // until the sender closes
				theirs.Close()
			}()
			return ours, nil
		})
	}
	return s
}

// TestTimeouts lets each stage take too long, in simulated time.
func TestTimeouts(t *testing.T) {
	r := request(t, "http://127.0.0.1:1")
	stall := func(c net.Conn) {
		time.Sleep(time.Minute) // of the bubble
	}
	says := func(s string) func(net.Conn) {
		return func(c net.Conn) {
			if take(c); s != "" {
				io.WriteString(c, s)
			}
		}
	}
	for name, c := range map[string]struct {
		url    string
		serve  func(net.Conn)
		detail string
		status int
	}{
		"sending":   {"http://127.0.0.1:1", stall, "sending, 0 of", 0},
		"half sent": {"http://127.0.0.1:1", func(c net.Conn) { io.ReadFull(c, make([]byte, 10)); stall(c) }, "sending, 10 of", 0},
		"waiting":   {"http://127.0.0.1:1", says(""), "waiting for the answer, after --timeout 3s", 0},
		"head":      {"http://127.0.0.1:1", says("HTTP/1.1 200 OK\r\nContent-"), "reading the head", 200},
		"body":      {"http://127.0.0.1:1", says(ok[:len(ok)-1]), "reading the body, 39 of 40 bytes", 200},
		"open end":  {"http://127.0.0.1:1", says("HTTP/1.1 200 OK\r\n\r\nhi"), "2 bytes so far", 200},
		"dribbling": {"http://127.0.0.1:1", func(c net.Conn) {
			take(c)
			for i := range len(ok) {
				time.Sleep(100 * time.Millisecond) // of the bubble
				io.WriteString(c, ok[i:i+1])
			}
		}, "reading the head", 200},
		"handshake": {"https://127.0.0.1:1", func(c net.Conn) { c.Read(make([]byte, 1000)) }, "the TLS handshake, after", 0},
		"just late": {"http://127.0.0.1:1", func(c net.Conn) {
			take(c)
			time.Sleep(3*time.Second + time.Nanosecond) // of the bubble
			io.WriteString(c, ok)
		}, "complete only after --timeout 3s", 200},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := pipe(t, &Options{Timeout: 3 * time.Second}, c.serve)
				defer s.Close()
				a := send(s, request(t, c.url), plain)
				time.Sleep(time.Hour) // the stalled ones wake up and go
				wantFailure(t, a, delivery.TimedOut, c.detail)
				if a.Status != c.status || !a.Connected {
					t.Errorf("status %d, connected %v", a.Status, a.Connected)
				}
				if most := 3*time.Second + 3*time.Second/64; a.Took < 3*time.Second || a.Took > most {
					t.Errorf("took %v, want 3s to %v", a.Took, most)
				}
			})
		})
	}
	t.Run("just in time", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := pipe(t, &Options{}, func(c net.Conn) {
				for range 3 {
					take(c)
					time.Sleep(2 * time.Second)
					io.WriteString(c, ok)
				}
			})
			defer s.Close()
			for range 3 {
				a := send(s, r, plain)
				wantOK(t, a)
				if a.Took != 2*time.Second {
					t.Errorf("took %v, want 2s", a.Took)
				}
			}
		})
	})
}

// TestTimeoutForReal waits on a socket, in the short way of kept connections.
func TestTimeoutForReal(t *testing.T) {
	receiver := listen(t, func(c *net.TCPConn, _ int) {
		for range 5 {
			take(c)
			io.WriteString(c, ok)
		}
		_, _ = io.Copy(io.Discard, c)
	})
	r := request(t, receiver.url)
	for patience := 10 * time.Millisecond; ; patience *= 4 { // a busy machine may not have sent it by then
		s := newSender(t, &Options{})
		for range 5 {
			wantOK(t, send(s, r, plain))
		}
		s.timeout = patience
		a, want := send(s, r, plain), "waiting for the answer, after --timeout "+patience.String()
		if strings.Contains(a.Detail, want) || patience > 10*time.Second {
			wantFailure(t, a, delivery.TimedOut, want)
			return
		}
	}
}

// TestAnsweredWhileSending: a receiver may answer and hang up before it has
// the whole request; what it said counts.
func TestAnsweredWhileSending(t *testing.T) {
	const tooLong = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n"
	for _, c := range []struct {
		says   string
		then   error
		fails  error
		want   delivery.Failure
		status int
	}{
		{says: tooLong, fails: syscall.EPIPE, status: 413},
		{says: tooLong, fails: errReset, status: 413},
		{fails: syscall.EPIPE, want: delivery.Closed},
		{fails: errReset, want: delivery.Reset},
		{fails: errReset, then: errReset, want: delivery.Reset},
		{says: tooLong[:len(tooLong)-2], fails: errReset, want: delivery.CutShort, status: 413},
	} {
		conn := &script{turns: []turn{{takes: 9, fails: c.fails, says: c.says, then: c.then}}}
		s, dials := scripted(t, &Options{}, conn)
		a := send(s, request(t, "http://127.0.0.1:1"), plain)
		wantFailure(t, a, c.want)
		if a.Failure != delivery.NoFailure && a.Status == 0 && !strings.Contains(a.Detail, "sending, 9 of") {
			t.Errorf("detail %q", a.Detail)
		}
		if a.Status != c.status || !conn.shut || *dials != 1 {
			t.Errorf("%+v: status %d, closed %v, %d dials", c, a.Status, conn.shut, *dials)
		}
	}
}
