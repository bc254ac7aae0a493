package record_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/fixtures/harness"
	"ringback/sim/record"
	"ringback/sim/recording"
)

// line is a client and a receiver, both by hand, and a proxy between them.
type line struct {
	*proxy
	near, far *net.TCPConn
	accept    func() *net.TCPConn
}

// connect dials. The connection to the far side is there once bytes have come.
func connect(t *testing.T) *line {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	c := &line{proxy: start(t, record.Config{Address: l.Addr().String()})}
	c.near = c.dial(t)
	c.accept = func() *net.TCPConn {
		far, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { far.Close() })
		return far.(*net.TCPConn)
	}
	return c
}

func (c *line) dial(t *testing.T) *net.TCPConn {
	t.Helper()
	near, err := net.Dial("tcp", c.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { near.Close() })
	return near.(*net.TCPConn)
}

// passes sends bytes and wants the same on the other side, before more is sent.
func passes(t *testing.T, from, to net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(from, text); err != nil {
		t.Fatal(err)
	}
	wants(t, to, text)
}

func wants(t *testing.T, from net.Conn, text string) {
	t.Helper()
	got := make([]byte, len(text))
	_ = from.SetReadDeadline(time.Now().Add(30 * time.Second))
	if n, err := io.ReadFull(from, got); err != nil || string(got) != text {
		t.Fatalf("%q came, %v, want %q", got[:n], err, text)
	}
}

// asks is passes for what a client sends.
func (c *line) asks(t *testing.T, text string) {
	t.Helper()
	if c.far != nil {
		passes(t, c.near, c.far, text)
		return
	}
	if _, err := io.WriteString(c.near, text); err != nil {
		t.Fatal(err)
	}
	c.far = c.accept()
	wants(t, c.far, text)
}

// answers is passes for what a receiver sends.
func (c *line) answers(t *testing.T, text string) {
	t.Helper()
	passes(t, c.far, c.near, text)
}

// short is an exchange in a few words.
func short(e *recording.Exchange) string {
	head := func(b []byte) string {
		first, _, _ := strings.Cut(string(b), "\r\n")
		return first
	}
	s := head(e.Head) + " " + string(e.Body)
	if e.Coded != nil {
		s += "(coded)"
	}
	if e.Unfinished {
		s += "(unfinished)"
	}
	a := &e.Answer
	s += " -> "
	for rest := string(a.Interim); rest != ""; {
		one, after, _ := strings.Cut(rest, "\r\n\r\n")
		s += head([]byte(one)) + ", "
		rest = after
	}
	s += head(a.Head) + " " + string(a.Body)
	if a.Coded != nil {
		s += "(coded)"
	}
	return s + " " + string(a.Outcome)
}

