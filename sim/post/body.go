package post

import (
	"io"

	"ringback/sim/delivery"
	"ringback/sim/text"
)

// readBody reads the body, framed as the head says, into a.
func (r *reader) readBody(a *delivery.Answer) error {
	r.stage, r.want = readingBody, -1
	var err error
	switch h := &r.head; {
	case h.bodiless():
		return nil
	case h.coded:
		err = r.chunks()
	case h.length >= 0:
		return r.fixedLength(a)
	default:
		err = r.untilClose()
	}
	if err == nil {
		a.Body = r.buf[:r.kept:r.kept]
	}
	return err
}

// fixedLength reads a body with a Content-Length.
func (r *reader) fixedLength(a *delivery.Answer) error {
	if r.want = r.head.length; r.want > int64(r.maxBody) {
		return tooLarge("its Content-Length is %d, the cap %d bytes", r.want, r.maxBody)
	}
	length := int(r.want)
	if r.n-r.next < length && r.next+length >= len(r.buf) {
		r.n = copy(r.buf, r.buf[r.next:r.n])
		r.next = 0
	}
	if length >= len(r.buf) {
		// One byte more than the body, to notice surplus bytes.
		buf := make([]byte, length+1)
		copy(buf, r.buf[:r.n])
		r.buf = buf
	}
	for r.n-r.next < length {
		if err := r.more(); err != nil {
			return err
		}
	}
	end := r.next + length
	a.Body = r.buf[r.next:end:end]
	r.next = end
	return nil
}

// untilClose reads a body that ends with the connection.
func (r *reader) untilClose() error {
	r.head.close = true
	r.n = copy(r.buf, r.buf[r.next:r.n])
	for {
		r.kept, r.next = r.n, r.n
		if r.n > r.maxBody {
			return tooLarge("its body has more than %d bytes", r.maxBody)
		}
		switch err := r.more(); err {
		case nil:
		case io.EOF:
			return nil
		default:
			return err
		}
	}
}

// chunks reads a chunked body and joins the chunks at the front of the buffer.
func (r *reader) chunks() error {
	left := maxLine // for extensions and the trailer, which are ignored
	for {
		size, err := r.chunkSize(&left)
		if err != nil {
			return err
		}
		if size == 0 {
			break
		}
		if size > int64(r.maxBody-r.kept) {
			return tooLarge("its body has more than %d bytes", r.maxBody)
		}
		if err := r.chunk(int(size)); err != nil {
			return err
		}
	}
	if err := r.fields(&left, nil); err != errLongLine {
		return err
	}
	return tooLarge("its trailer has more than %d bytes", maxLine)
}

// chunk reads a chunk of size bytes and appends it to the body.
func (r *reader) chunk(size int) error {
	for left := size; left > 0; {
		if r.next == r.n {
			if err := r.more(); err != nil {
				return err
			}
		}
		n := min(left, r.n-r.next)
		copy(r.buf[r.kept:], r.buf[r.next:r.next+n])
		r.kept, r.next, left = r.kept+n, r.next+n, left-n
	}
	for _, c := range [...]byte{'\r', '\n'} {
		if r.next == r.n {
			if err := r.more(); err != nil {
				return err
			}
		}
		if r.buf[r.next] != c {
			return notHTTP("a chunk of %d bytes goes on with %s", size, text.Quote(r.buf[r.next:r.n], maxQuoted))
		}
		r.next++
	}
	return nil
}

// chunkSize reads the line before a chunk. Extensions are skipped, at most left
// bytes of them.
func (r *reader) chunkSize(left *int) (size int64, err error) {
	line, err := r.line(maxLine)
	if err == errLongLine {
		return 0, notHTTP("a chunk size of more than %d bytes: %s", maxLine, text.Quote(r.buf[r.next:r.n], maxQuoted))
	}
	if err != nil {
		return 0, err
	}
	digits := 0
	for digits < len(line) && digits < 16 {
		d, ok := hexDigit(line[digits])
		if !ok {
			break
		}
		size = size<<4 | int64(d)
		digits++
	}
	rest := trim(line[digits:max(digits, len(line)-2)])
	ended := len(line) >= 2 && line[len(line)-2] == '\r'
	if digits == 0 || size < 0 || !ended || len(rest) > 0 && rest[0] != ';' || !plainText(rest) {
		return 0, notHTTP("a chunk size of %s", text.Quote(line, maxQuoted))
	}
	if *left -= len(rest); *left < 0 {
		return 0, tooLarge("its chunk extensions have more than %d bytes", maxLine)
	}
	return size, nil
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}
