package post

import (
	"crypto/tls"
	"time"

	"ringback/sim/delivery"
)

// peer is a receiver that the sender knows: how to dial it, and the
// connection kept for it.
type peer struct {
	endpoint *delivery.Endpoint // seen last; others may say the same
	addr     string
	dialer   dialer
	tls      *tls.Config // nil for plain HTTP
	kept     *conn
	abrupt   int // connections in a row that were closed after one answer, unannounced
}

const (
	// mostPeers bounds the connections that a sender keeps.
	mostPeers = 8
	// longestIdle is how long a connection may lie idle and be used again.
	// Servers close idle ones after a while (gunicorn after 2 s, Node.js after
	// 5 s), and a request that meets the closing is lost.
	longestIdle = time.Second
	// keepMargin is taken off the idle time that a receiver announces.
	keepMargin = 500 * time.Millisecond
	// mostAbrupt is how many connections in a row a receiver may close after
	// their first answer, without having said so, before none is kept for it.
	mostAbrupt = 2
)

// peer finds or makes the peer of an endpoint. The one used last comes first.
func (s *Sender) peer(e *delivery.Endpoint) *peer {
	for i, p := range s.peers {
		if p.endpoint == e {
			return s.first(i)
		}
	}
	for i, p := range s.peers {
		if leadTogether(p.endpoint, e) {
			p.endpoint = e
			return s.first(i)
		}
	}
	p := &peer{endpoint: e, addr: e.Addr()}
	p.dialer = s.newDialer(Guard{Learned: e.Learned, Allow: s.allow})
	if e.TLS {
		p.tls = tlsConfig(s.tls, e.Name)
	}
	if len(s.peers) == mostPeers {
		s.drop(s.peers[mostPeers-1].kept)
		s.peers = s.peers[:mostPeers-1]
	}
	s.peers = append(s.peers, p)
	return s.first(len(s.peers) - 1)
}

// leadTogether reports whether one connection serves two endpoints.
func leadTogether(a, b *delivery.Endpoint) bool {
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

// reuse takes the kept connection of a peer if it can carry another request.
func (s *Sender) reuse(p *peer) *conn {
	if s.shared != nil {
		for c := s.shared.take(p.endpoint); c != nil; c = s.shared.take(p.endpoint) {
			if s.open(c) == nil && s.usable(c) {
				return c
			}
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

// usable reports whether an idle connection can carry another request, and closes
// one that cannot.
func (s *Sender) usable(c *conn) bool {
	idle, longest := s.start-c.idle, longestIdle
	if c.keepFor >= 0 {
		longest = min(longest, c.keepFor-keepMargin)
	}
	if idle < longest && s.arm(c) == nil {
		// A look costs a system call, and it is what keeps an answer that
		// nobody asked for from being taken as the next one.
		if idle < s.unseen || c.raw == nil || c.raw.alive() {
			return true
		}
	}
	s.drop(c)
	return false
}

// settle keeps a connection for the next attempt, or closes it.
func (s *Sender) settle(p *peer, c *conn, keep bool) {
	if !keep || p.abrupt >= mostAbrupt {
		s.drop(c)
		return
	}
	c.answered++
	c.idle, c.keepFor = s.end, s.reader.head.keepFor
	if s.shared == nil {
		p.kept = c
		return
	}
	s.forget(c)
	if !s.shared.put(c, p.endpoint) {
		c.tcp.Close()
	}
}

// note learns from what happened on a connection that was used again. Some
// receivers close after each answer without a word; each second attempt would
// fail if their connections were kept.
func (p *peer) note(c *conn, err error, reached stage) {
	switch {
	case err == nil:
		p.abrupt = 0
	case c.answered == 1 && reached <= awaiting && (isEnd(err) || isBroken(err)):
		p.abrupt++
	}
}
