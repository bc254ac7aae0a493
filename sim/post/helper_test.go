package post

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ringback/fixtures/harness"
	"ringback/sim/delivery"
)

// TestMain fails when a test leaves a goroutine behind.
func TestMain(m *testing.M) {
	before := runtime.NumGoroutine()
	code := m.Run()
	if flag.Lookup("test.fuzz").Value.String() != "" {
		os.Exit(code) // the fuzzer has goroutines of its own
	}
	if gone := harness.Poll(30*time.Second, func() bool { return runtime.NumGoroutine() <= before }); code == 0 && !gone {
		fmt.Fprintf(os.Stderr, "%d goroutines are left, %d were there before\n", runtime.NumGoroutine(), before)
		_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 1)
		code = 1
	}
	os.Exit(code)
}

const (
	okBody = `{"ErrorCode":0,"ErrorMessage":"Success"}`
	ok     = "HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n" + okBody
	// okClose is for receivers that close behind it: an end that comes without
	// a word may meet the next request.
	okClose = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 40\r\n\r\n" + okBody
)

// closedPort is where nobody listens. It is none of the ports that the system
// gives away: of those, another test may get the next moment.
const closedPort = "127.0.0.1:1"

var plain delivery.Transport

func request(t testing.TB, url string) *delivery.Request {
	t.Helper()
	e := harness.Endpoint(t, url)
	return delivery.Freeze(e, []byte("command=call_end"), []byte(`{"CallId":"c1"}`))
}

// learned makes a request one whose address came over the network.
func learned(r *delivery.Request) *delivery.Request {
	r.Endpoint.Learned = true
	return r
}

// newSender is a sender to which a machine that stalls is neither a receiver that hangs
// nor a reason to make another connection.
func newSender(t testing.TB, o *Options) *Sender {
	s := New(o)
	s.maxIdle = time.Hour
	if o.Timeout == 0 {
		s.timeout = time.Minute
	}
	t.Cleanup(s.Close)
	return s
}

// send makes an attempt and copies the answer.
func send(s *Sender, r *delivery.Request, tr delivery.Transport) delivery.Answer {
	a := delivery.Answer{Detail: "left over", Body: []byte("left over"), Status: 999}
	s.Send(r, tr, &a)
	a.Body = []byte(string(a.Body))
	return a
}

// wantFailure checks how an attempt failed, and that the detail says each of words.
func wantFailure(t testing.TB, a delivery.Answer, want delivery.Failure, words ...string) {
	t.Helper()
	if a.Failure != want {
		t.Errorf("failure %q (%s), status %d; want %q", a.Failure, a.Detail, a.Status, want)
	}
	if want != delivery.NoFailure && len(a.Body) > 0 {
		t.Errorf("a failed attempt has the body %q", a.Body)
	}
	for _, w := range words {
		if !strings.Contains(a.Detail, w) {
			t.Errorf("detail %q, want it to say %q", a.Detail, w)
		}
	}
}

func wantOK(t testing.TB, a delivery.Answer) {
	t.Helper()
	wantFailure(t, a, delivery.NoFailure)
	if a.Status != 200 || string(a.Body) != okBody || !a.Connected {
		t.Errorf("status %d, body %q, connected %v", a.Status, a.Body, a.Connected)
	}
}

// receiver listens on loopback and hands each connection to serve, with its
// number from 1 on.
type receiver struct {
	url      string
	accepted atomic.Int32
}

func listen(t testing.TB, serve func(c *net.TCPConn, number int)) *receiver {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &receiver{url: "http://" + l.Addr().String()}
	done := make(chan struct{})
	var open atomic.Int32
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			n := int(r.accepted.Add(1))
			open.Add(1)
			go func() {
				defer open.Add(-1)
				defer c.Close()
				serve(c.(*net.TCPConn), n)
			}()
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
	})
	return r
}

// take reads one request.
func take(c io.Reader) bool {
	r, err := http.ReadRequest(bufio.NewReader(c))
	if err == nil {
		_, err = io.ReadAll(r.Body)
	}
	return err == nil
}

// script is a connection without a network. Each write of a request begins
// the next turn.
type script struct {
	turns []turn
	step  int // bytes that a read returns at most, 0 for all
	now   turn
	wrote []byte
	shut  bool
}

type turn struct {
	takes int // bytes of the request before sendErr
	fails error
	says  string
	then  error // after says; nil for the end
}

func (s *script) Write(b []byte) (int, error) {
	if len(s.turns) == 0 {
		return 0, fmt.Errorf("the script is over")
	}
	s.now, s.turns = s.turns[0], s.turns[1:]
	if s.now.fails != nil {
		b = b[:s.now.takes]
	}
	s.wrote = append(s.wrote, b...)
	return len(b), s.now.fails
}

func (s *script) Read(b []byte) (int, error) {
	if s.now.says == "" {
		if s.now.then == nil {
			return 0, io.EOF
		}
		return 0, s.now.then
	}
	if s.step > 0 && len(b) > s.step {
		b = b[:s.step]
	}
	n := copy(b, s.now.says)
	s.now.says = s.now.says[n:]
	return n, nil
}

func (s *script) Close() error                     { s.shut = true; return nil }
func (s *script) SetDeadline(time.Time) error      { return nil }
func (s *script) SetReadDeadline(time.Time) error  { return nil }
func (s *script) SetWriteDeadline(time.Time) error { return nil }
func (s *script) LocalAddr() net.Addr              { return nil }
func (s *script) RemoteAddr() net.Addr             { return nil }

// dialFunc is a dialer that a test makes up.
type dialFunc func(ctx context.Context) (net.Conn, error)

func (f dialFunc) DialContext(ctx context.Context, _, _ string) (net.Conn, error) { return f(ctx) }

// scripted makes a sender whose dials get these connections in order, and
// counts them.
func scripted(t testing.TB, o *Options, conns ...net.Conn) (s *Sender, dials *int) {
	s, dials = newSender(t, o), new(int)
	s.newDialer = func(Guard) dialer {
		return dialFunc(func(context.Context) (net.Conn, error) {
			if *dials++; *dials > len(conns) {
				return nil, fmt.Errorf("dialed %d times", *dials)
			}
			return conns[*dials-1], nil
		})
	}
	return s, dials
}
