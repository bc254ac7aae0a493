package post

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"testing"
	"testing/iotest"

	"ringback/sim/delivery"
)

// FuzzAnswer holds the reader against net/http: what both accept, both
// understand alike. It also must not panic, must keep to its caps, and must
// not care how the bytes are cut into packets.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		ok,
		"HTTP/1.1 200 OK\r\n\r\nuntil the end",
		"HTTP/1.0 500 Oh\nConnection: keep-alive\nContent-Length: 2\n\nhi",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nhi\r\n1\r\n!\r\n0\r\nX: y\r\n\r\n",
		"HTTP/1.1 301 Moved\r\nLocation: /\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nX: folded\r\n line\r\n\r\n",
	} {
		f.Add([]byte(seed), uint8(0))
		f.Add([]byte(seed), uint8(1))
	}
	f.Fuzz(func(t *testing.T, b []byte, cut uint8) {
		status, body, err := understand(t, bytes.NewReader(b))
		sliced := io.Reader(&pieces{b, int(cut) + 1})
		if cut == 0 {
			sliced = iotest.DataErrReader(sliced)
		}
		status2, body2, err2 := understand(t, sliced)
		if (err == nil) != (err2 == nil) || err == nil && (status != status2 || !bytes.Equal(body, body2)) {
			t.Fatalf("in one piece: %d %q %v; in pieces: %d %q %v", status, body, err, status2, body2, err2)
		}
		theirStatus, theirBody, theirErr := netHTTP(b)
		if err == nil && theirErr == nil && (status != theirStatus || !bytes.Equal(body, theirBody)) {
			t.Fatalf("we read %d %q, net/http reads %d %q", status, body, theirStatus, theirBody)
		}
	})
}

func understand(t *testing.T, src io.Reader) (status int, body []byte, err error) {
	const maxHead, maxBody = 300, 100
	r := reader{src: src, maxHead: maxHead, maxBody: maxBody}
	var a delivery.Answer
	_, err = r.read(&a)
	if len(r.buf) > maxBody+maxLine+1 || len(a.Body) > maxBody {
		t.Fatalf("a buffer of %d bytes, a body of %d", len(r.buf), len(a.Body))
	}
	return a.Status, a.Body, err
}

// netHTTP reads the first final answer.
func netHTTP(b []byte) (status int, body []byte, err error) {
	r := bufio.NewReader(bytes.NewReader(b))
	for range maxInterim + 1 {
		answer, err := http.ReadResponse(r, &http.Request{Method: "POST"})
		if err != nil {
			return 0, nil, err
		}
		if answer.StatusCode/100 == 1 {
			continue
		}
		body, err = io.ReadAll(answer.Body)
		return answer.StatusCode, body, err
	}
	return 0, nil, io.ErrNoProgress
}

// pieces reads at most size bytes at a time.
type pieces struct {
	b    []byte
	size int
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.b) == 0 {
		return 0, io.EOF
	}
	n := copy(b[:min(len(b), p.size)], p.b)
	p.b = p.b[n:]
	return n, nil
}
