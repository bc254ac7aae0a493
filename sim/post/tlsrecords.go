package post

import (
	"io"
	"net"
)

// tlsRecords passes a TCP connection to crypto/tls one TLS record at a time. So it
// knows what crypto/tls does not say: whether there is something after the last record,
// and whether TCP ended without close_notify.
type tlsRecords struct {
	net.Conn
	buf   [firstBuffer]byte
	r, w  int  // buf[r:w] is not passed on yet
	left  int  // bytes left of the current record
	ended bool // whether TCP ended
}

const recordHeader = 5 // type, version, length

// Read reads a part of one record.
func (r *tlsRecords) Read(p []byte) (int, error) {
	for r.left == 0 {
		if b := r.buf[r.r:r.w]; len(b) >= recordHeader {
			r.left = recordHeader + int(b[3])<<8 + int(b[4])
			break
		}
		if err := r.fill(); err != nil {
			if r.left = r.w - r.r; r.left == 0 {
				return 0, err
			}
		}
	}
	p = p[:min(len(p), r.left)]
	var n int
	var err error
	if r.r < r.w {
		n = copy(p, r.buf[r.r:r.w])
		r.r += n
	} else {
		n, err = r.Conn.Read(p)
		r.ended = r.ended || err == io.EOF
	}
	r.left -= n
	return n, err
}

// fill reads more into the buffer.
func (r *tlsRecords) fill() error {
	r.w = copy(r.buf[:], r.buf[r.r:r.w])
	r.r = 0
	n, err := r.Conn.Read(r.buf[r.w:])
	r.w += n
	r.ended = r.ended || err == io.EOF
	return err
}

// more reports whether anything was received after the records passed on.
func (r *tlsRecords) more() bool { return r.r < r.w || r.left > 0 }
