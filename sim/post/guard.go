package post

import (
	"fmt"
	"net/netip"
)

// Guard checks addresses before they are dialed. The zero value is for endpoints that
// the operator typed: it allows anything but link-local addresses and cloud metadata
// services.
type Guard struct {
	Learned bool           // the endpoint came over the network, not from the operator
	Allow   []netip.Prefix // networks, besides loopback, that a learned endpoint may be in
}

// Check returns an error if addr must not be dialed. For an address that contains
// another one, as IPv4-mapped and NAT64 addresses do, both are checked.
func (g Guard) Check(addr netip.Addr) error {
	addr = addr.WithZone("")
	if !addr.IsValid() {
		return &guardError{addr: addr, why: "it is not an IP address"}
	}
	inner, own := embeddedIPv4(addr)
	for _, a := range append(inner, addr) {
		if why, help := g.forbids(a); why != "" {
			return &guardError{addr, a, why, help}
		}
	}
	if own {
		inner = append(inner, addr)
	}
	for _, a := range inner {
		if g.Learned && !g.permits(a) {
			return &guardError{
				addr, a, "an address learned over the network must be loopback or allowed",
				"--allow-net " + netip.PrefixFrom(a, a.BitLen()).String() + " permits it",
			}
		}
	}
	return nil
}

type guardError struct {
	addr, inner netip.Addr
	why, help   string
}

func (e *guardError) Error() string {
	s := e.addr.String()
	if e.inner.IsValid() && e.inner != e.addr {
		s += " (" + e.inner.String() + " inside)"
	}
	s += ": " + e.why
	if e.help != "" {
		s += "; " + e.help
	}
	return s
}

// metadata lists the services that give a machine's credentials to any process on it.
// Most clouds use 169.254.169.254, which is link-local anyway.
var metadata = map[netip.Addr]string{
	netip.MustParseAddr("fd00:ec2::254"):   "AWS",
	netip.MustParseAddr("fd20:ce::254"):    "Google Cloud",
	netip.MustParseAddr("100.100.100.200"): "Alibaba Cloud",
	netip.MustParseAddr("168.63.129.16"):   "Azure",
	netip.MustParseAddr("192.0.0.192"):     "Oracle Cloud",
}

// forbids returns why a must not be dialed, whatever is allowed; "" if it may be.
func (g Guard) forbids(a netip.Addr) (why, help string) {
	switch cloud, ok := metadata[a]; {
	case ok:
		return "the metadata service of " + cloud + "  is never dialed", ""
	case a.IsLinkLocalUnicast():
		return "link-local addresses, where clouds keep their metadata services, are never dialed", ""
	case !g.Learned:
		return "", ""
	case a.IsMulticast() || a == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return "a callback goes to one host, not to many", ""
	case a.IsUnspecified():
		return "it names no host", "register 127.0.0.1 instead"
	}
	return "", ""
}

func (g Guard) permits(a netip.Addr) bool {
	if a.IsLoopback() {
		return true
	}
	for _, p := range g.Allow {
		if p.Addr().Is4In6() && p.Bits() >= 96 {
			p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
		}
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// ParseAllow parses the values of --allow-net: networks in CIDR form, or addresses.
func ParseAllow(words []string) ([]netip.Prefix, error) {
	var list []netip.Prefix
	for _, w := range words {
		p, err := netip.ParsePrefix(w)
		if a, e := netip.ParseAddr(w); e == nil && a.Zone() == "" {
			p, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil {
			return nil, fmt.Errorf("--allow-net: %q: want a network like 10.0.0.0/8 or an address like 10.1.2.3", w)
		}
		list = append(list, p.Masked())
	}
	return list, nil
}
