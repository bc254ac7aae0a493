package post

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"ringback/sim/delivery"
)

// TestGuardedDials never send a packet.
func TestGuardedDials(t *testing.T) {
	for _, c := range []struct {
		learned bool
		url     string
		detail  string
	}{
		{false, "http://169.254.169.254/latest", "169.254.169.254: link-local"},
		{false, "http://[::ffff:169.254.169.254]/", "link-local"},
		{false, "http://[fe80::1]:8080/", "link-local"},
		{false, "https://[fd00:ec2::254]/", "AWS"},
		{true, "http://10.1.2.3:8080/", "--allow-net 10.1.2.3/32"},
		{true, "http://[64:ff9b::a01:203]/", "(10.1.2.3 inside)"},
		{true, "http://0.0.0.0:9/", "names no host"},
	} {
		r := request(t, c.url)
		r.Endpoint.Learned = c.learned
		a := send(newSender(t, &Options{}), r, plain)
		wantFailure(t, a, delivery.Guarded, c.detail)
		if a.Connected {
			t.Errorf("%s: connected", c.url)
		}
	}
}

// TestGuardAfterDNS: a name is worth what it resolves to, and the spellings
// of an address that only a resolver understands are names.
func TestGuardAfterDNS(t *testing.T) {
	receiver := listen(t, func(c *net.TCPConn, _ int) {
		take(c)
		io.WriteString(c, ok)
	})
	_, port, _ := strings.Cut(receiver.url[len("http://"):], ":")
	for _, c := range []struct {
		host, resolves string
		want           delivery.Failure
		detail         string
	}{
		{"receiver.example", "127.0.0.1", delivery.NoFailure, ""},
		{"intranet.example", "10.1.2.3", delivery.Guarded, "--allow-net 10.1.2.3/32"},
		{"rebound.example", "169.254.169.254", delivery.Guarded, "169.254.169.254: link-local"},
		{"mapped.example", "::ffff:169.254.169.254", delivery.Guarded, "link-local"},
		{"nat64.example", "64:ff9b::a9fe:a9fe", delivery.Guarded, "link-local"},
		{"2852039166", "169.254.169.254", delivery.NoAddress, ""}, // unless a system's resolver takes it
		{"0xa9fea9fe", "169.254.169.254", delivery.Guarded, "link-local"},
		{"0251.0376.0251.0376", "169.254.169.254", delivery.NoAddress, ""},
		{"both.example", "169.254.169.254 127.0.0.1", delivery.NoFailure, ""},
		{"neither.example", "169.254.169.254 10.1.2.3", delivery.Guarded, ""},
		{"nobody.example", "", delivery.NoAddress, "nobody.example: no such host"},
	} {
		s := newSender(t, &Options{})
		s.newDialer = func(g Guard) dialer {
			d := newDialer(g).(*net.Dialer)
			d.Resolver = resolver(c.resolves)
			return d
		}
		a := send(s, learned(request(t, "http://"+c.host+":"+port)), plain)
		wantFailure(t, a, c.want, c.detail)
	}
}

// TestGuardAgainstRebinding: a name that was good for one attempt may mean
// another address in the next.
func TestGuardAgainstRebinding(t *testing.T) {
	receiver := listen(t, func(c *net.TCPConn, _ int) {
		take(c)
		io.WriteString(c, okClose)
	})
	_, port, _ := strings.Cut(receiver.url[len("http://"):], ":")
	var resolves atomic.Value
	s := newSender(t, &Options{})
	s.newDialer = func(g Guard) dialer {
		d := newDialer(g).(*net.Dialer)
		d.Resolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			return resolver(resolves.Load().(string)).Dial(ctx, network, address)
		}}
		return d
	}
	r := learned(request(t, "http://rebound.example:"+port))
	for _, turn := range []struct {
		addr string
		want delivery.Failure
	}{
		{"127.0.0.1", delivery.NoFailure},
		{"169.254.169.254", delivery.Guarded},
		{"64:ff9b::a9fe:a9fe", delivery.Guarded},
		{"127.0.0.1", delivery.NoFailure},
	} {
		resolves.Store(turn.addr)
		wantFailure(t, send(s, r, plain), turn.want, "")
	}
}

// resolver answers every question with the addresses that fit it.
func resolver(addrs string) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go func() {
			defer theirs.Close()
			for {
				var size [2]byte // a stream, since net.Pipe keeps no datagrams
				if _, err := io.ReadFull(theirs, size[:]); err != nil {
					return
				}
				q := make([]byte, binary.BigEndian.Uint16(size[:]))
				if _, err := io.ReadFull(theirs, q); err != nil {
					return
				}
				reply := dnsReply(q, strings.Fields(addrs))
				binary.BigEndian.PutUint16(size[:], uint16(len(reply)))
				if _, err := theirs.Write(append(size[:], reply...)); err != nil {
					return
				}
			}
		}()
		return ours, nil
	}}
}

func dnsReply(q []byte, addrs []string) []byte {
	end := 12 // of the question: labels, a zero, type and class
	for q[end] != 0 {
		end += int(q[end]) + 1
	}
	end += 5
	kind := binary.BigEndian.Uint16(q[end-4:])
	r := append([]byte(nil), q[:end]...)
	r[2], r[3] = 0x85, 0x80 // an authoritative answer; recursion is there
	clear(r[6:12])
	for _, a := range addrs {
		ip := netip.MustParseAddr(a)
		if want := map[bool]uint16{true: 1, false: 28}[ip.Is4()]; want != kind {
			continue
		}
		r[7]++
		r = append(r, 0xc0, 12, 0, byte(kind), 0, 1, 0, 0, 0, 60, 0, byte(len(ip.AsSlice())))
		r = append(r, ip.AsSlice()...)
	}
	if len(addrs) == 0 {
		r[3] |= 3 // no such name
	}
	return r
}
