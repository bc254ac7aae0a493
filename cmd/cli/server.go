package cli

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"ringback/sim/delivery"
	"ringback/sim/post"
)

// httpServer is how all commands serve HTTP. It continues when this machine cannot accept
// a connection; net/http would stop, or retry silently.
type httpServer struct {
	http.Server
	warn func(format string, args ...any)
}

// NewServer makes a server that prints its warnings to stderr.
func NewServer(w Env, h http.Handler) *httpServer {
	s := &httpServer{warn: warnOn(w)}
	s.Handler, s.ErrorLog = h, log.New(w.Stderr, "ringback: ", 0)
	s.ReadHeaderTimeout = 10 * time.Second
	return s
}

// Serve serves until it is closed or shut down: HTTPS if there is a TLSConfig.
func (s *httpServer) Serve(l net.Listener) error {
	l = patient(l, s.warn)
	if s.TLSConfig != nil {
		l = tls.NewListener(l, s.TLSConfig)
	}
	return s.Server.Serve(l)
}

// Patient wraps a listener so that it continues when this machine cannot accept a
// connection, as the servers of NewServer do.
func Patient(w Env, l net.Listener) net.Listener { return patient(l, warnOn(w)) }

func warnOn(w Env) func(format string, args ...any) {
	return func(format string, args ...any) { fmt.Fprintf(w.Stderr, "ringback: warning: "+format+"\n", args...) }
}

func patient(l net.Listener, warn func(format string, args ...any)) net.Listener {
	return &patientListener{Listener: l, warn: warn, closed: make(chan struct{})}
}

// patientListener waits while this machine cannot accept a connection, say for lack of
// file descriptors, and warns of it from time to time.
type patientListener struct {
	net.Listener
	warn   func(format string, args ...any)
	warned time.Time
	once   sync.Once
	closed chan struct{}
}

const (
	// betweenWarnings is the min time between two warnings of the same thing.
	betweenWarnings = 10 * time.Second
	// How long to wait before the next try, from one to the other.
	firstPause   = 5 * time.Millisecond
	longestPause = time.Second
)

func (l *patientListener) Accept() (net.Conn, error) {
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		c, err := l.Listener.Accept()
		var own *delivery.OwnFaultError
		if !errors.As(post.OwnFault(err), &own) {
			return c, err
		}
		if now := time.Now(); l.warned.IsZero() || now.Sub(l.warned) >= betweenWarnings {
			l.warned = now
			l.warn("connections are delayed: cannot accept (%s)", own.Detail)
		}
		t := time.NewTimer(pause)
		select {
		case <-t.C:
		case <-l.closed:
			t.Stop()
			return nil, net.ErrClosed
		}
	}
}

func (l *patientListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// Reachable returns an address to call: loopback for a server that listens on all
// addresses.
func Reachable(a net.Addr) string {
	if tcp, ok := a.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
	}
	return a.String()
}
