package post

import (
	"crypto/x509"
	"errors"
	"net"
	"strings"
	"syscall"

	"ringback/sim/delivery"
)

// ownFault is an error of the system's that says what this machine lacks.
type ownFault struct {
	errno syscall.Errno
	help  string
}

// What to do about it.
const (
	noFilesHelp   = "raise ulimit -n, or use fewer connections"
	noPortsHelp   = "no local port is free: use fewer connections, or a lower rate where the receiver closes each of them"
	noMemoryHelp  = "the system has no memory left for connections"
	forbiddenHelp = "this machine's firewall or sandbox forbids it"
)

// OwnFault is an error as a [*delivery.OwnFaultError] if it comes from what this
// machine lacks, and else nil. It is for errors of connections, of looking names
// up and of TLS, on either side of a connection.
func OwnFault(err error) error {
	if err == nil {
		return nil
	}
	if own := delivery.AsOwnFault(err); own != nil {
		return own
	}
	var roots x509.SystemRootsError
	if errors.As(err, &roots) {
		return &delivery.OwnFaultError{Detail: roots.Error() + "; --cacert FILE names the authorities to trust"}
	}
	var dns *net.DNSError
	named := errors.As(err, &dns)
	for _, f := range ownFaults {
		// What kept the resolver from asking is there in words alone.
		if errors.Is(err, f.errno) || named && strings.HasSuffix(dns.Err, f.errno.Error()) {
			if f.errno == errNoPorts && !hasSource(err) {
				return nil
			}
			return &delivery.OwnFaultError{Detail: whereTo(err) + "; " + f.help}
		}
	}
	return nil
}

// hasSource reports whether this machine has an address from which to reach the
// one that could not be dialed: else the system says the same as when it has no
// port left. A datagram socket finds out without sending anything.
func hasSource(err error) bool {
	var op *net.OpError
	if !errors.As(err, &op) || op.Addr == nil {
		return true
	}
	c, err := net.Dial("udp", op.Addr.String())
	if err != nil {
		return false
	}
	_ = c.Close()
	return true
}
