package post

import (
	"bytes"
	"errors"
	"io"

	"ringback/sim/delivery"
)

// reader reads an answer from src into its buffer. It is strict about lengths and
// framing, where leniency would be a guess, and lenient where common clients are: a
// bare line feed ends a header line, the reason phrase is optional, unknown headers
// are skipped. Folded header lines are refused.
type reader struct {
	src              io.Reader
	maxHead, maxBody int

	buf   []byte
	kept  int // buf[:kept] is the body so far
	next  int // buf[next:n] is received and not parsed yet
	n     int
	err   error // returned with the last bytes
	stage stage
	head  head
	want  int64 // Content-Length, or -1

	heads bool   // keep the header lines
	lines []byte // those of the answer
}

const (
	firstBuffer = 4 << 10 // large enough for the answers of nearly all receivers
	maxInterim  = 16      // answers like 100 Continue before the final one
	maxLine     = 4 << 10 // length of a chunk-size line with its extensions
)

var errLongLine = errors.New("line too long")

// read reads an answer into a. If err is nil, a is complete; keep reports whether
// the connection can be used for another request.
func (r *reader) read(a *delivery.Answer) (keep bool, err error) {
	r.kept, r.next, r.n, r.err = 0, 0, 0, nil
	for range maxInterim + 1 {
		a.Status, a.Location, a.Encoding, a.Head = 0, "", "", nil
		r.lines = r.lines[:0]
		if err := r.readHead(a); err != nil {
			return false, err
		}
		switch status := r.head.status; {
		case status == 101:
			return false, notHTTP("101 Switching Protocols, which was not requested")
		case status >= 200:
			if err := r.readBody(a); err != nil {
				return false, err
			}
			// If the buffer is full, there may be more that was not read.
			return r.head.persists() && r.next == r.n && r.n < len(r.buf) && r.err == nil, nil
		}
	}
	return false, notHTTP("more than %d interim answers", maxInterim)
}

// readHead reads the head, with the empty line at its end.
func (r *reader) readHead(a *delivery.Answer) error {
	r.head = head{length: -1, keepFor: -1}
	r.stage = awaiting
	if r.next < r.n {
		r.stage = readingHead
	}
	// Checked before the line is complete, since what is not HTTP may have no lines.
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

// fields reads header lines up to the empty one, at most left bytes. If a is nil,
// they are a trailer and ignored.
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
		if r.heads {
			r.lines = append(append(append(append(r.lines, name...), ": "...), value...), '\n')
			a.Head = r.lines
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

// line returns the next line with its line end. It is valid until the next call.
func (r *reader) line(limit int) ([]byte, error) {
	for seen := 0; ; {
		b := r.buf[r.next:r.n]
		i := bytes.IndexByte(b[seen:], '\n')
		if seen+i >= limit || i < 0 && len(b) >= limit {
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

// more reads at least one more byte, or returns an error.
func (r *reader) more() error {
	if r.err != nil {
		return r.err
	}
	if r.n == len(r.buf) {
		r.makeRoom()
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
	r.err = err // reported after the bytes that came with it
	return nil
}

// makeRoom makes room in the buffer. It discards what is parsed and not part of the
// body or, if there is nothing to discard, grows the buffer up to limit.
func (r *reader) makeRoom() {
	buf := r.buf
	if r.next == r.kept {
		buf = make([]byte, min(max(2*len(buf), firstBuffer), r.limit()))
		copy(buf, r.buf[:r.kept])
	}
	r.n = r.kept + copy(buf[r.kept:], r.buf[r.next:r.n])
	r.next = r.kept
	r.buf = buf
}

// limit returns the maximum size of the buffer: a head line, or a body and the line
// after it.
func (r *reader) limit() int { return max(r.maxHead, r.maxBody+maxLine) + 1 }
