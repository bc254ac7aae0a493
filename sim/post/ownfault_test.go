package post

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"syscall"
	"testing"

	"ringback/sim/delivery"
)

// TestOwnFaults holds that what this machine lacks is its own fault, and that the
// words say what to do.
func TestOwnFaults(t *testing.T) {
	dialing := func(call string, err error) error {
		return &net.OpError{Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80}, Err: os.NewSyscallError(call, err)}
	}
	for name, c := range map[string]struct {
		err    error
		want   delivery.Failure
		detail string
	}{
		"process's files":      {dialing("socket", syscall.EMFILE), delivery.OwnFault, "127.0.0.1:80: socket: too many open files; raise ulimit -n"},
		"machine's files":      {dialing("socket", syscall.ENFILE), delivery.OwnFault, "raise ulimit -n"},
		"ports":                {dialing("connect", errNoPorts), delivery.OwnFault, "no local port is free"},
		"buffers":              {dialing("connect", syscall.ENOBUFS), delivery.OwnFault, "no memory left"},
		"memory":               {dialing("socket", syscall.ENOMEM), delivery.OwnFault, "no memory left"},
		"firewall":             {dialing("connect", syscall.EPERM), delivery.OwnFault, "firewall or sandbox"},
		"sandbox":              {dialing("connect", syscall.EACCES), delivery.OwnFault, "firewall or sandbox"},
		"files for DNS":        {&net.DNSError{Name: "x.example", Err: "dial udp 10.0.0.1:53: socket: " + syscall.EMFILE.Error()}, delivery.OwnFault, "raise ulimit -n"},
		"files for roots":      {x509.SystemRootsError{Err: &os.PathError{Op: "open", Path: "/etc/ssl/certs", Err: syscall.EMFILE}}, delivery.OwnFault, "--cacert FILE"},
		"an unknown host":      {&net.DNSError{Name: "x.example", Err: "no such host", IsNotFound: true}, delivery.NoAddress, "no such host"},
		"a network that is no": {dialing("connect", syscall.ENETUNREACH), delivery.Unreachable, "unreachable"},
		"refused":              {dialing("connect", errRefused), delivery.Refused, "127.0.0.1:80"},
		"reset":                {dialing("connect", errReset), delivery.Reset, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSender(t, &Options{})
			s.newDialer = func(Guard) dialer {
				return dialFunc(func(context.Context) (net.Conn, error) { return nil, c.err })
			}
			a := send(s, request(t, "http://receiver.example"), plain)
			wantFailure(t, a, c.want, c.detail)
			var own *delivery.OwnFaultError
			if is := errors.As(OwnFault(c.err), &own); is != (c.want == delivery.OwnFault) {
				t.Errorf("OwnFault: %v", own)
			}
			if a.Connected != (c.want == delivery.Reset) || a.Failure.NeverConnected() && c.want == delivery.OwnFault {
				t.Errorf("connected %t, never connected %t", a.Connected, a.Failure.NeverConnected())
			}
		})
	}
}

// TestNoSource: without an address to dial from the system speaks as if all ports
// were taken. That is one more way of not getting there.
func TestNoSource(t *testing.T) {
	nowhere := &net.OpError{Op: "dial", Net: "tcp", Addr: &net.UnixAddr{Name: "nowhere"}, Err: os.NewSyscallError("connect", errNoPorts)}
	s := newSender(t, &Options{})
	s.newDialer = func(Guard) dialer {
		return dialFunc(func(context.Context) (net.Conn, error) { return nil, nowhere })
	}
	wantFailure(t, send(s, request(t, "http://receiver.example"), plain), delivery.Unreachable, "no address from which to reach it")
}

// TestOwnFaultWhileSending: what the system can't take of a request has not been
// before the receiver, and nobody waits for an answer to it.
func TestOwnFaultWhileSending(t *testing.T) {
	conn := &script{turns: []turn{{takes: 9, fails: syscall.ENOBUFS, says: ok}}}
	s, dials := scripted(t, &Options{}, conn)
	a := send(s, request(t, "http://127.0.0.1:1"), plain)
	wantFailure(t, a, delivery.OwnFault, "no memory left")
	if !conn.shut || *dials != 1 {
		t.Errorf("closed %t, %d dials", conn.shut, *dials)
	}
}
