package post

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestGuard is the table of who may be dialed: t is an address that the
// operator typed, l one learned over the network with 10.0.0.0/8, fd00::/8 and
// 100.64.0.0/10 allowed.
func TestGuard(t *testing.T) {
	allow, err := ParseAllow([]string{"10.0.0.0/8", "fd00::/8", "100.64.0.0/10", "2001:db8::7"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ addr, pass, says string }{
		{"127.0.0.1", "tl", ""},
		{"127.255.255.254", "tl", ""},
		{"::1", "tl", ""},
		{"10.1.2.3", "tl", ""},
		{"fd00::1", "tl", ""},
		{"2001:db8::7", "tl", ""},
		{"2001:db8::8", "t", "--allow-net 2001:db8::8/128"},
		{"192.168.1.1", "t", "--allow-net 192.168.1.1/32"},
		{"8.8.8.8", "t", "--allow-net 8.8.8.8/32"},
		{"2606:4700::1111", "t", "--allow-net 2606:4700::1111/128"},

		// Never, allowed or not.
		{"169.254.169.254", "", "link-local"},
		{"169.254.0.1", "", "link-local"},
		{"fe80::1", "", "link-local"},
		{"fe80::1%eth0", "", "link-local"},
		{"fd00:ec2::254", "", "AWS"},
		{"fd00:ec2::254%eth0", "", "AWS"},
		{"fd20:ce::254", "", "Google"},
		{"100.100.100.200", "", "Alibaba"},
		{"168.63.129.16", "", "Azure"},
		{"192.0.0.192", "", "Oracle"},

		// No single host. Linux dials loopback for 0.0.0.0, so it may be typed.
		{"0.0.0.0", "t", "register 127.0.0.1"},
		{"::", "t", "register 127.0.0.1"},
		{"224.0.0.1", "t", "one host"},
		{"239.1.2.3", "t", "one host"},
		{"ff02::1", "t", "one host"},
		{"255.255.255.255", "t", "one host"},

		// The same in IPv6 clothes: mapped, compatible, NAT64, 6to4, Teredo, ISATAP.
		{"::ffff:127.0.0.1", "tl", ""},
		{"::ffff:10.1.2.3", "tl", ""},
		{"::ffff:192.168.1.1", "t", "(192.168.1.1 inside)"},
		{"::ffff:169.254.169.254", "", "link-local"},
		{"::ffff:a9fe:a9fe%eth0", "", "link-local"},
		{"::ffff:100.100.100.200", "", "Alibaba"},
		{"::ffff:0.0.0.0", "t", "names no host"},
		{"::169.254.169.254", "", "(169.254.169.254 inside)"},
		{"::10.1.2.3", "tl", ""},
		{"::8.8.8.8", "t", "--allow-net 8.8.8.8/32"},
		{"64:ff9b::169.254.169.254", "", "(169.254.169.254 inside)"},
		{"64:ff9b::10.1.2.3", "tl", ""},
		{"64:ff9b::192.168.1.1", "t", "--allow-net 192.168.1.1/32"},
		{"64:ff9b:1::169.254.169.254", "", "link-local"},
		{"64:ff9b:1:fffe::10.1.2.3", "tl", ""},
		{"64:ff9b:1:a9fe:a9:fe00::", "", "link-local"},       // /48
		{"64:ff9b:1:a9:fe:a9fe::", "", "link-local"},         // /56
		{"64:ff9b:1:0:a9:fea9:fe00:0", "", "link-local"},     // /64
		{"64:ff9b:1:7:64:6464:c800:0", "", "Alibaba"},        // /64
		{"64:ff9b:1:0:8:808:800:0", "t", "(8.8.8.8 inside)"}, // all readings must pass
		{"2002:a9fe:a9fe::1", "", "link-local"},
		{"2002:a01:203::1", "tl", ""},
		{"2002:808:808::1", "t", "--allow-net 8.8.8.8/32"},
		{"2001:0:c000:201:0:0:5601:5601", "", "(169.254.169.254 inside)"},
		{"2001:0:c000:201:0:0:f5fe:fdfc", "tl", ""},
		{"2001:0:c000:201:0:0:f7f7:f7f7", "t", "(8.8.8.8 inside)"},
		{"2606:4700::5efe:169.254.169.254", "", "(169.254.169.254 inside)"},
		{"2606:4700::200:5efe:a9fe:a9fe", "", "(169.254.169.254 inside)"},
		{"2606:4700::5efe:127.0.0.1", "t", "--allow-net 2606:4700::5efe:7f00:1/128"},
		{"fd00::5efe:10.1.2.3", "tl", ""},
		{"fd00::5efe:192.168.1.1", "t", "--allow-net 192.168.1.1/32"},
	} {
		addr := netip.MustParseAddr(c.addr)
		for who, g := range map[string]Guard{"t": {Allow: allow}, "l": {Learned: true, Allow: allow}} {
			err := g.Check(addr)
			switch want := strings.Contains(c.pass, who); {
			case want != (err == nil):
				t.Errorf("%s %s: %v, want pass %v", who, c.addr, err, want)
			case err != nil && !strings.Contains(err.Error(), c.says):
				t.Errorf("%s %s: %v, want it to say %q", who, c.addr, err, c.says)
			}
		}
	}
	if err := (Guard{}).Check(netip.Addr{}); err == nil {
		t.Error("no address at all passes")
	}
}

func TestParseAllow(t *testing.T) {
	got, err := ParseAllow([]string{"10.1.2.3/8", "::1", "::ffff:192.168.0.0/112"})
	if err != nil {
		t.Fatal(err)
	}
	want := []netip.Prefix{
		netip.MustParsePrefix("10.0.0.0/8"),
		netip.MustParsePrefix("::1/128"),
		netip.MustParsePrefix("::ffff:192.168.0.0/112"),
	}
	if d := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); d != "" {
		t.Error(d)
	}
	g := Guard{Learned: true, Allow: got}
	if err := g.Check(netip.MustParseAddr("192.168.3.4")); err != nil {
		t.Errorf("a network allowed in its mapped form: %v", err)
	}
	for _, word := range []string{"", "10", "10.0.0.0/33", "intranet", "fe80::1%eth0"} {
		if _, err := ParseAllow([]string{word}); err == nil || !strings.Contains(err.Error(), "--allow-net") {
			t.Errorf("%q: %v", word, err)
		}
	}
}

