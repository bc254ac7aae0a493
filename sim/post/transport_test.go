package post

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"ringback/sim/delivery"
)

// TestTransport shows each directive as the receiver sees it.
func TestTransport(t *testing.T) {
	const badRequest = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
	whole := len(request(t, "http://127.0.0.1:65535").Bytes())
	for name, c := range map[string]struct {
		transport delivery.Transport
		size      int // bytes that the receiver gets
		end       error
		says      string
		want      delivery.Failure
		detail    string
		status    int
	}{
		"lose tail, answered":  {delivery.Transport{LoseTail: 5}, whole - 5, nil, badRequest, delivery.NoFailure, "", 400},
		"lose tail, hung up":   {delivery.Transport{LoseTail: 5}, whole - 5, nil, "", delivery.Closed, "waiting", 0},
		"lose all":             {delivery.Transport{LoseTail: 9999}, 0, nil, "", delivery.Closed, "waiting", 0},
		"reset":                {delivery.Transport{Reset: true}, whole, errReset, "", delivery.Reset, "by a fault", 0},
		"hang up":              {delivery.Transport{HangUp: true}, whole, nil, "", delivery.Closed, "by a fault", 0},
		"spread":               {delivery.Transport{Spread: time.Millisecond}, whole, nil, ok, delivery.NoFailure, "", 200},
		"spread and lose tail": {delivery.Transport{Spread: time.Millisecond, LoseTail: 1}, whole - 1, nil, badRequest, delivery.NoFailure, "", 400},
		"lose tail and reset":  {delivery.Transport{LoseTail: 7, Reset: true}, whole - 7, errReset, "", delivery.Reset, "by a fault", 0},
	} {
		t.Run(name, func(t *testing.T) {
			type seen struct {
				bytes []byte
				err   error
			}
			got := make(chan seen, 2)
			receiver := listen(t, func(conn *net.TCPConn, _ int) {
				b := make([]byte, c.size, whole+1)
				_, err := io.ReadFull(conn, b)
				if c.transport.LoseTail == 0 && c.says != "" {
					io.WriteString(conn, c.says) // the request is whole
				}
				if err == nil {
					var rest []byte
					rest, err = io.ReadAll(conn)
					b = append(b, rest...)
				}
				if c.transport.LoseTail > 0 {
					io.WriteString(conn, c.says)
				}
				got <- seen{b, err}
			})
			s := newSender(t, &Options{})
			r := request(t, receiver.url)
			if len(r.Bytes()) != whole {
				t.Skip("a port of less than five digits")
			}
			a := send(s, r, c.transport)
			wantFailure(t, a, c.want, c.detail)
			if a.Status != c.status || !a.Connected {
				t.Errorf("status %d, connected %v", a.Status, a.Connected)
			}
			if len(s.conns) != 0 {
				t.Error("the connection is kept")
			}
			g := <-got
			if !bytes.Equal(g.bytes, r.Bytes()[:c.size]) {
				t.Errorf("the receiver got %q", g.bytes)
			}
			if c.end == nil && g.err != nil || !errors.Is(g.err, c.end) {
				t.Errorf("the receiver saw the end %v, want %v", g.err, c.end)
			}
		})
	}
}

// TestMaimedOnKept uses a kept connection, then closes it; a dead one is
// replaced.
func TestMaimedOnKept(t *testing.T) {
	first := &script{turns: []turn{{says: ok}, {fails: errReset}}}
	second := &script{turns: []turn{{}}}
	third := &script{turns: []turn{{says: ok}, {}}}
	s, dials := scripted(t, &Options{}, first, second, third)
	r := request(t, "http://127.0.0.1:1")
	wantOK(t, send(s, r, plain))
	wantFailure(t, send(s, r, delivery.Transport{HangUp: true}), delivery.Closed, "by a fault")
	wantOK(t, send(s, r, plain))
	wantFailure(t, send(s, r, delivery.Transport{HangUp: true}), delivery.Closed, "by a fault")
	if *dials != 3 || !first.shut || !second.shut || !third.shut {
		t.Errorf("%d dials, closed %v %v %v", *dials, first.shut, second.shut, third.shut)
	}
}

// TestSpreadOverTheDead: the receiver is gone after the first piece.
func TestSpreadOverTheDead(t *testing.T) {
	s, _ := scripted(t, &Options{}, &script{turns: []turn{{}, {fails: errReset}}})
	a := send(s, request(t, "http://127.0.0.1:1"), delivery.Transport{Spread: time.Millisecond})
	wantFailure(t, a, delivery.Reset, "sending, 2 of")
}

// TestSpread counts the pieces and the time, which is simulated.
func TestSpread(t *testing.T) {
	for _, c := range []struct {
		over   time.Duration
		pieces int
		want   delivery.Failure
		detail string
		took   time.Duration
	}{
		{time.Second, maxPieces, delivery.NoFailure, "", time.Second},
		{2*time.Second - 1, maxPieces, delivery.NoFailure, "", 2*time.Second - 1},
		{time.Hour, 1, delivery.TimedOut, "sending, ", 2 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := request(t, "http://127.0.0.1:1")
			pieces := 0
			s := pipe(t, &Options{}, func(conn net.Conn) {
				b := make([]byte, len(r.Bytes()))
				for n := 0; n < len(b); pieces++ {
					m, err := conn.Read(b[n:])
					if n += m; err != nil {
						return
					}
				}
				io.WriteString(conn, ok)
			})
			defer s.Close()
			a := send(s, r, delivery.Transport{Spread: c.over})
			synctest.Wait()
			wantFailure(t, a, c.want, c.detail)
			if pieces != c.pieces || a.Took != c.took {
				t.Errorf("%d pieces in %v, want %d in %v", pieces, a.Took, c.pieces, c.took)
			}
		})
	}
}
