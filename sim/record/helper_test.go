package record_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"ringback/sim/record"
	"ringback/sim/recording"
)

// proxy is one that was started.
type proxy struct {
	addr string
	path string
	file *record.File
	stop func()

	mayFail bool // writing
}

// start starts a proxy in front of an address.
func start(t *testing.T, c record.Config) *proxy {
	t.Helper()
	return startAt(t, filepath.Join(t.TempDir(), "rec.ndjson"), recording.Header{Version: "test", Target: "http://" + c.Address}, c)
}

func startAt(t *testing.T, path string, h recording.Header, c record.Config) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return startOn(t, l, path, h, c)
}

func startOn(t *testing.T, l net.Listener, path string, h recording.Header, c record.Config) *proxy {
	t.Helper()
	p := &proxy{path: path}
	var err error
	if p.file, err = record.Open(path, h); err != nil {
		t.Fatal(err)
	}
	p.addr, c.File, c.Grace = l.Addr().String(), p.file, time.Minute
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- record.New(c).Serve(ctx, l) }()
	stopped := false
	p.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the proxy ends with %v", err)
		}
		if err := p.file.Close(); err != nil && !p.mayFail {
			t.Error(err)
		}
	}
	t.Cleanup(p.stop)
	return p
}

// read is what a file holds that is whole.
func read(t *testing.T, path string) []*recording.Exchange {
	t.Helper()
	list, flaws := readFile(t, path)
	if flaws.Any() {
		t.Errorf("flaws: %+v", flaws)
	}
	return list
}

// readSoFar is what a file holds that is being written.
func readSoFar(t *testing.T, path string) []*recording.Exchange {
	t.Helper()
	list, flaws := readFile(t, path)
	flaws.Lost, flaws.Line = 0, 0
	if flaws != (recording.Flaws{}) {
		t.Errorf("flaws: %+v", flaws)
	}
	return list
}

func readFile(t *testing.T, path string) ([]*recording.Exchange, recording.Flaws) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := recording.NewReader(f)
	var list []*recording.Exchange
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
	return list, r.Flaws()
}

func itoa(n int) string { return strconv.Itoa(n) }

// stopped stops the proxy and returns what it recorded.
func (p *proxy) stopped(t *testing.T) []*recording.Exchange {
	t.Helper()
	p.stop()
	return read(t, p.path)
}

func hostOf(t *testing.T, raw string) string {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}

// certificate is one for 127.0.0.1, as a server and as its clients have it.
func certificate(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(c)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, &tls.Config{RootCAs: pool}
}