// FuzzGuard checks that clothes make no difference: an IPv4 address gets the
// same verdict in each form that leads to it.
func FuzzGuard(f *testing.F) {
	for _, s := range []string{"127.0.0.1", "10.1.2.3", "169.254.169.254", "100.100.100.200", "0.0.0.0", "8.8.8.8", "224.0.0.1"} {
		b := netip.MustParseAddr(s).As4()
		f.Add(b[0], b[1], b[2], b[3], true)
		f.Add(b[0], b[1], b[2], b[3], false)
	}
	f.Fuzz(func(t *testing.T, a, b, c, d byte, learned bool) {
		g := Guard{Learned: learned, Allow: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("203.0.113.0/24")}}
		plain := netip.AddrFrom4([4]byte{a, b, c, d})
		want := g.Check(plain)
		forms := map[string][16]byte{
			"mapped":     {10: 0xff, 11: 0xff, 12: a, 13: b, 14: c, 15: d},
			"compatible": {12: a, 13: b, 14: c, 15: d},
			"NAT64":      {1: 0x64, 2: 0xff, 3: 0x9b, 12: a, 13: b, 14: c, 15: d},
			"6to4":       {0: 0x20, 1: 0x02, 2: a, 3: b, 4: c, 5: d, 15: 1},
			"Teredo":     {0: 0x20, 1: 0x01, 4: 192, 6: 2, 7: 1, 12: ^a, 13: ^b, 14: ^c, 15: ^d},
		}
		if a == 0 && b == 0 && c == 0 && d < 2 {
			delete(forms, "compatible") // :: and ::1 mean something else
		}
		if d != 0 {
			forms["local NAT64"] = [16]byte{1: 0x64, 2: 0xff, 3: 0x9b, 5: 1, 12: a, 13: b, 14: c, 15: d}
		}
		for name, form := range forms {
			for _, addr := range []netip.Addr{netip.AddrFrom16(form), netip.AddrFrom16(form).WithZone("eth0")} {
				if got := g.Check(addr); (got == nil) != (want == nil) {
					t.Errorf("%s: %v, but %s %s: %v", plain, want, name, addr, got)
				}
			}
		}
	})
}
