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

// httpServer is how all commands serve HTTP. It goes on when this machine can't
// accept a connection, which net/http takes for the end or retries in silence.
type httpServer struct {
	http.Server
	warn func(format string, args ...any)
}

// NewServer makes a server that says on stderr what it has to say.
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

// Patient is a listener that goes on as one of NewServer does when this machine can't
// accept a connection.
func Patient(w Env, l net.Listener) net.Listener { return patient(l, warnOn(w)) }

func warnOn(w Env) func(format string, args ...any) {
	return func(format string, args ...any) { fmt.Fprintf(w.Stderr, "ringback: warning: "+format+"\n", args...) }
}

func patient(l net.Listener, warn func(format string, args ...any)) net.Listener {
	return &patientListener{Listener: l, warn: warn, closed: make(chan struct{})}
}

// patientListener waits while this machine lacks what it takes to accept a
// connection, like file descriptors, and says so now and then.
type patientListener struct {
	net.Listener
	warn   func(format string, args ...any)
	warned time.Time
	once   sync.Once
	closed chan struct{}
}

const (
	// betweenWarnings is how often at most one is told of what lasts.
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

// Reachable is an address that can be called: a server that listens on all
// addresses is there on loopback.
func Reachable(a net.Addr) string {
	if tcp, ok := a.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
	}
	return a.String()
}
