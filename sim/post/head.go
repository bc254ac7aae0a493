package post

import (
	"bytes"
	"math"
	"time"

	"ringback/sim/delivery"
	"ringback/sim/text"
)

const version = "HTTP/1."

// looksLikeHTTP reports whether b can be the beginning of a status line.
func looksLikeHTTP(b []byte) bool {
	n := min(len(b), len(version))
	return string(b[:n]) == version[:n]
}

// head holds the parts of an answer's head that matter.
type head struct {
	status    int
	minor     byte          // of HTTP/1.x
	length    int64         // Content-Length, or -1
	coded     bool          // has a Transfer-Encoding
	chunked   bool          // the last coding is chunked
	misplaced bool          // chunked is not the last coding
	close     bool          // Connection: close
	keepAlive bool          // Connection: keep-alive
	keepFor   time.Duration // timeout of Keep-Alive, or -1
}

// statusLine parses a line like "HTTP/1.1 200 OK".
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

// field parses the value of a header that matters.
func (h *head) field(name, value []byte, a *delivery.Answer) error {
	switch len(name) { // excludes most headers cheaply
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

// split splits a header line and checks its characters.
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

// is reports whether b equals a lower-case name, ignoring case.
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

// element splits the first element off a comma-separated list.
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

// number parses a decimal number without a sign.
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
			// chunked must come last, and only once.
			h.misplaced = h.misplaced || h.chunked
			h.chunked = is(word, "chunked")
		}
	}
	h.coded = true
}

// check refuses framing that two readers could understand differently.
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

// bodiless reports whether an answer with this status has no body.
func (h *head) bodiless() bool {
	return h.status < 200 || h.status == 204 || h.status == 304
}

// persists reports whether the receiver keeps the connection open.
func (h *head) persists() bool {
	return !h.close && h.keepFor != 0 && (h.minor >= 1 || h.keepAlive)
}

// encodingName is string(b) without an allocation for the common encodings.
func encodingName(b []byte) string {
	for _, name := range [...]string{"gzip", "identity", "br", "deflate", "zstd"} {
		if is(b, name) {
			return name
		}
	}
	return string(b)
}
