package post

import (
	"crypto/x509"
	"errors"
	"net"
	"strings"
	"syscall"

	"ringback/sim/delivery"
)

// ownFault is a system error that means that this machine lacks something.
type ownFault struct {
	errno syscall.Errno
	help  string
}

// Hints for the user.
const (
	noFilesHelp   = "raise ulimit -n, or use fewer connections"
	noPortsHelp   = "no local port is free: use fewer connections, or a lower rate where the receiver closes each of them"
	noMemoryHelp  = "the system has no memory left for connections"
	forbiddenHelp = "this machine's firewall or sandbox forbids it"
)

// OwnFault returns err as a [*delivery.OwnFaultError] if its cause is that this machine
// lacks something, like file descriptors, and nil otherwise. It understands errors of
// connections, of DNS and of TLS, on either side of a connection.
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
		// A DNSError contains the cause only as text.
		if errors.Is(err, f.errno) || named && strings.HasSuffix(dns.Err, f.errno.Error()) {
			if f.errno == errNoPorts && !hasSource(err) {
				return nil
			}
			return &delivery.OwnFaultError{Detail: addressOf(err) + "; " + f.help}
		}
	}
	return nil
}

// hasSource reports whether this machine has an address from which it could reach the
// one that could not be dialed. If not, the system's error is the same as if no port
// were free. Connecting a UDP socket finds out without sending anything.
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
