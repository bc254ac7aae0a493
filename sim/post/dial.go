package post

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"

	"ringback/sim/delivery"
)

// dialer is the part of net.Dialer that a sender uses.
type dialer interface {
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}

// newDialer returns the dialer for a peer.
func newDialer(g Guard) dialer { return g.Dialer() }

// Dialer returns a dialer that checks every address it tries, after DNS, in the form in
// which the system gets it.
func (g Guard) Dialer() *net.Dialer {
	return &net.Dialer{
		KeepAlive: -1, // no connection idles long enough to need probes
		ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
			ap, err := netip.ParseAddrPort(address)
			if err != nil {
				return &guardError{why: fmt.Sprintf("%q is not an IP address", address)}
			}
			return g.Check(ap.Addr())
		},
	}
}

// dial connects to a peer, and does the TLS handshake if there is one.
func (s *Sender) dial(p *peer, a *delivery.Answer) (*conn, error) {
	s.reader.stage = connecting
	ctx, cancel := context.WithDeadline(s.ctx, s.epoch.Add(s.start+s.timeout))
	defer cancel()
	nc, err := p.dialer.DialContext(ctx, "tcp", p.addr)
	if isReset(err) { // it was connected before it was reset
		s.reader.stage, a.Connected = sending, true
	}
	if err != nil {
		return nil, err
	}
	a.Connected = true
	c := newConn(nc)
	if err := s.register(c); err != nil {
		return nil, err
	}
	err = s.setDeadline(c)
	if err == nil && p.tls != nil {
		s.reader.stage = handshaking
		err = c.handshake(ctx, p.tls)
	}
	if err != nil {
		s.drop(c)
	}
	return c, err
}

// explainDial turns an error of dialing into a failure.
func explainDial(err error) *failure {
	var guarded *guardError
	var dns *net.DNSError
	where := addressOf(err)
	switch {
	case errors.As(err, &guarded):
		return &failure{delivery.Guarded, guarded.Error()}
	case errors.As(err, &dns):
		return &failure{delivery.NoAddress, dns.Name + ": " + dns.Err}
	case errors.Is(err, errRefused):
		return &failure{delivery.Refused, where}
	case errors.Is(err, errNoPorts):
		where += "; this machine has no address from which to reach it"
	}
	return &failure{delivery.Unreachable, where}
}

// addressOf returns the address of a dial error and, unless the connection was refused,
// the system's error.
func addressOf(err error) string {
	var op *net.OpError
	if !errors.As(err, &op) || op.Addr == nil {
		return err.Error()
	}
	if errors.Is(err, errRefused) {
		return op.Addr.String()
	}
	return op.Addr.String() + ": " + op.Err.Error()
}
