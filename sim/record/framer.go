package record

import (
	"bytes"
	"math"
	"strconv"
	"strings"

	"ringback/sim/recording"
)

// framer follows the messages of one direction of a connection, and says what each byte
// belongs to. It changes nothing and refuses nothing: what it can't follow is opaque.
type framer struct {
	answers bool
	method  string // of the request that the present answer belongs to; set before it begins

	state state
	head  []byte // of the present message, so far; informational ones are over
	coded bool   // the body comes in chunks
	left  int64  // bytes of the body, or of the chunk
	line  []byte // of a chunk's length, or a trailer
	why   string // it is opaque

	switched bool // because both sides want another protocol
}

type state uint8

const (
	atStart    state = iota // between two messages
	inHead                  // in one
	inBody                  // left bytes
	inLength                // the line of a chunk's length
	inChunk                 // left bytes
	afterChunk              // the line break behind them
	inTrailer               // the lines behind the last chunk
	untilClose              // a body that the connection's end ends
	opaque
)

// piece is the beginning of what came.
type piece struct {
	n    int // bytes, at least one
	part part
	done bool // a message ends with it
}

// maxLine is the longest line of a chunk's length or a trailer.
const maxLine = 16 << 10

// feed takes some of what came, which is not empty.
func (f *framer) feed(b []byte) piece {
	switch f.state {
	case atStart:
		if n := len(b) - len(bytes.TrimLeft(b, "\r\n")); n > 0 && !f.answers {
			return piece{n: n}
		}
		f.head, f.coded, f.state = spare(f.head), false, inHead
		return f.feed(b)
	case inHead:
		return f.inHead(b)
	case inBody:
		n := int(min(f.left, int64(len(b))))
		f.left -= int64(n)
		return f.body(n, f.left == 0)
	case inLength, afterChunk, inTrailer:
		return f.inLine(b)
	case inChunk:
		n := int(min(f.left, int64(len(b))))
		if f.left -= int64(n); f.left == 0 {
			f.state = afterChunk
		}
		return f.body(n, false)
	case untilClose:
		return f.body(len(b), false)
	}
	return piece{n: len(b), part: partOpaque}
}

func (f *framer) body(n int, done bool) piece {
	if done {
		f.state = atStart
	}
	return piece{n, partBody, done}
}

// lost makes the rest of the connection opaque.
func (f *framer) lost(why string, b []byte) piece {
	f.state, f.why = opaque, why
	return piece{n: len(b), part: partOpaque}
}

func (f *framer) inHead(b []byte) piece {
	before := len(f.head)
	f.head = append(f.head, b...)
	if f.answers && !looksLike(f.head, "HTTP/1.") || !f.answers && !looksLikeRequest(f.head) {
		f.head = f.head[:before]
		return f.lost("it is not HTTP/1.1", b)
	}
	from := max(0, before-3) // the empty line may have begun before
	end := recording.HeadEnd(f.head[from:])
	if end < 0 {
		if len(f.head) > recording.MaxBody {
			return f.lost("its head is too long", b)
		}
		return piece{n: len(b), part: partHead}
	}
	f.head = f.head[:from+end]
	return piece{n: len(f.head) - before, part: partHead, done: f.begin()}
}

// begin decides how the message goes on behind its head, and reports whether it is over.
func (f *framer) begin() (done bool) {
	length, chunked, coded, why := lengthOf(f.head)
	f.coded, f.left = chunked, length
	f.state = atStart
	if f.answers {
		status := (&recording.Answer{Head: f.head}).Status()
		switch {
		case status == 101 || f.method == "CONNECT" && status/100 == 2:
			f.state, f.why, f.switched = opaque, "another protocol follows", true
			return false
		case status/100 == 1:
			f.head, f.state = f.head[:0], inHead
			return false
		case f.method == "HEAD" || status == 204 || status == 304:
			return true
		}
	}
	switch {
	case why != "":
		f.state, f.why = opaque, why
		return false
	case chunked:
		f.state, f.line = inLength, f.line[:0]
		return false
	case coded && !f.answers:
		f.state, f.why = opaque, "its Transfer-Encoding does not end with chunked"
		return false
	case coded || length < 0 && f.answers:
		f.state = untilClose
		return false
	case length > 0:
		f.state = inBody
		return false
	}
	return true
}

// lengthOf reads how long a body is: length is -1 if that is not said.
func lengthOf(head []byte) (length int64, chunked, coded bool, why string) {
	length = -1
	rest := head[bytes.IndexByte(head, '\n')+1:]
	for len(rest) > 2 {
		line, after, _ := bytes.Cut(rest, []byte("\n"))
		rest = after
		if len(line) == 0 || line[0]|0x20 != 'c' && line[0]|0x20 != 't' {
			continue
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		name, value = bytes.TrimRight(name, " \t"), bytes.Trim(value, " \t\r")
		switch {
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			last := value[bytes.LastIndexByte(value, ',')+1:]
			chunked, coded = bytes.EqualFold(bytes.Trim(last, " \t"), []byte("chunked")), true
		case bytes.EqualFold(name, []byte("Content-Length")):
			n, err := strconv.ParseInt(string(value), 10, 64)
			if err != nil || n < 0 || value[0] == '+' || length >= 0 && n != length {
				why = "its Content-Length is not one number"
				continue
			}
			length = n
		}
	}
	if coded { // it counts, whatever else there is
		why = ""
	}
	return length, chunked, coded, why
}

// inLine takes a line between chunks, or some of it.
func (f *framer) inLine(b []byte) piece {
	n := bytes.IndexByte(b, '\n') + 1
	whole := n > 0
	if !whole {
		n = len(b)
	}
	f.line = append(f.line, b[:n]...)
	if len(f.line) > maxLine {
		return f.lost("the line of a chunk is too long", b)
	}
	if !whole {
		return f.body(n, false)
	}
	line := strings.TrimRight(string(f.line), "\r\n")
	f.line = f.line[:0]
	switch f.state {
	case inTrailer:
		return f.body(n, line == "")
	case afterChunk:
		if line != "" {
			return f.lost("a chunk is longer than its length", b)
		}
		f.state = inLength
		return f.body(n, false)
	}
	digits, _, _ := strings.Cut(line, ";")
	size, err := strconv.ParseUint(strings.Trim(digits, " \t"), 16, 64)
	if err != nil || size > math.MaxInt64 {
		return f.lost("a chunk's length is no number", b)
	}
	if f.left, f.state = int64(size), inChunk; size == 0 {
		f.state = inTrailer
	}
	return f.body(n, false)
}

// looksLike reports whether b begins like that, as far as it goes.
func looksLike(b []byte, begin string) bool {
	n := min(len(b), len(begin))
	return string(b[:n]) == begin[:n]
}

// looksLikeRequest reports whether b begins like a request of HTTP/1, as far as it goes.
func looksLikeRequest(b []byte) bool {
	first, _, whole := bytes.Cut(b, []byte("\n"))
	method, rest, spaced := bytes.Cut(first, []byte(" "))
	for _, c := range method {
		if !('A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || c == '-' || c == '_') {
			return false
		}
	}
	if len(method) > 64 || !spaced && whole {
		return false
	}
	return !whole || len(method) > 0 && bytes.Contains(rest, []byte(" HTTP/1."))
}
