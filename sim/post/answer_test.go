package post

import (
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"

	"ringback/sim/delivery"
)

// TestAnswers holds what is understood and what is refused, byte by byte and
// in one piece.
func TestAnswers(t *testing.T) {
	long := strings.Repeat("x", 300)
	for name, c := range map[string]struct {
		says    string
		then    error
		status  int
		body    string
		failure delivery.Failure
		detail  string
		kept    bool
	}{
		"length":                 {says: ok, status: 200, body: okBody, kept: true},
		"no length, no body":     {says: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", status: 200, kept: true},
		"bare line feeds":        {says: "HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", status: 200, body: "hi", kept: true},
		"no reason":              {says: "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi", status: 200, body: "hi", kept: true},
		"empty reason":           {says: "HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nhi", status: 200, body: "hi", kept: true},
		"odd status":             {says: "HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\nhi", status: 999, body: "hi", kept: true},
		"header case":            {says: "HTTP/1.1 200 OK\r\ncOnTeNt-lEnGtH:\t2 \r\n\r\nhi", status: 200, body: "hi", kept: true},
		"length twice":           {says: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi", status: 200, body: "hi", kept: true},
		"latin-1 header":         {says: "HTTP/1.1 200 OK\r\nX-Who: J\xfcrgen\r\nContent-Length: 2\r\n\r\nhi", status: 200, body: "hi", kept: true},
		"bytes behind":           {says: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhigh", status: 200, body: "hi"},
		"close":                  {says: "HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 2\r\n\r\nhi", status: 200, body: "hi"},
		"close in a list":        {says: "HTTP/1.1 200 OK\r\nConnection: x,\tclose\r\nContent-Length: 2\r\n\r\nhi", status: 200, body: "hi"},
		"no keeping":             {says: "HTTP/1.1 200 OK\r\nKeep-Alive: max=1, timeout=0\r\nContent-Length: 2\r\n\r\nhi", status: 200, body: "hi"},
		"1.0":                    {says: "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", status: 200, body: "hi"},
		"1.0 keep-alive":         {says: "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nhi", status: 200, body: "hi", kept: true},
		"until close":            {says: "HTTP/1.1 200 OK\r\n\r\nhi there", status: 200, body: "hi there"},
		"until close, empty":     {says: "HTTP/1.1 200 OK\r\n\r\n", status: 200},
		"204":                    {says: "HTTP/1.1 204 No Content\r\n\r\n", status: 204, kept: true},
		"204 with a length":      {says: "HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n", status: 204, kept: true},
		"304":                    {says: "HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n", status: 304, kept: true},
		"100 first":              {says: "HTTP/1.1 100 Continue\r\n\r\n" + ok, status: 200, body: okBody, kept: true},
		"103 first":              {says: "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + ok, status: 200, body: okBody, kept: true},
		"16 interim":             {says: strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 16) + ok, status: 200, body: okBody, kept: true},
		"chunked":                {says: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhi \r\n5\r\nthere\r\n0\r\n\r\n", status: 200, body: "hi there", kept: true},
		"chunk extensions":       {says: "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n002 ;a=\"b\";c\r\nhi\r\n0;d\r\n\r\n", status: 200, body: "hi", kept: true},
		"hexadecimal":            {says: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\nb\r\n0123456789a\r\n0\r\n\r\n", status: 200, body: "01234567890123456789a", kept: true},
		"trailer":                {says: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nContent-Length: 7\r\nX: y\r\n\r\n", status: 200, body: "hi", kept: true},
		"no chunk":               {says: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", status: 200, kept: true},
		"coded, then chunked":    {says: "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", status: 200, body: "hi", kept: true},
		"chunks, bytes behind":   {says: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\nHTTP", status: 200, body: "hi"},
		"a body of just the cap": {says: "HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n" + long, status: 200, body: long, kept: true},

		"silence":                {failure: delivery.Closed},
		"reset":                  {then: syscall.ECONNRESET, failure: delivery.Reset, detail: "waiting for the answer"},
		"reset in the body":      {says: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi", then: syscall.ECONNRESET, status: 200, failure: delivery.Reset, detail: "2 of 5 bytes"},
		"reset until close":      {says: "HTTP/1.1 200 OK\r\n\r\nhi", then: syscall.ECONNRESET, status: 200, failure: delivery.Reset, detail: "2 bytes so far"},
		"cut in the version":     {says: "HTT", failure: delivery.CutShort, detail: "in its head"},
		"cut in the head":        {says: "HTTP/1.1 200 OK\r\nContent-Le", status: 200, failure: delivery.CutShort, detail: "in its head"},
		"cut in the body":        {says: "HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n" + okBody[:12], status: 200, failure: delivery.CutShort, detail: "12 of 40 bytes"},
		"cut before the body":    {says: "HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n", status: 200, failure: delivery.CutShort, detail: "0 of 40 bytes"},
		"cut in a chunk":         {says: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhi", status: 200, failure: delivery.CutShort, detail: "before its last chunk, after 2 bytes"},
		"cut behind a chunk":     {says: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi", status: 200, failure: delivery.CutShort, detail: "after 2 bytes"},
		"no last chunk":          {says: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n", status: 200, failure: delivery.CutShort, detail: "after 2 bytes"},
		"cut in the trailer":     {says: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n", status: 200, failure: delivery.CutShort, detail: "after 2 bytes"},
		"100 and no more":        {says: "HTTP/1.1 100 Continue\r\n\r\n", failure: delivery.Closed},
		"17 interim":             {says: strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 17) + ok, status: 102, failure: delivery.NotHTTP, detail: "16 interim"},
		"101":                    {says: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", status: 101, failure: delivery.NotHTTP, detail: "101"},
		"garbage":                {says: "SSH-2.0-OpenSSH_9.6\r\n", failure: delivery.NotHTTP, detail: `"S`},
		"0.9":                    {says: "<html>hi</html>", failure: delivery.NotHTTP, detail: `"<`},
		"TLS alert":              {says: "\x15\x03\x03\x00\x02\x02\x46", failure: delivery.NotHTTP},
		"HTTP/2":                 {says: "HTTP/2 200\r\n\r\n", failure: delivery.NotHTTP, detail: `"HTTP/2`},
		"HTTP/2.0":               {says: "HTTP/2.0 200 OK\r\n\r\n", failure: delivery.NotHTTP, detail: `"HTTP/2`},
		"HTTP/1.x":               {says: "HTTP/1.x 200 OK\r\n\r\n", failure: delivery.NotHTTP, detail: `"HTTP/1.x 200 OK"`},
		"four digits":            {says: "HTTP/1.1 2000 OK\r\n\r\n", failure: delivery.NotHTTP},
		"two digits":             {says: "HTTP/1.1 20 OK\r\n\r\n", failure: delivery.NotHTTP},
		"status 099":             {says: "HTTP/1.1 099 OK\r\n\r\n", failure: delivery.NotHTTP},
		"a short status line":    {says: "HTTP/1.1\r\n\r\n", failure: delivery.NotHTTP},
		"control in the reason":  {says: "HTTP/1.1 200 O\x00K\r\n\r\n", failure: delivery.NotHTTP, detail: "control character"},
		"an empty line first":    {says: "\r\n" + ok, failure: delivery.NotHTTP},
		"no colon":               {says: "HTTP/1.1 200 OK\r\nhello\r\n\r\n", status: 200, failure: delivery.NotHTTP, detail: `without a colon: "hello"`},
		"space before colon":     {says: "HTTP/1.1 200 OK\r\nX : y\r\n\r\n", status: 200, failure: delivery.NotHTTP, detail: "header name"},
		"no name":                {says: "HTTP/1.1 200 OK\r\n: y\r\n\r\n", status: 200, failure: delivery.NotHTTP, detail: "without a name"},
		"folded":                 {says: "HTTP/1.1 200 OK\r\nX: y\r\n z\r\n\r\n", status: 200, failure: delivery.NotHTTP, detail: "folded"},
		"NUL":                    {says: "HTTP/1.1 200 OK\r\nX: y\x00z\r\n\r\n", status: 200, failure: delivery.NotHTTP, detail: "control character"},
		"bare CR":                {says: "HTTP/1.1 200 OK\r\nX: y\rz\r\n\r\n", status: 200, failure: delivery.NotHTTP, detail: "control character"},
		"lengths differ":         {says: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi", status: 200, failure: delivery.NotHTTP, detail: "2 and 3"},
		"negative length":        {says: "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nhi", status: 200, failure: delivery.NotHTTP, detail: `"-2"`},
		"signed length":          {says: "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nhi", status: 200, failure: delivery.NotHTTP, detail: `"+2"`},
		"listed length":          {says: "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nhi", status: 200, failure: delivery.NotHTTP},
		"empty length":           {says: "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nhi", status: 200, failure: delivery.NotHTTP},
		"a length too far":       {says: "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nhi", status: 200, failure: delivery.NotHTTP},
		"both framings":          {says: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", status: 200, failure: delivery.NotHTTP, detail: "both"},
		"gzip coding":            {says: "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhi", status: 200, failure: delivery.NotHTTP, detail: "chunked"},
		"chunked, then coded":    {says: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\nhi", status: 200, failure: delivery.NotHTTP, detail: "chunked"},
		"chunked twice":          {says: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\nhi", status: 200, failure: delivery.NotHTTP, detail: "chunked"},
		"chunked in 1.0":         {says: "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", status: 200, failure: delivery.NotHTTP, detail: "1.0"},
		"a chunk too long":       {says: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhigh\r\n0\r\n\r\n", status: 200, failure: delivery.NotHTTP, detail: "a chunk of 2 bytes goes on"},
		"no size":                {says: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n", status: 200, failure: delivery.NotHTTP, detail: "chunk size"},
		"a worded size":          {says: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nten\r\n", status: 200, failure: delivery.NotHTTP, detail: "chunk size"},
		"a negative size":        {says: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\nhi\r\n", status: 200, failure: delivery.NotHTTP, detail: "chunk size"},
		"a size too far":         {says: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", status: 200, failure: delivery.NotHTTP, detail: "chunk size"},
		"17 digits":              {says: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n00000000000000002\r\nhi\r\n", status: 200, failure: delivery.NotHTTP, detail: "chunk size"},
		"a size and a line feed": {says: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\nhi\r\n0\r\n\r\n", status: 200, failure: delivery.NotHTTP, detail: "chunk size"},
		"an endless size":        {says: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;" + strings.Repeat("x", maxLine), status: 200, failure: delivery.NotHTTP, detail: "chunk size of more"},
		"a bad trailer":          {says: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nhello\r\n\r\n", status: 200, failure: delivery.NotHTTP, detail: "colon"},
		"an endless trailer":     {says: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + strings.Repeat("X: y\r\n", maxLine/4), status: 200, failure: delivery.TooLarge, detail: "trailer"},
		"endless extensions":     {says: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1;"+strings.Repeat("x", 100)+"\r\n.\r\n", 50), status: 200, failure: delivery.TooLarge, detail: "extensions"},
		"an endless line":        {says: "HTTP/1.1 200 " + strings.Repeat("x", 500), failure: delivery.TooLarge, detail: "head has more than 400"},
		"an endless head":        {says: "HTTP/1.1 200 OK\r\n" + strings.Repeat("X: y\r\n", 100), status: 200, failure: delivery.TooLarge, detail: "head has more than 400"},
		"announced too large":    {says: "HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n", status: 200, failure: delivery.TooLarge, detail: "1073741824"},
		"chunks too large":       {says: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n12b\r\n", status: 200, failure: delivery.TooLarge, detail: "300"},
		"too large":              {says: "HTTP/1.1 200 OK\r\n\r\nx" + long, status: 200, failure: delivery.TooLarge, detail: "300"},
	} {
		for _, step := range []int{0, 1, 7} {
			t.Run(fmt.Sprintf("%s/%d", name, step), func(t *testing.T) {
				conn := &script{turns: []turn{{says: c.says, then: c.then}}, step: step}
				s, _ := scripted(t, &Options{MaxHead: 400, MaxBody: 300}, conn)
				r := request(t, "http://127.0.0.1:1")
				a := send(s, r, plain)
				wantFailure(t, a, c.failure, c.detail)
				if a.Status != c.status {
					t.Errorf("status %d, want %d", a.Status, c.status)
				}
				if string(a.Body) != c.body {
					t.Errorf("body %q, want %q", a.Body, c.body)
				}
				if string(conn.wrote) != string(r.Bytes()) {
					t.Errorf("sent %q", conn.wrote)
				}
				// Bytes that have not come yet are left to the next look.
				if conn.shut == c.kept && (step == 0 || !strings.Contains(name, "behind")) {
					t.Errorf("closed is %v, want kept %v", conn.shut, c.kept)
				}
			})
		}
	}
}

// TestSizes lets bodies grow over the first buffer, in each framing, on one
// sender.
func TestSizes(t *testing.T) {
	frames := map[string]func(body string) string{
		"length": func(b string) string {
			return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(b), b)
		},
		"close": func(b string) string { return "HTTP/1.1 200 OK\r\n\r\n" + b },
		"chunks": func(b string) string {
			half := len(b) / 2
			return fmt.Sprintf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n",
				half, b[:half], len(b)-half, b[half:])
		},
	}
	var conns []net.Conn
	var want []string
	for _, size := range []int{2, 4000, firstBuffer - 1, firstBuffer, firstBuffer + 1, 9999, 64 << 10} {
		for _, frame := range frames {
			for _, step := range []int{0, 1000} {
				body := strings.Repeat(fmt.Sprintf("%07d.", size), size/8+1)[:size]
				want = append(want, body)
				conns = append(conns, &script{step: step, turns: []turn{{says: "HTTP/1.1 100 Continue\r\n\r\n" + frame(body)}}})
			}
		}
	}
	s, _ := scripted(t, &Options{}, conns...)
	r := request(t, "http://127.0.0.1:1")
	for i := range conns {
		a := send(s, r, plain)
		wantFailure(t, a, delivery.NoFailure)
		if string(a.Body) != want[i] {
			t.Errorf("%d: a body of %d bytes, want %d", i, len(a.Body), len(want[i]))
		}
		if s.peers[0].kept != nil {
			s.drop(s.peers[0].kept)
			s.peers[0].kept = nil
		}
	}
	if n := len(s.reader.buf); n > s.reader.limit() {
		t.Errorf("a buffer of %d bytes", n)
	}
}

// TestByteBehindAFullBuffer: one byte too many is seen when it comes with the
// last part of an answer, and suspected where the buffer has no room for it.
func TestByteBehindAFullBuffer(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nContent-Length: 4055\r\n\r\n"
	body := strings.Repeat("x", 4055)
	if len(head)+len(body) != firstBuffer {
		t.Fatalf("the answer has %d bytes", len(head)+len(body))
	}
	for _, step := range []int{0, 1000} {
		conn := &script{step: step, turns: []turn{{says: head + body + "!"}}}
		s, _ := scripted(t, &Options{}, conn)
		a := send(s, request(t, "http://127.0.0.1:1"), plain)
		if wantFailure(t, a, delivery.NoFailure); string(a.Body) != body || !conn.shut {
			t.Errorf("step %d: a body of %d bytes, closed %v", step, len(a.Body), conn.shut)
		}
	}
}

func TestReportedHeaders(t *testing.T) {
	for _, c := range []struct{ says, location, encoding string }{
		{"HTTP/1.1 302 Found\r\nLocation: https://example.com/x\r\nContent-Length: 0\r\n\r\n", "https://example.com/x", ""},
		{"HTTP/1.1 201 Created\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", "", ""},
		{"HTTP/1.1 200 OK\r\nContent-Encoding: GZIP\r\nContent-Length: 0\r\n\r\n", "", "gzip"},
		{"HTTP/1.1 200 OK\r\nContent-Encoding: aws-chunked\r\nContent-Length: 0\r\n\r\n", "", "aws-chunked"},
		{"HTTP/1.1 103 Early Hints\r\nContent-Encoding: br\r\n\r\n" + ok, "", ""},
	} {
		s, _ := scripted(t, &Options{}, &script{turns: []turn{{says: c.says}}})
		a := send(s, request(t, "http://127.0.0.1:1"), plain)
		wantFailure(t, a, delivery.NoFailure)
		if a.Location != c.location || a.Encoding != c.encoding {
			t.Errorf("%q: location %q, encoding %q", c.says, a.Location, a.Encoding)
		}
	}
}

// A sender that is told to keeps the header lines of the final answer, without those of
// interim ones and of trailers; others keep none.
func TestKeptHeads(t *testing.T) {
	const says = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nX-Id:  7 \nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX-Sum: 1\r\n\r\n"
	for _, keep := range []bool{true, false} {
		s, _ := scripted(t, &Options{}, &script{turns: []turn{{says: says}, {says: ok}}})
		want := map[bool][]string{true: {"X-Id: 7\nTransfer-Encoding: chunked\n", "Content-Length: 40\n"}, false: {"", ""}}[keep]
		if keep {
			s.KeepHeads()
		}
		for i := range want {
			a := send(s, request(t, "http://127.0.0.1:1"), plain)
			wantFailure(t, a, delivery.NoFailure)
			if string(a.Head) != want[i] {
				t.Errorf("keeping %t, answer %d: %q, want %q", keep, i, a.Head, want[i])
			}
		}
	}
}

// TestHints checks the words for those who speak another protocol.
func TestHints(t *testing.T) {
	for says, hint := range map[string]string{
		"\x15\x03\x03\x00\x02\x02\x46": "https://",
		"HTTP/2 200\r\n":               "HTTP/2",
		"\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x80":                "HTTP/2",
		"220 mail.example.com ESMTP Postfix, and a line that is far too long to show": `Postfix, and "...`,
	} {
		s, _ := scripted(t, &Options{}, &script{turns: []turn{{says: says}}})
		wantFailure(t, send(s, request(t, "http://127.0.0.1:1"), plain), delivery.NotHTTP, hint)
	}
}
