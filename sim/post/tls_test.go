package post

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"ringback/sim/delivery"
)

// certificate makes one that signs itself.
func certificate(t *testing.T, change func(*x509.Certificate)) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "receiver"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
		IsCA:         true, BasicConstraintsValid: true,
	}
	if change != nil {
		change(c)
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: c}
}

func trust(c tls.Certificate) *tls.Config {
	pool := x509.NewCertPool()
	pool.AddCert(c.Leaf)
	return &tls.Config{RootCAs: pool}
}

// listenTLS serves each connection's requests with serve.
func listenTLS(t *testing.T, config *tls.Config, serve func(*tls.Conn)) *receiver {
	r := listen(t, func(c *net.TCPConn, _ int) {
		secure := tls.Server(c, config)
		if secure.Handshake() == nil {
			serve(secure)
			secure.Close()
		}
	})
	r.url = "https://" + r.url[len("http://"):]
	return r
}

func keepAnswering(c *tls.Conn) {
	for take(c) {
		io.WriteString(c, ok)
	}
}

func TestTLS(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		cert := certificate(t, nil)
		receiver := listenTLS(t, &tls.Config{
			Certificates: []tls.Certificate{cert}, MaxVersion: version, NextProtos: []string{"h2", "http/1.1"},
		}, keepAnswering)
		r := request(t, receiver.url)
		for name, config := range map[string]*tls.Config{"trusted": trust(cert), "insecure": {InsecureSkipVerify: true}} {
			before := receiver.accepted.Load()
			s := newSender(t, &Options{TLS: config})
			for range 4 {
				wantOK(t, send(s, r, plain))
			}
			if n := receiver.accepted.Load() - before; n != 1 {
				t.Errorf("%s: %d connections", name, n)
			}
			s.Close()
		}
	}
}

// TestBadTLS says in words what is wrong with a receiver's TLS.
func TestBadTLS(t *testing.T) {
	good := certificate(t, nil)
	wrongName := certificate(t, func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{"a.example", "b.example"} })
	many := certificate(t, func(c *x509.Certificate) {
		c.IPAddresses, c.DNSNames = []net.IP{net.IPv4(10, 1, 2, 3)}, []string{"a", "b", "c", "d"}
	})
	nameless := certificate(t, func(c *x509.Certificate) { c.IPAddresses = nil })
	expired := certificate(t, func(c *x509.Certificate) {
		c.NotAfter = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
		c.NotBefore = c.NotAfter.Add(-time.Hour)
	})
	notYet := certificate(t, func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().Add(time.Hour), time.Now().Add(2*time.Hour)
	})
	nobody := certificate(t, nil)
	for name, c := range map[string]struct {
		server *tls.Config
		client *tls.Config
		detail string
	}{
		"self-signed":    {&tls.Config{Certificates: []tls.Certificate{good}}, nil, "unknown authority: --cacert FILE"},
		"other root":     {&tls.Config{Certificates: []tls.Certificate{good}}, trust(nobody), "--insecure"},
		"wrong name":     {&tls.Config{Certificates: []tls.Certificate{wrongName}}, trust(wrongName), "a.example, b.example, not for 127.0.0.1"},
		"many names":     {&tls.Config{Certificates: []tls.Certificate{many}}, trust(many), "a, b, c, 2 more, not for 127.0.0.1"},
		"no name":        {&tls.Config{Certificates: []tls.Certificate{nameless}}, trust(nameless), "no host name at all"},
		"expired":        {&tls.Config{Certificates: []tls.Certificate{expired}}, trust(expired), "expired 2020-01-02T03:04:05Z"},
		"not yet valid":  {&tls.Config{Certificates: []tls.Certificate{notYet}}, trust(notYet), "valid only from"},
		"other protocol": {&tls.Config{Certificates: []tls.Certificate{good}, NextProtos: []string{"x"}}, trust(good), "protocol"},
		"wants our name": {&tls.Config{Certificates: []tls.Certificate{good}, ClientAuth: tls.RequireAnyClientCert}, trust(good), "certificate required"},
	} {
		t.Run(name, func(t *testing.T) {
			receiver := listenTLS(t, c.server, keepAnswering)
			s := newSender(t, &Options{TLS: c.client})
			a := send(s, request(t, receiver.url), plain)
			wantFailure(t, a, delivery.BadTLS, c.detail)
			if !a.Connected || len(s.conns) != 0 {
				t.Errorf("connected %v, %d connections open", a.Connected, len(s.conns))
			}
		})
	}
}

