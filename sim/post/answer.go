package post

import (
	"bytes"
	"errors"
	"io"

	"ringback/sim/delivery"
)

// reader reads one answer from src into its buffer. It is strict where
// leniency would have to guess (lengths, framing) and lenient where good
// clients are: a bare line feed ends a header line, a reason phrase may be
// missing, unknown headers are skipped. Folded header lines are refused.
type reader struct {
	src              io.Reader
	maxHead, maxBody int

	buf   []byte
	kept  int   // buf[:kept] is the body so far
	next  int   // the first byte not yet understood
	n     int   // the end of what was received
	err   error // came with the last bytes
	stage stage
	head  head
	want  int64 // the announced length of the body, -1 when there is none
}

const (
	firstBuffer = 4 << 10 // holds the answer of nearly every receiver
	mostInterim = 16      // answers like 100 Continue before the real one
	mostLine    = 4 << 10 // of a chunk's size with its extensions
)

var errLongLine = errors.New("line too long")

// read reads the answer. A nil error means that a is complete; keep tells
// whether the next answer would begin where this one ends.
func (r *reader) read(a *delivery.Answer) (keep bool, err error) {
	r.kept, r.next, r.n, r.err = 0, 0, 0, nil
	for range mostInterim + 1 {
		a.Status, a.Location, a.Encoding = 0, "", ""
		if err := r.readHead(a); err != nil {
			return false, err
		}
		switch status := r.head.status; {
		case status == 101:
			return false, notHTTP("101 Switching Protocols, which nobody asked for")
		case status >= 200:
			if err := r.readBody(a); err != nil {
				return false, err
			}
			// In a full buffer nobody sees whether there is more.
			return r.head.persists() && r.next == r.n && r.n < len(r.buf) && r.err == nil, nil
		}
	}
	return false, notHTTP("more than %d interim answers", mostInterim)
}

// readHead reads up to the empty line.
func (r *reader) readHead(a *delivery.Answer) error {
	r.head = head{length: -1, keepFor: -1}
	r.stage = awaiting
	if r.next < r.n {
		r.stage = readingHead
	}
	// Whatever is no HTTP may never end its first line either.
	for r.n-r.next < len(version) {
		if !looksLikeHTTP(r.buf[r.next:r.n]) {
			return notAnAnswer(r.buf[r.next:r.n])
		}
		if err := r.more(); err != nil {
			return err
		}
	}
	if !looksLikeHTTP(r.buf[r.next:r.n]) {
		return notAnAnswer(r.buf[r.next:r.n])
	}
	left := r.maxHead
	line, err := r.headLine(&left)
	if err == nil {
		err = r.head.statusLine(line)
	}
	if err == nil {
		a.Status = r.head.status
		err = r.fields(&left, a)
	}
	switch err {
	case nil:
		return r.head.check()
	case errLongLine:
		return tooLarge("its head has more than %d bytes", r.maxHead)
	}
	return err
}

// fields reads header lines up to the empty one, left bytes at most. Without
// a they are a trailer, in which nothing matters.
func (r *reader) fields(left *int, a *delivery.Answer) error {
	for {
		line, err := r.headLine(left)
		if err != nil || len(line) == 0 {
			return err
		}
		name, value, err := split(line)
		if err != nil {
			return err
		}
		if a == nil {
			continue
		}
		if err := r.head.field(name, value, a); err != nil {
			return err
		}
	}
}

// headLine returns the next line without its end.
func (r *reader) headLine(left *int) ([]byte, error) {
	line, err := r.line(*left)
	*left -= len(line)
	return bytes.TrimSuffix(line[:max(0, len(line)-1)], cr), err
}

var cr = []byte{'\r'}

// line returns the next line with its end. It is valid until the next one.
func (r *reader) line(most int) ([]byte, error) {
	for seen := 0; ; {
		b := r.buf[r.next:r.n]
		i := bytes.IndexByte(b[seen:], '\n')
		if seen+i >= most || i < 0 && len(b) >= most {
			return nil, errLongLine
		}
		if i >= 0 {
			r.next += seen + i + 1
			return b[:seen+i+1], nil
		}
		seen = len(b)
		if err := r.more(); err != nil {
			return nil, err
		}
	}
}

// more receives at least one more byte, or says why there is none.
func (r *reader) more() error {
	if r.err != nil {
		return r.err
	}
	if r.n == len(r.buf) {
		r.room()
	}
	n, err := r.src.Read(r.buf[r.n:])
	r.n += n
	switch {
	case n == 0 && err == nil:
		return io.ErrNoProgress
	case n == 0:
		return err
	case r.stage == awaiting:
		r.stage = readingHead
	}
	r.err = err // what came with it is looked at first
	return nil
}

// room makes room behind what was received: what is understood and no part of
// the body goes, or else the buffer grows. The limits of lines and bodies
// bound it by limit.
func (r *reader) room() {
	buf := r.buf
	if r.next == r.kept {
		buf = make([]byte, min(max(2*len(buf), firstBuffer), r.limit()))
		copy(buf, r.buf[:r.kept])
	}
	r.n = r.kept + copy(buf[r.kept:], r.buf[r.next:r.n])
	r.next = r.kept
	r.buf = buf
}

// limit is the size that the buffer never exceeds: a whole head line, or a
// body and the line behind it.
func (r *reader) limit() int { return max(r.maxHead, r.maxBody+mostLine) + 1 }
