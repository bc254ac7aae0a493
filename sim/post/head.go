package post

import (
	"bytes"
	"math"
	"time"

	"ringback/sim/delivery"
	"ringback/sim/text"
)

const version = "HTTP/1."

// looksLikeHTTP reports whether b may become a status line.
func looksLikeHTTP(b []byte) bool {
	n := min(len(b), len(version))
	return string(b[:n]) == version[:n]
}

// head is what matters of an answer's head.
type head struct {
	status    int
	minor     byte          // of HTTP/1.x
	length    int64         // Content-Length, -1 without one
	coded     bool          // with a Transfer-Encoding
	chunked   bool          // the last coding is chunked
	misplaced bool          // chunked was not the last
	close     bool          // Connection: close
	keepAlive bool          // Connection: keep-alive
	keepFor   time.Duration // Keep-Alive: timeout, -1 without one
}

// statusLine reads "HTTP/1.1 200 OK".
func (h *head) statusLine(line []byte) error {
	const shortest = len("HTTP/1.1 200")
	if len(line) < shortest {
		return notAnAnswer(line)
	}
	minor, rest := line[len(version)], line[len(version)+1:]
	code, reason := rest[1:4], rest[4:]
	n, ok := number(code)
	if minor < '0' || minor > '9' || rest[0] != ' ' || !ok || n < 100 || len(reason) > 0 && reason[0] != ' ' {
		return notAnAnswer(line)
	}
	if !plainText(reason) {
		return notHTTP("a control character in the status line %s", text.Quote(line, maxQuoted))
	}
	h.minor, h.status = minor-'0', int(n)
	return nil
}

// field takes one header in.
func (h *head) field(name, value []byte, a *delivery.Answer) error {
	switch len(name) { // tells most headers apart from the few that matter
	case len("Location"):
		if is(name, "location") && h.status/100 == 3 {
			a.Location = string(value)
		}
	case len("Connection"): // and Keep-Alive
		switch {
		case is(name, "connection"):
			h.connection(value)
		case is(name, "keep-alive"):
			h.keepAliveTime(value)
		}
	case len("Content-Length"):
		if is(name, "content-length") {
			return h.contentLength(value)
		}
	case len("Content-Encoding"):
		if is(name, "content-encoding") {
			a.Encoding = encodingName(value)
		}
	case len("Transfer-Encoding"):
		if is(name, "transfer-encoding") {
			h.coding(value)
		}
	}
	return nil
}

// split takes a header line apart and checks its characters.
func split(line []byte) (name, value []byte, err error) {
	if line[0] == ' ' || line[0] == '\t' {
		return nil, nil, notHTTP("a folded header line %s; write each header on one line", text.Quote(line, maxQuoted))
	}
	i := bytes.IndexByte(line, ':')
	if i < 0 {
		return nil, nil, notHTTP("a header line without a colon: %s", text.Quote(line, maxQuoted))
	}
	name, value = line[:i], trim(line[i+1:])
	for _, c := range name {
		if !tokenChar[c] {
			return nil, nil, notHTTP("a header name with %q in it: %s", c, text.Quote(line, maxQuoted))
		}
	}
	if i == 0 {
		return nil, nil, notHTTP("a header line without a name: %s", text.Quote(line, maxQuoted))
	}
	if !plainText(value) {
		return nil, nil, notHTTP("a control character in the header %s", text.Quote(line, maxQuoted))
	}
	return name, value, nil
}

var tokenChar = func() (t [256]bool) {
	for _, c := range "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" {
		t[c] = true
	}
	return t
}()

// plainText reports whether b is free of control characters other than tab.
func plainText(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

func trim(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}

// is compares a name with one in lower case.
func is(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i := range lower {
		c := b[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// element cuts the first element off a comma-separated list.
func element(list []byte) (first, rest []byte) {
	if i := bytes.IndexByte(list, ','); i >= 0 {
		return trim(list[:i]), list[i+1:]
	}
	return trim(list), nil
}

func (h *head) connection(list []byte) {
	for len(list) > 0 {
		var word []byte
		word, list = element(list)
		h.close = h.close || is(word, "close")
		h.keepAlive = h.keepAlive || is(word, "keep-alive")
	}
}

func (h *head) keepAliveTime(list []byte) {
	const name = "timeout="
	for len(list) > 0 {
		var word []byte
		word, list = element(list)
		if len(word) <= len(name) || !is(word[:len(name)], name) {
			continue
		}
		if n, ok := number(word[len(name):]); ok {
			h.keepFor = time.Duration(min(n, math.MaxInt32)) * time.Second
		}
	}
}

func (h *head) contentLength(value []byte) error {
	n, ok := number(value)
	switch {
	case !ok:
		return notHTTP("Content-Length %s", text.Quote(value, maxQuoted))
	case h.length >= 0 && h.length != n:
		return notHTTP("two Content-Lengths, %d and %d", h.length, n)
	}
	h.length = n
	return nil
}

// number reads digits and nothing else.
func number(b []byte) (n int64, ok bool) {
	for _, c := range b {
		if c < '0' || c > '9' || n > (math.MaxInt64-9)/10 {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, len(b) > 0
}

func (h *head) coding(list []byte) {
	for len(list) > 0 {
		var word []byte
		word, list = element(list)
		if len(word) > 0 {
			// Chunked must come last, and only once.
			h.misplaced = h.misplaced || h.chunked
			h.chunked = is(word, "chunked")
		}
	}
	h.coded = true
}

// check looks for framing that two readers could read in two ways.
func (h *head) check() error {
	switch {
	case !h.coded || h.bodiless():
		return nil
	case h.length >= 0:
		return notHTTP("both Transfer-Encoding and Content-Length")
	case h.minor == 0:
		return notHTTP("Transfer-Encoding in an HTTP/1.0 answer")
	case !h.chunked || h.misplaced:
		return notHTTP("a Transfer-Encoding that does not end in chunked")
	}
	return nil
}

// bodiless reports whether the status rules out a body.
func (h *head) bodiless() bool {
	return h.status < 200 || h.status == 204 || h.status == 304
}

// persists reports whether the receiver lets the connection live on.
func (h *head) persists() bool {
	return !h.close && h.keepFor != 0 && (h.minor >= 1 || h.keepAlive)
}

// encodingName saves an allocation for the usual ones.
func encodingName(b []byte) string {
	for _, name := range [...]string{"gzip", "identity", "br", "deflate", "zstd"} {
		if is(b, name) {
			return name
		}
	}
	return string(b)
}
