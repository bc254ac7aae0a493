package post

import (
	"crypto/tls"
	"time"

	"ringback/sim/delivery"
)

// peer is a receiver that the sender knows, with the connection kept for it.
type peer struct {
	endpoint *delivery.Endpoint // the latest; see sameReceiver
	addr     string
	dialer   dialer
	tls      *tls.Config // nil for plain HTTP
	kept     *conn
	abrupt   int // consecutive connections that were closed after one answer, unannounced
}

const (
	// maxPeers is the maximum number of connections that a sender keeps.
	maxPeers = 8
	// maxIdle is how long a connection may be idle and be used again. Servers close
	// idle connections (gunicorn after 2 s, Node.js after 5 s), and a request that is
	// sent at that moment is lost.
	maxIdle = time.Second
	// keepMargin is subtracted from the idle time that a receiver announces.
	keepMargin = 500 * time.Millisecond
	// maxAbrupt is the number of consecutive connections closed after their first
	// answer, unannounced, after which no connection is kept for a receiver.
	maxAbrupt = 2
)

// peer returns the peer of an endpoint, and makes it if necessary. The most recently
// used peer is the first.
func (s *Sender) peer(e *delivery.Endpoint) *peer {
	for i, p := range s.peers {
		if p.endpoint == e {
			return s.first(i)
		}
	}
	for i, p := range s.peers {
		if sameReceiver(p.endpoint, e) {
			p.endpoint = e
			return s.first(i)
		}
	}
	p := &peer{endpoint: e, addr: e.Addr()}
	p.dialer = s.newDialer(Guard{Learned: e.Learned, Allow: s.allow})
	if e.TLS {
		p.tls = TLSConfig(s.tls, e.Name)
	}
	if len(s.peers) == maxPeers {
		s.drop(s.peers[maxPeers-1].kept)
		s.peers = s.peers[:maxPeers-1]
	}
	s.peers = append(s.peers, p)
	return s.first(len(s.peers) - 1)
}

// sameReceiver reports whether two endpoints can use the same connection.
func sameReceiver(a, b *delivery.Endpoint) bool {
	return a.Name == b.Name && a.Port == b.Port && a.TLS == b.TLS && a.Learned == b.Learned
}

// first moves the peer at i to the front.
func (s *Sender) first(i int) *peer {
	p := s.peers[i]
	if i > 0 {
		copy(s.peers[1:i+1], s.peers[:i])
		s.peers[0] = p
	}
	return p
}

// reuse returns a kept connection to a peer that can be used for another request, or
// nil.
func (s *Sender) reuse(p *peer) *conn {
	if s.shared != nil {
		for c := s.shared.take(p.endpoint); c != nil; c = s.shared.take(p.endpoint) {
			if s.register(c) == nil && s.usable(c) {
				return c
			}
			s.shared.dropped()
		}
		return nil
	}
	c := p.kept
	p.kept = nil
	if c == nil || !s.usable(c) {
		return nil
	}
	return c
}

// usable reports whether an idle connection can be used for another request, and closes
// one that cannot.
func (s *Sender) usable(c *conn) bool {
	idle, limit := s.start-c.idle, s.maxIdle
	if c.keepFor >= 0 {
		limit = min(limit, c.keepFor-keepMargin)
	}
	if idle < limit && s.setDeadline(c) == nil {
		// The check costs a system call. It keeps an unrequested answer from being taken
		// for the next one.
		if idle < s.skipCheck || c.raw == nil || c.raw.alive() {
			return true
		}
	}
	s.drop(c)
	return false
}

// keepOrClose keeps a connection for the next attempt, or closes it.
func (s *Sender) keepOrClose(p *peer, c *conn, keep bool) {
	if !keep || p.abrupt >= maxAbrupt {
		s.drop(c)
		s.dropped()
		return
	}
	c.answered++
	c.idle, c.keepFor = s.end, s.reader.head.keepFor
	if s.shared == nil {
		p.kept = c
		return
	}
	s.unregister(c)
	if !s.shared.put(c, p.endpoint) {
		c.tcp.Close()
	}
}

// learn records whether a reused connection was closed without an answer. Some
// receivers close after each answer unannounced; every second attempt would fail if
// their connections were kept.
func (p *peer) learn(c *conn, err error, reached stage) {
	switch {
	case err == nil:
		p.abrupt = 0
	case c.answered == 1 && reached <= awaiting && (isEnd(err) || isBroken(err)):
		p.abrupt++
	}
}
