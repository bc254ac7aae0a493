package post

import "net/netip"

// An IPv6 address can contain an IPv4 address to which its packets are forwarded. Each
// of these forms of 169.254.169.254 has been used to get around a guard that knew only
// the plain one.
var (
	ipv4Compatible = netip.MustParsePrefix("::/96")          // RFC 4291 2.5.5.1
	nat64          = netip.MustParsePrefix("64:ff9b::/96")   // RFC 6052
	nat64Local     = netip.MustParsePrefix("64:ff9b:1::/48") // RFC 8215
	sixToFour      = netip.MustParsePrefix("2002::/16")      // RFC 3056
	teredo         = netip.MustParsePrefix("2001::/32")      // RFC 4380
)

// embeddedIPv4 returns the IPv4 addresses that a contains. own reports whether packets
// can also go to a itself, so that it needs permission too; in the other forms the
// rest of a is only routing information.
func embeddedIPv4(a netip.Addr) (inner []netip.Addr, own bool) {
	b := a.As16()
	v4 := func(i, j, k, l int) netip.Addr { return netip.AddrFrom4([4]byte{b[i], b[j], b[k], b[l]}) }
	switch {
	case a.Is4():
		return nil, true
	case a.Is4In6():
		return []netip.Addr{a.Unmap()}, false
	case a.IsLoopback() || a.IsUnspecified():
		return nil, true // ::1 and ::, which are not 0.0.0.1 and 0.0.0.0
	case ipv4Compatible.Contains(a), nat64.Contains(a):
		return []netip.Addr{v4(12, 13, 14, 15)}, false
	case nat64Local.Contains(a):
		return localNAT64(b, v4), false
	case sixToFour.Contains(a):
		return []netip.Addr{v4(2, 3, 4, 5)}, false
	case teredo.Contains(a):
		for i := range b {
			b[i] = ^b[i] // the client's address is stored inverted
		}
		return []netip.Addr{v4(12, 13, 14, 15)}, false
	case b[8]&^2 == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe: // ISATAP, RFC 5214
		// Anyone can choose such an interface id in their own network.
		return []netip.Addr{v4(12, 13, 14, 15)}, true
	}
	return nil, true
}

// localNAT64 returns the IPv4 addresses that an address of the local-use NAT64 prefix
// may contain. The position depends on the prefix length in use, which is not known
// here. With a prefix shorter than /96 the rest is zero, so a position is possible
// only if zeros follow. The last position is always possible.
func localNAT64(b [16]byte, v4 func(i, j, k, l int) netip.Addr) []netip.Addr {
	var list []netip.Addr
	zero := func(from int) bool {
		for _, c := range b[from:] {
			if c != 0 {
				return false
			}
		}
		return b[8] == 0
	}
	if zero(13) {
		list = append(list, v4(9, 10, 11, 12)) // /64
	}
	if zero(12) {
		list = append(list, v4(7, 9, 10, 11)) // /56
	}
	if zero(11) {
		list = append(list, v4(6, 7, 9, 10)) // /48
	}
	return append(list, v4(12, 13, 14, 15)) // /96
}