// has checks what is in the file at this moment.
func (c *line) has(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for _, e := range readSoFar(t, c.path) {
		got = append(got, short(e))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

const (
	ask   = "POST /cb?command=call_end HTTP/1.1\r\nhOST: x\r\nX-A:1\r\nx-a:  2\r\nContent-Length: 5\r\n\r\nhello"
	good  = "HTTP/1.1 200 OK\r\nServer:   odd\r\nContent-Length: 2\r\n\r\n{}"
	asked = "POST /cb?command=call_end HTTP/1.1 hello"
	done  = asked + " -> HTTP/1.1 200 OK {} answered"
	head  = "HTTP/1.1 200 OK"
)

// Each line is in the file before what it says has arrived.
func TestOneAfterTheOther(t *testing.T) {
	c := connect(t)
	for n := range 3 {
		c.asks(t, ask)
		c.has(t, append(slicesOf(done, n), asked+" ->   ")...)
		c.answers(t, good)
		c.has(t, slicesOf(done, n+1)...)
	}
}

func slicesOf(s string, n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = s
	}
	return list
}

// What comes slowly is passed on as it comes.
func TestByteByByte(t *testing.T) {
	c := connect(t)
	for i, b := range strings.Split(ask, "") {
		c.asks(t, b)
		if i == 0 {
			c.has(t, "P (unfinished) ->   ")
		}
	}
	c.has(t, asked+" ->   ")
	for i, b := range strings.Split(good, "") {
		c.answers(t, b)
		if i == 0 {
			c.has(t, asked+" -> H  ")
		}
	}
	c.has(t, done)
}

// Requests that do not wait for answers are not kept back, nor are answers that come together.
func TestPipelined(t *testing.T) {
	c := connect(t)
	c.asks(t, ask+"\r\n"+ask+"GET / HTTP/1.1\r\n\r\nHEAD / HTTP/1.1\r\n\r\nPOST /h")
	c.has(t, asked+" ->   ", asked+" ->   ", "GET / HTTP/1.1  ->   ", "HEAD / HTTP/1.1  ->   ", "POST /h (unfinished) ->   ")
	c.answers(t, good+good+good+"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nHTTP/1.")
	c.asks(t, "alf HTTP/1.1\r\n\r\n")
	c.answers(t, "1 404 No\r\nContent-Length: 0\r\n\r\n")
	c.has(t, done, done, "GET / HTTP/1.1  -> HTTP/1.1 200 OK {} answered", "HEAD / HTTP/1.1  -> HTTP/1.1 200 OK  answered", "POST /half HTTP/1.1  -> HTTP/1.1 404 No  answered")
}

func TestBodies(t *testing.T) {
	const post = "POST /cb HTTP/1.1\r\n"
	for name, test := range map[string]struct {
		ask, answer string
		closes      bool // the receiver does, behind its answer
		want        string
	}{
		"chunks": {
			post + "Transfer-Encoding: gzip, Chunked\r\nContent-Length: 3\r\n\r\n3;x=y\r\nabc\r\n0a \r\n0123456789\r\n0\r\nT: 1\r\n\r\n",
			head + "\r\ntransfer-encoding:chunked\r\n\r\n2\nhi\n0\n\n", false,
			"POST /cb HTTP/1.1 abc0123456789(coded) -> HTTP/1.1 200 OK hi(coded) answered",
		},
		"until it closes":     {ask, head + "\r\n\r\nall that comes", true, asked + " -> HTTP/1.1 200 OK all that comes answered"},
		"another coding":      {ask, head + "\r\nTransfer-Encoding: gzip\r\nContent-Length: 1\r\n\r\nall", true, asked + " -> HTTP/1.1 200 OK all answered"},
		"cut off":             {ask, head + "\r\nContent-Length: 9\r\n\r\nhalf", true, asked + " -> HTTP/1.1 200 OK half cut_short"},
		"cut off in a chunk":  {ask, head + "\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf", true, asked + " -> HTTP/1.1 200 OK half(coded) cut_short"},
		"cut off in its head": {ask, head + "\r\nContent-Le", true, asked + " -> HTTP/1.1 200 OK  cut_short"},
		"nothing":             {ask, "", true, asked + " ->   closed"},
		"no content":          {ask, "HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n", false, asked + " -> HTTP/1.1 204 No  answered"},
		"not modified":        {ask, "HTTP/1.1 304 No\r\nTransfer-Encoding: chunked\r\n\r\n", false, asked + " -> HTTP/1.1 304 No  answered"},
		"bare line feeds":     {"POST / HTTP/1.0\nContent-Length: 2\n\nhi", "HTTP/1.1 200 OK\nContent-Length: 0\n\n", false, "POST / HTTP/1.0\nContent-Length: 2\n\n hi -> HTTP/1.1 200 OK\nContent-Length: 0\n\n  answered"},
		"informational":       {ask, "HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 102 P\r\n\r\n" + good, false, asked + " -> HTTP/1.1 103 Early, HTTP/1.1 102 P, HTTP/1.1 200 OK {} answered"},
		"two lengths":         {ask, head + "\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc", true, asked + " -> HTTP/1.1 200 OK  not_http"},
		"a length of letters": {ask, head + "\r\nContent-Length: +2\r\n\r\nabc", true, asked + " -> HTTP/1.1 200 OK  not_http"},
		"a chunk too long":    {ask, head + "\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n", true, asked + " -> HTTP/1.1 200 OK ab(coded) not_http"},
		"no HTTP":             {ask, "SSH-2.0-x\r\n", true, asked + " -> SSH-2.0-x  not_http"},
		"HTTP/2":              {ask, "HTTP/2 200\r\n\r\n", true, asked + " -> HTTP/2 200  not_http"},
		"the same length":     {ask, head + "\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab", false, asked + " -> HTTP/1.1 200 OK ab answered"},
	} {
		t.Run(name, func(t *testing.T) {
			c := connect(t)
			c.asks(t, test.ask)
			c.answers(t, test.answer)
			if test.closes {
				c.far.Close()
				if n, err := c.near.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
					t.Errorf("%d bytes came behind the answer, %v", n, err)
				}
			}
			c.has(t, test.want)
			if !test.closes { // and the connection goes on
				c.asks(t, ask)
				c.answers(t, good)
				c.has(t, test.want, done)
			}
			for _, e := range c.stopped(t) {
				if e.Answer.Outcome == recording.Answered != (e.Answer.Detail == "") {
					t.Errorf("%s: detail %q", e.Answer.Outcome, e.Answer.Detail)
				}
			}
		})
	}
}

