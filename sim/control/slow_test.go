package control_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ringback/sim/control"
	"ringback/sim/run"
)

// pipes is a listener for connections that are never really made.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	if c, ok := <-p; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}
func (p pipes) Close() error   { close(p); return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// inBubble serves a backend where time is not real, and hands over a
// connection to it.
func inBubble(t *testing.T, use func(t *testing.T, conn net.Conn)) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config()
		cfg.Paused, cfg.NoRateLimit, cfg.NewSender = true, true, func() run.Sender { return mute{} }
		b, err := control.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		b.SetClock(func() time.Time { return time.Unix(sigMadeAt, 0) })
		server, listener := &http.Server{Handler: b}, make(pipes)
		go server.Serve(listener)
		client, conn := net.Pipe()
		listener <- conn
		use(t, client)
		client.Close()
		server.Close()
		if err := b.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func request(path, query string, length int, body string) string {
	return fmt.Sprintf("POST /%s?%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s", path, query, length, body)
}

// answer reads one answer from a connection.
func answer(t *testing.T, path string, r *bufio.Reader) reply {
	t.Helper()
	resp, err := http.ReadResponse(r, &http.Request{Method: "POST"})
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.Close { // ReadResponse takes the header away
		resp.Header.Set("Connection", "close")
	}
	return readReply(t, path, resp.StatusCode, resp.Header, text)
}

// A body that does not come, or not all of what was announced, is waited for no
// longer than 10 s, and so is one that trickles.
func TestSlowBody(t *testing.T) {
	for path, code := range map[string]int{"v1/callback/delete": 70009, "v4/call_config/delete_callback": 60008} {
		for name, trickle := range map[string]bool{"nothing more comes": false, "a byte a second": true} {
			t.Run(path+" "+name, func(t *testing.T) {
				inBubble(t, func(t *testing.T, conn net.Conn) {
					began, gone := time.Now(), make(chan struct{})
					go func() {
						defer close(gone)
						_, err := io.WriteString(conn, request(path, goodQuery().Encode(), 1000, "{"))
						for trickle && err == nil {
							time.Sleep(time.Second) // of the bubble
							_, err = io.WriteString(conn, " ")
						}
					}()
					r := bufio.NewReader(conn)
					got := answer(t, path, r)
					if got.status != 408 || got.code != code || !strings.Contains(got.words, "the body did not come within 10s") {
						t.Errorf("status %d, %d %s", got.status, got.code, got.words)
					}
					if took := time.Since(began); took != 10*time.Second {
						t.Errorf("it took %s", took)
					}
					if _, err := r.ReadByte(); err == nil || got.header.Get("Connection") != "close" {
						t.Errorf("the connection goes on: %v", got.header)
					}
					conn.Close()
					<-gone
				})
			})
		}
	}
}

// The time is for the body alone: a connection may rest between requests, and
// what is refused without a look at its body holds no one up for longer.
func TestSlowClient(t *testing.T) {
	inBubble(t, func(t *testing.T, conn net.Conn) {
		r := bufio.NewReader(conn)
		const path = "v1/callback/delete"
		for range 3 {
			go io.WriteString(conn, request(path, goodQuery().Encode(), 2, "{}"))
			if got := answer(t, path, r); got.code != 0 {
				t.Errorf("%d %s", got.code, got.words)
			}
			time.Sleep(time.Minute) // of the bubble
		}
		go io.WriteString(conn, request(path, "", 1000, "{"))
		if got := answer(t, path, r); got.code != 70001 || got.status != 200 {
			t.Errorf("status %d, %d %s", got.status, got.code, got.words)
		}
		began := time.Now()
		if _, err := r.ReadByte(); err == nil || time.Since(began) > 10*time.Second {
			t.Errorf("the connection is still there after %s: %v", time.Since(began), err)
		}
	})
}

// A client that goes away within its body is told so, if it still listens.
func TestShortBody(t *testing.T) {
	a := newAPI(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(a.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request("v4/call_config/delete_callback", goodQuery().Encode(), 1000, "{}")); err != nil {
		t.Fatal(err)
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	got := answer(t, "v4/", bufio.NewReader(conn))
	if got.status != 200 || got.code != 60003 || !strings.Contains(got.words, "the body cannot be read: unexpected EOF") {
		t.Errorf("status %d, %d %s", got.status, got.code, got.words)
	}
}

// The body is not asked for where its size is refused already.
func TestExpectContinue(t *testing.T) {
	inBubble(t, func(t *testing.T, conn net.Conn) {
		head := request("v1/callback/delete", goodQuery().Encode(), 1<<30, "")
		head = strings.Replace(head, "\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n", 1)
		go conn.Write([]byte(head))
		var seen bytes.Buffer
		if got := answer(t, "v1/", bufio.NewReader(io.TeeReader(conn, &seen))); got.status != 413 {
			t.Errorf("status %d, %d %s", got.status, got.code, got.words)
		}
		if strings.Contains(seen.String(), "100 Continue") {
			t.Error("it asked for a body that it does not take")
		}
	})
}
