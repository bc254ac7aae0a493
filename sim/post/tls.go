package post

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"time"

	"ringback/sim/delivery"
	"ringback/sim/text"
)

// TLSConfig returns the configuration for a host: HTTP/1.1 alone, and its name unless c
// has one. c may be nil.
func TLSConfig(c *tls.Config, host string) *tls.Config {
	if c == nil {
		c = &tls.Config{}
	}
	c = c.Clone()
	c.NextProtos = []string{"http/1.1"}
	if c.ServerName == "" {
		host, _, _ = strings.Cut(host, "%") // the zone of an IPv6 address
		c.ServerName = strings.TrimSuffix(host, ".")
	}
	return c
}

// handshake starts TLS on the connection.
func (c *conn) handshake(ctx context.Context, config *tls.Config) error {
	c.records = &tlsRecords{Conn: c.tcp}
	secure := tls.Client(c.records, config)
	c.Conn, c.direct = secure, nil
	return secure.HandshakeContext(ctx)
}

// explainTLS turns an error of a handshake into a failure.
func explainTLS(err error) *failure {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	var detail string
	switch {
	case errors.As(err, &unknown):
		detail = "its certificate is signed by an unknown authority: --cacert FILE with that authority, or --insecure"
	case errors.As(err, &name):
		detail = fmt.Sprintf("its certificate is for %s, not for %s: use that name, or --insecure", names(name.Certificate), name.Host)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		detail = validity(invalid.Cert) + ": renew it, or --insecure"
	case errors.As(err, &record):
		detail = fmt.Sprintf("it answers with %s, which is not TLS: is the URL http://?", text.Quote(record.RecordHeader[:], maxQuoted))
	case isEnd(err):
		detail = "it closed the connection"
	case isReset(err):
		detail = "it reset the connection"
	default:
		detail = err.Error()
	}
	return &failure{delivery.BadTLS, detail}
}

func names(c *x509.Certificate) string {
	list := append([]string(nil), c.DNSNames...)
	for _, ip := range c.IPAddresses {
		list = append(list, ip.String())
	}
	if len(list) == 0 {
		return "no host name at all"
	}
	if more := len(list) - 3; more > 0 {
		list = append(list[:3], fmt.Sprintf("%d more", more))
	}
	return strings.Join(list, ", ")
}

func validity(c *x509.Certificate) string {
	if time.Now().Before(c.NotBefore) {
		return "its certificate is valid only from " + c.NotBefore.UTC().Format(time.RFC3339)
	}
	return "its certificate expired " + c.NotAfter.UTC().Format(time.RFC3339)
}
