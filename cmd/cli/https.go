package cli

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// HTTPS holds the flags of a command that can serve HTTPS.
type HTTPS struct {
	Cert, Key  string // files, in PEM
	SelfSigned string // the file of a certificate that is created if missing
}

// Register adds the flags.
func (h *HTTPS) Register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&h.Cert, "cert", "", "serve HTTPS with the certificate in this PEM `file`; needs --key")
	f.StringVar(&h.Key, "key", "", "the PEM `file` with the key of --cert")
	f.StringVar(&h.SelfSigned, "self-signed", "", "serve HTTPS with the self-signed certificate in this PEM `file`, which is created if missing, with its key beside it")
}

// Scheme is how addresses of the server begin.
func (h *HTTPS) Scheme() string {
	if h.Cert == "" && h.Key == "" && h.SelfSigned == "" {
		return "http"
	}
	return "https"
}

// Config returns the TLS configuration of the server, or nil without the flags. A
// certificate that is created is for loopback and the hosts, each a name or an IP
// address.
func (h *HTTPS) Config(hosts ...string) (*tls.Config, error) {
	var err error
	cert, key := h.Cert, h.Key
	switch {
	case h.Scheme() == "http":
		return nil, nil
	case h.SelfSigned != "" && (cert != "" || key != ""):
		return nil, Usage(errors.New("--self-signed: makes a certificate of its own, and --cert has one"), AsTyped+"--self-signed=")
	case h.SelfSigned != "":
		if err = OnlyFile("self-signed", h.SelfSigned, AsTyped+"--self-signed callkit.pem"); err != nil {
			return nil, err
		}
		cert, key = h.SelfSigned, KeyFile(h.SelfSigned)
		if err = ensureSelfSigned(cert, key, hosts); err != nil {
			return nil, Usage(fmt.Errorf("--self-signed: %w", err), AsTyped+"--self-signed callkit.pem")
		}
	case key == "":
		return nil, Usage(errors.New("--cert: want --key with it"), AsTyped+"--key key.pem")
	case cert == "":
		return nil, Usage(errors.New("--key: want --cert with it"), AsTyped+"--cert cert.pem")
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, Usage(fmt.Errorf("--cert: %w", err), AsTyped+"--self-signed callkit.pem")
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}, nil
}

// Hosts are the names and addresses by which a server that listens at an address is
// called.
func Hosts(at net.Addr, names []string) []string {
	if tcp, ok := at.(*net.TCPAddr); ok && !tcp.IP.IsUnspecified() {
		return append([]string{tcp.IP.String()}, names...)
	}
	return names
}

// KeyFile is where the key of a self-signed certificate is kept.
func KeyFile(cert string) string { return strings.TrimSuffix(cert, ".pem") + ".key" }

// selfSignedDays is how long a certificate lasts: longer ones are refused by clients
// of Apple.
const selfSignedDays = 397

// ensureSelfSigned creates a certificate and its key unless there is one for the hosts,
// so that clients can trust the same one after a restart.
func ensureSelfSigned(cert, key string, hosts []string) error {
	hosts = append([]string{"localhost", "127.0.0.1", "::1"}, hosts...)
	pair, err := tls.LoadX509KeyPair(cert, key)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		for _, there := range []string{cert, key} {
			if _, err := os.Stat(there); err == nil {
				return fmt.Errorf("%s exists, but not both of %s and %s: name another file", there, cert, key)
			}
		}
		return makeSelfSigned(cert, key, hosts)
	case err != nil:
		return err
	}
	for _, host := range hosts {
		if err := pair.Leaf.VerifyHostname(host); err != nil {
			return fmt.Errorf("the certificate in %s is not for %s: remove %s and %s, and others are made", cert, host, cert, key)
		}
	}
	if time.Now().After(pair.Leaf.NotAfter) {
		return fmt.Errorf("the certificate in %s ended on %s: remove %s and %s, and others are made", cert, pair.Leaf.NotAfter.Format(time.DateOnly), cert, key)
	}
	return nil
}

func makeSelfSigned(cert, key string, hosts []string) error {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return err
	}
	c := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "ringback"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(0, 0, selfSignedDays),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IsCA: true, BasicConstraintsValid: true, // clients trust it as an authority
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			c.IPAddresses = append(c.IPAddresses, ip)
		} else {
			c.DNSNames = append(c.DNSNames, host)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &private.PublicKey, private)
	if err != nil {
		return err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	// The key first: a certificate without its key would make the next try fail.
	if err := os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600); err != nil {
		return err
	}
	return os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644)
}
