//go:build unix

package post

import (
	"io"
	"net"
	"syscall"
)

// direct reads and writes a socket with fewer system calls than package net.
// net.Conn.Read tries to read before it waits, which fails right after a request, so
// that one system call of three is saved.
type direct struct {
	raw     syscall.RawConn
	step    func(fd uintptr) bool // exchangeStep, bound once to save an allocation
	look    func(fd uintptr) bool // peekStep, likewise
	out, in []byte
	sent, n int
	sendErr error
	readErr error
	quiet   bool
	peeked  [1]byte
}

func newDirect(nc net.Conn) *direct {
	sc, ok := nc.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return nil
	}
	d := &direct{raw: raw}
	d.step, d.look = d.exchangeStep, d.peekStep
	return d
}

// exchange writes out and then reads once. If it returns no error and sent is less than
// len(out), the caller has to write the rest.
func (d *direct) exchange(out, in []byte) (sent, n int, sendErr, readErr error) {
	d.out, d.in, d.sent, d.n, d.sendErr, d.readErr = out, in, 0, 0, nil, nil
	if err := d.raw.Read(d.step); err != nil {
		d.readErr = err
	}
	d.out, d.in = nil, nil
	return d.sent, d.n, d.sendErr, d.readErr
}

// exchangeStep is called once at first, and then each time that the socket becomes
// readable; it returns false to wait for that. The answer comes after the request, so
// no wakeup is lost by not reading first.
func (d *direct) exchangeStep(fd uintptr) bool {
	if d.sent < len(d.out) {
		n, err := retry(func() (int, error) { return syscall.Write(int(fd), d.out) })
		d.sent = max(n, 0)
		if err != nil && err != syscall.EAGAIN {
			d.sendErr = err
		}
		return d.sent < len(d.out)
	}
	n, err := retry(func() (int, error) { return syscall.Read(int(fd), d.in) })
	switch {
	case err == syscall.EAGAIN:
		return false
	case err != nil:
		d.readErr = err
	case n == 0:
		d.readErr = io.EOF
	}
	d.n = max(n, 0)
	return true
}

func retry(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if err != syscall.EINTR {
			return n, err
		}
	}
}

// alive reports whether an idle connection is open and nothing was received on it.
func (d *direct) alive() bool {
	d.quiet = false
	return d.raw.Read(d.look) == nil && d.quiet
}

func (d *direct) peekStep(fd uintptr) bool {
	_, err := retry(func() (int, error) {
		n, _, err := syscall.Recvfrom(int(fd), d.peeked[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return n, err
	})
	d.quiet = err == syscall.EAGAIN
	return true
}