// A client that asks whether to go on gets to know, before its body is there.
func TestExpect(t *testing.T) {
	c := connect(t)
	c.asks(t, "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
	c.answers(t, "HTTP/1.1 100 Continue\r\n\r\n")
	c.asks(t, "hello")
	c.answers(t, good)
	c.has(t, "POST / HTTP/1.1 hello -> HTTP/1.1 100 Continue, HTTP/1.1 200 OK {} answered")
}

// A receiver may answer before it has the whole request.
func TestEarlyAnswer(t *testing.T) {
	c := connect(t)
	c.asks(t, "POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nhello")
	c.answers(t, good)
	c.has(t, "POST / HTTP/1.1 hello(unfinished) -> HTTP/1.1 200 OK {} answered")
	c.asks(t, "world")
	c.has(t, "POST / HTTP/1.1 helloworld -> HTTP/1.1 200 OK {} answered")
	c.asks(t, ask)
	c.answers(t, good)
	c.has(t, "POST / HTTP/1.1 helloworld -> HTTP/1.1 200 OK {} answered", done)
}

// What no one has asked for is passed on, and is no one's answer.
func TestUnasked(t *testing.T) {
	c := connect(t)
	c.asks(t, ask)
	c.answers(t, good)
	c.answers(t, "HTTP/1.1 408 Timeout\r\nContent-Length: 0\r\n\r\n")
	c.asks(t, ask)
	c.answers(t, good)
	c.has(t, done, done)
}

// Another protocol is passed on, and its first request recorded.
func TestTunnels(t *testing.T) {
	for name, test := range map[string]struct{ ask, answer, want string }{
		"upgrade": {
			"GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n", "HTTP/1.1 101 Switching\r\nContent-Length: 5\r\n\r\n\x81\x00",
			"GET /ws HTTP/1.1  -> HTTP/1.1 101 Switching  tunnel",
		},
		"connect":  {"CONNECT h:1 HTTP/1.1\r\n\r\n", head + "\r\nContent-Length: 5\r\n\r\n", "CONNECT h:1 HTTP/1.1  -> HTTP/1.1 200 OK  tunnel"},
		"HTTP/2":   {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\x00\x00", "PRI * HTTP/2.0  ->   tunnel"},
		"TLS":      {"\x16\x03\x01\x00\x05", "\x15\x03\x03", "\x16\x03\x01\x00\x05  ->   tunnel"},
		"a length": {"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", good, "POST / HTTP/1.1  ->   tunnel"},
	} {
		t.Run(name, func(t *testing.T) {
			c := connect(t)
			c.asks(t, test.ask)
			c.answers(t, test.answer)
			c.asks(t, "anything")
			c.answers(t, "anything else")
			c.asks(t, ask)
			c.near.Close()
			if _, err := c.far.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
				t.Error(err)
			}
			var got []string
			for _, e := range c.stopped(t) {
				got = append(got, strings.Replace(short(e), "\r\n", "", 1))
				if e.Answer.Detail == "" {
					t.Errorf("no reason: %+v", e)
				}
			}
			if diff := cmp.Diff([]string{test.want}, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// Of a body that is too long, the beginning is kept, and all of it is passed on.
func TestLongBody(t *testing.T) {
	c := connect(t)
	long := strings.Repeat("0123456789abcdef", recording.MaxBody/16+100)
	go func() {
		_, _ = io.WriteString(c.near, "POST / HTTP/1.1\r\nContent-Length: "+itoa(len(long))+"\r\n\r\n"+long)
	}()
	c.far = c.accept()
	wants(t, c.far, "POST / HTTP/1.1\r\nContent-Length: "+itoa(len(long))+"\r\n\r\n"+long)
	go func() { _, _ = io.WriteString(c.far, head+"\r\n\r\n"+long); c.far.Close() }()
	wants(t, c.near, head+"\r\n\r\n"+long)
	if _, err := c.near.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
	list := c.stopped(t)
	if len(list) != 1 {
		t.Fatalf("%d exchanges", len(list))
	}
	e := list[0]
	if string(e.Body) != long[:recording.MaxBody] || e.Cut != 1600 || string(e.Answer.Body) != long[:recording.MaxBody] || e.Answer.Cut != 1600 || e.Answer.Outcome != recording.Answered {
		t.Errorf("%d and %d bytes are kept, %d and %d are not, %s", len(e.Body), len(e.Answer.Body), e.Cut, e.Answer.Cut, e.Answer.Outcome)
	}
}

// Whoever closes, the other side sees it as it was.
func TestEnds(t *testing.T) {
	eof := func(t *testing.T, c net.Conn) {
		t.Helper()
		_ = c.SetReadDeadline(time.Now().Add(30 * time.Second))
		if n, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("%d bytes, %v, want the end", n, err)
		}
	}
	reset := func(t *testing.T, c net.Conn) {
		t.Helper()
		_ = c.SetReadDeadline(time.Now().Add(30 * time.Second))
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("%v, want a reset", err)
		}
	}
	crash := func(c *net.TCPConn) { _ = c.SetLinger(0); c.Close() }
	for name, test := range map[string]struct {
		play func(t *testing.T, c *line)
		want string
	}{
		"the client, idle":            {func(t *testing.T, c *line) { c.asks(t, ask); c.answers(t, good); c.near.Close(); eof(t, c.far) }, done},
		"the client crashes, idle":    {func(t *testing.T, c *line) { c.asks(t, ask); c.answers(t, good); crash(c.near); reset(t, c.far) }, done},
		"the client, waiting":         {func(t *testing.T, c *line) { c.asks(t, ask); c.near.Close(); eof(t, c.far) }, asked + " ->   aborted"},
		"the client crashes, waiting": {func(t *testing.T, c *line) { c.asks(t, ask); crash(c.near); reset(t, c.far) }, asked + " ->   aborted"},
		"the client, in its request":  {func(t *testing.T, c *line) { c.asks(t, ask[:len(ask)-1]); c.near.Close(); eof(t, c.far) }, strings.TrimSuffix(asked, "o") + "(unfinished) ->   aborted"},
		"the client, in the answer": {func(t *testing.T, c *line) {
			c.asks(t, ask)
			c.answers(t, good[:len(good)-1])
			c.near.Close()
			eof(t, c.far)
		}, asked + " -> HTTP/1.1 200 OK { aborted"},
		"the receiver, idle":          {func(t *testing.T, c *line) { c.asks(t, ask); c.answers(t, good); c.far.Close(); eof(t, c.near) }, done},
		"the receiver crashes, idle":  {func(t *testing.T, c *line) { c.asks(t, ask); c.answers(t, good); crash(c.far); reset(t, c.near) }, done},
		"the receiver, asked":         {func(t *testing.T, c *line) { c.asks(t, ask); c.far.Close(); eof(t, c.near) }, asked + " ->   closed"},
		"the receiver crashes, asked": {func(t *testing.T, c *line) { c.asks(t, ask); crash(c.far); reset(t, c.near) }, asked + " ->   reset"},
		"the receiver crashes, talking": {func(t *testing.T, c *line) {
			c.asks(t, ask)
			c.answers(t, good[:len(good)-1])
			crash(c.far)
			reset(t, c.near)
		}, asked + " -> HTTP/1.1 200 OK { reset"},
		"the receiver, in the request": {
			func(t *testing.T, c *line) { c.asks(t, ask[:len(ask)-1]); c.far.Close(); eof(t, c.near) },
			strings.TrimSuffix(asked, "o") + "(unfinished) ->   closed",
		},
		"half a client": { // it closes its half, and reads the answer, which is not recorded
			func(t *testing.T, c *line) {
				c.asks(t, ask)
				_ = c.near.CloseWrite()
				eof(t, c.far)
				c.answers(t, good)
				c.far.Close()
				eof(t, c.near)
			},
			asked + " ->   aborted",
		},
		"a request behind the end": {
			func(t *testing.T, c *line) {
				c.asks(t, ask)
				c.answers(t, good)
				_ = c.far.CloseWrite()
				eof(t, c.near)
				c.asks(t, ask)
				c.near.Close()
				eof(t, c.far)
			}, done + "\n" + asked + " ->   closed",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := connect(t)
			test.play(t, c)
			var got []string
			for _, e := range c.stopped(t) {
				got = append(got, short(e))
				if e.Answer.Outcome == recording.Aborted && e.Answer.Latency <= 0 && !e.Unfinished {
					t.Error("it does not say how long the client waited")
				}
			}
			if diff := cmp.Diff(strings.Split(test.want, "\n"), got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// Where no one listens the near side is closed without an answer, and the recording has
// the reason, also of a request that is not whole.
func TestRefused(t *testing.T) {
	for text, want := range map[string][]string{
		ask + ask:              {asked + " ->   refused", asked + " ->   refused"},
		ask[:len(ask)-1]:       {strings.TrimSuffix(asked, "o") + "(unfinished) ->   refused"},
		ask + ask[:1]:          {asked + " ->   refused", "P (unfinished) ->   refused"},
		"\x16\x03\x01\x00\x05": {"\x16\x03\x01\x00\x05  ->   tunnel"},
	} {
		p := start(t, record.Config{Address: "127.0.0.1:1"})
		near := (&line{proxy: p}).dial(t)
		if _, err := io.WriteString(near, text); err != nil {
			t.Fatal(err)
		}
		if n, err := near.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("%d bytes, %v", n, err)
		}
		var got []string
		for _, e := range p.stopped(t) {
			got = append(got, short(e))
			if e.Answer.Outcome == "refused" && e.Answer.Detail != "127.0.0.1:1" {
				t.Errorf("detail %q", e.Answer.Detail)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
}

// The same bytes are the same delivery.
func TestDelivery(t *testing.T) {
	c := connect(t)
	for _, body := range []string{"hello", "world", "hello"} {
		c.asks(t, strings.Replace(ask, "hello", body, 1))
		c.answers(t, good)
	}
	var got []int64
	for _, e := range c.stopped(t) {
		got = append(got, e.Delivery)
		if e.Generation.String() != "v1" || e.Source != c.near.LocalAddr().String() || e.Conn != 1 || e.Answer.Latency <= 0 || e.Answer.Latency > time.Minute {
			t.Errorf("%+v", e)
		}
	}
	if diff := cmp.Diff([]int64{1, 2, 1}, got); diff != "" {
		t.Error(diff)
	}
}

// What is under way when the proxy stops has a while to end.
func TestStop(t *testing.T) {
	c := connect(t)
	idle := c.dial(t)
	c.asks(t, ask)
	stopped := make(chan bool)
	go func() { c.stop(); close(stopped) }()
	if _, err := idle.Read(make([]byte, 1)); err == nil {
		t.Error("an idle connection stays open")
	}
	c.answers(t, good)
	<-stopped
	c.has(t, done)
}

// A client that does not trust the proxy's certificate, or speaks no TLS, is told of.
func TestRefusedByClient(t *testing.T) {
	server, trusting := certificate(t)
	trusting.ServerName = "127.0.0.1"
	told := make(chan error, 10)
	p := start(t, record.Config{Address: "127.0.0.1:1", Serve: server, Refused: func(_ string, err error) { told <- err }})
	c := &line{proxy: p}
	for name, talk := range map[string]func(nc net.Conn){
		"bad certificate": func(nc net.Conn) { _ = tls.Client(nc, &tls.Config{ServerName: "127.0.0.1"}).Handshake() },
		"does not look":   func(nc net.Conn) { _, _ = io.WriteString(nc, ask) },
	} {
		nc := c.dial(t)
		talk(nc)
		nc.Close()
		if err := <-told; !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for range 2 { // and no other
		nc := c.dial(t)
		if err := tls.Client(nc, trusting).Handshake(); err != nil {
			t.Error(err)
		}
		nc.Close()
		c.dial(t).Close()
	}
	if list := p.stopped(t); len(list) > 0 {
		t.Errorf("%d exchanges", len(list))
	}
	select {
	case err := <-told:
		t.Errorf("told of %v", err)
	default:
	}
}

// A proxy whose target leads back to it says so, and passes nothing on for ever.
func TestCircle(t *testing.T) {
	told := make(chan error, 10)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := startOn(t, l, put(t, ""), ours, record.Config{Address: l.Addr().String(), Refused: func(_ string, err error) { told <- err }})
	near := (&line{proxy: p}).dial(t)
	if _, err := io.WriteString(near, ask); err != nil {
		t.Fatal(err)
	}
	if n, err := near.Read(make([]byte, 1)); n > 0 || err == nil {
		t.Errorf("%d bytes came back, %v", n, err)
	}
	if err := <-told; !errors.Is(err, record.ErrCircle) {
		t.Error(err)
	}
	if list := p.stopped(t); len(list) != 1 || list[0].Answer.Outcome == recording.Answered {
		t.Errorf("%d exchanges", len(list))
	}
}

// claiming is a listener whose connections come from the address that it is told, if any.
type claiming struct {
	net.Listener
	source func() net.Addr
}

type claimed struct {
	net.Conn
	source net.Addr
}

func (l claiming) Accept() (net.Conn, error) {
	nc, err := l.Listener.Accept()
	if source := l.source(); err == nil && source != nil {
		nc = claimed{nc, source}
	}
	return nc, err
}

func (c claimed) RemoteAddr() net.Addr { return c.source }

// A client may have the port of a connection to the far side: the system gives one port
// to several connections that lead elsewhere. It is served.
func TestSharedPort(t *testing.T) {
	var port atomic.Pointer[net.TCPAddr]
	far := harness.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a, err := net.ResolveTCPAddr("tcp", r.RemoteAddr); err == nil {
			port.CompareAndSwap(nil, a)
		}
		_, _ = io.WriteString(w, `{"ErrorCode":0}`)
	}))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	source := func() net.Addr {
		if a := port.Load(); a != nil {
			return a
		}
		return nil
	}
	p := startOn(t, claiming{l, source}, put(t, ""), ours, record.Config{Address: hostOf(t, far.URL)})
	for i := range 2 { // the first stays open
		near := (&line{proxy: p}).dial(t)
		if _, err := io.WriteString(near, ask); err != nil {
			t.Fatal(err)
		}
		if _, err := near.Read(make([]byte, 1)); err != nil {
			t.Errorf("client %d got no answer: %v", i+1, err)
		}
	}
}

// haltingListener accepts connections on which nothing is written until released.
type haltingListener struct {
	net.Listener
	writing, released chan struct{}
}

func (l *haltingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return &haltingConn{c, l}, err
}

type haltingConn struct {
	net.Conn
	l *haltingListener
}

func (c *haltingConn) Write(b []byte) (int, error) {
	close(c.l.writing)
	<-c.l.released
	return c.Conn.Write(b)
}

// What is recorded as answered is passed on, even if the proxy stops in between.
func TestStopBeforePassingOn(t *testing.T) {
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &haltingListener{plain, make(chan struct{}), make(chan struct{})}
	far := harness.Serve(t, harness.Answer(http.StatusOK, "{}"))
	c := &line{proxy: startOn(t, l, put(t, ""), ours, record.Config{Address: hostOf(t, far.URL)})}
	var idle []net.Conn
	for range 8 {
		idle = append(idle, c.dial(t))
	}
	c.near = c.dial(t)
	if _, err := io.WriteString(c.near, ask); err != nil {
		t.Fatal(err)
	}
	<-l.writing
	stopped := make(chan struct{})
	go func() { c.stop(); close(stopped) }()
	for _, nc := range idle {
		_, _ = nc.Read(make([]byte, 1)) // until it is closed: then all were looked at, or most
	}
	close(l.released)
	if answer, err := http.ReadResponse(bufio.NewReader(c.near), nil); err != nil || answer.StatusCode != http.StatusOK {
		t.Errorf("the answer is %v, %v", answer, err)
	}
	c.near.Close()
	<-stopped
}