// TestNoTLS meets receivers that hang up on a handshake, or speak plain HTTP.
func TestNoTLS(t *testing.T) {
	for name, c := range map[string]struct {
		serve  func(*net.TCPConn)
		detail string
	}{
		"plain": {func(c *net.TCPConn) {
			io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
			_, _ = io.Copy(io.Discard, c)
		}, `"HTTP/", which is not TLS: is the URL http://`},
		"closed": {func(c *net.TCPConn) { c.CloseWrite(); _, _ = io.Copy(io.Discard, c) }, "it closed the connection"},
		"reset":  {func(c *net.TCPConn) { _, _ = c.Read(make([]byte, 1)); _ = c.SetLinger(0) }, "it reset the connection"},
	} {
		t.Run(name, func(t *testing.T) {
			receiver := listen(t, func(conn *net.TCPConn, _ int) { c.serve(conn) })
			r := request(t, "https"+receiver.url[len("http"):])
			wantFailure(t, send(newSender(t, &Options{}), r, plain), delivery.BadTLS, c.detail)
		})
	}
}

// TestTLSCut: only close_notify ends a body of unknown length.
func TestTLSCut(t *testing.T) {
	cert := certificate(t, nil)
	for name, c := range map[string]struct {
		head string
		cut  func(*net.TCPConn)
		want delivery.Failure
	}{
		"close_notify":             {"\r\n", func(*net.TCPConn) {}, delivery.NoFailure},
		"no close_notify":          {"\r\n", func(c *net.TCPConn) { c.Close() }, delivery.CutShort},
		"within a record":          {"\r\n", func(c *net.TCPConn) { _, _ = c.Write([]byte{0x17, 3, 3, 0, 99, 1, 2}); c.Close() }, delivery.CutShort},
		"within a header":          {"\r\n", func(c *net.TCPConn) { _, _ = c.Write([]byte{0x17, 3}); c.Close() }, delivery.CutShort},
		"length, no close_notify":  {"Content-Length: 40\r\n\r\n", func(c *net.TCPConn) { c.Close() }, delivery.NoFailure},
		"chunked, no close_notify": {"Transfer-Encoding: chunked\r\n\r\n", func(c *net.TCPConn) { c.Close() }, delivery.NoFailure},
	} {
		t.Run(name, func(t *testing.T) {
			says := "HTTP/1.1 200 OK\r\n" + c.head + okBody
			if strings.Contains(c.head, "chunked") {
				says = "HTTP/1.1 200 OK\r\n" + c.head + "28\r\n" + okBody + "\r\n0\r\n\r\n"
			}
			receiver := listenTLS(t, &tls.Config{Certificates: []tls.Certificate{cert}}, func(secure *tls.Conn) {
				take(secure)
				io.WriteString(secure, says)
				c.cut(secure.NetConn().(*net.TCPConn))
			})
			a := send(newSender(t, &Options{TLS: trust(cert)}), request(t, receiver.url), plain)
			if c.want == delivery.NoFailure {
				wantOK(t, a)
			} else {
				wantFailure(t, a, c.want, "without close_notify after 40 bytes")
			}
		})
	}
}

// TestRecordsBehind: what comes in the same packet as an answer, in a record
// of its own, answers nothing.
func TestRecordsBehind(t *testing.T) {
	cert := certificate(t, nil)
	const forged = "HTTP/1.1 500 Forged\r\nContent-Length: 0\r\n\r\n"
	receiver := listen(t, func(c *net.TCPConn, _ int) {
		both := &delayed{Conn: c}
		secure := tls.Server(both, &tls.Config{Certificates: []tls.Certificate{cert}})
		for take(secure) {
			both.waits = true
			io.WriteString(secure, ok)
			both.waits = false
			io.WriteString(secure, forged)
		}
	})
	s := newSender(t, &Options{TLS: trust(cert)})
	r := request(t, "https"+receiver.url[len("http"):])
	for range 5 {
		wantOK(t, send(s, r, plain))
	}
	if n := receiver.accepted.Load(); n != 5 {
		t.Errorf("%d connections", n)
	}
}

// delayed holds back what is written until it no longer waits.
type delayed struct {
	net.Conn
	waits bool
	held  []byte
}

func (d *delayed) Write(b []byte) (int, error) {
	d.held = append(d.held, b...)
	if d.waits {
		return len(b), nil
	}
	_, err := d.Conn.Write(d.held)
	d.held = nil
	return len(b), err
}

// TestRecords passes records on in any pieces, and counts to their ends.
func TestRecords(t *testing.T) {
	record := func(size int) []byte {
		return append([]byte{0x17, 3, 3, byte(size >> 8), byte(size)}, make([]byte, size)...)
	}
	var all []byte
	ends := map[int]bool{0: true}
	for _, size := range []int{0, 1, 40, firstBuffer - recordHeader, firstBuffer, 16 << 10, 3} {
		all = append(all, record(size)...)
		ends[len(all)] = true
	}
	for _, step := range []int{1, 3, 5, 1000, 1 << 20} {
		r := &tlsRecords{Conn: &script{now: turn{says: string(all)}, step: step}}
		got := 0
		for p := make([]byte, 7000); ; {
			n, err := r.Read(p)
			if got += n; err != nil {
				break
			}
			if ends[got] != (r.left == 0) {
				t.Fatalf("step %d: %d bytes of a record left after %d bytes", step, r.left, got)
			}
		}
		if got != len(all) || !r.ended || r.more() {
			t.Errorf("step %d: %d bytes of %d, ended %v, more %v", step, got, len(all), r.ended, r.more())
		}
	}
}

// TestMaimedTLS: what the receiver sees when a fault cuts a request off.
func TestMaimedTLS(t *testing.T) {
	cert := certificate(t, nil)
	got := make(chan error, 1)
	receiver := listenTLS(t, &tls.Config{Certificates: []tls.Certificate{cert}}, func(c *tls.Conn) {
		_, err := io.ReadAll(c)
		io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
		got <- err
	})
	r := request(t, receiver.url)
	a := send(newSender(t, &Options{TLS: trust(cert)}), r, delivery.Transport{LoseTail: 3})
	wantFailure(t, a, delivery.NoFailure)
	if err := <-got; err != nil || a.Status != 400 {
		t.Errorf("the receiver saw %v and answered %d", err, a.Status)
	}
	a = send(newSender(t, &Options{TLS: trust(cert)}), r, delivery.Transport{Reset: true})
	wantFailure(t, a, delivery.Reset, "by a fault")
	if err := <-got; !isReset(err) {
		t.Errorf("the receiver saw %v, want a reset", err)
	}
}

func TestServerName(t *testing.T) {
	for host, want := range map[string]string{
		"a.example": "a.example", "a.example.": "a.example", "127.0.0.1": "127.0.0.1", "::1": "::1", "fe80::1%eth0": "fe80::1",
	} {
		if c := TLSConfig(nil, host); c.ServerName != want {
			t.Errorf("%s: %s", host, c.ServerName)
		}
	}
	shared := &tls.Config{ServerName: "set.example"}
	if c := TLSConfig(shared, "a.example"); c.ServerName != "set.example" || shared.NextProtos != nil {
		t.Errorf("server name %q, shared %v", c.ServerName, shared.NextProtos)
	}
}
