package record

import "ringback/sim/recording"

// message is one that is on its way, as far as it is kept.
type message struct {
	head, body []byte
	heads      int   // bytes of head that are in a line
	bodies     int   // bytes of body that are in one
	cut, cuts  int64 // bytes of the body that are not kept, and those that a line says are not
	coded      bool
	begun      bool // a line is written
}

// part is what a piece of what came belongs to.
type part uint8

const (
	partNone part = iota // of no message: line breaks before a request
	partHead
	partBody
	partOpaque
)

// maxOpaque is how much is kept of what is no HTTP.
const maxOpaque = 1 << 10

// reset begins the next message.
func (m *message) reset() { *m = message{head: spare(m.head), body: spare(m.body)} }

// add keeps a piece. What is no HTTP counts as a head if there is no other.
func (m *message) add(p part, b []byte) {
	to := &m.head
	switch {
	case p == partNone || p == partOpaque && len(m.head) > 0:
		return
	case p == partOpaque:
		b = b[:min(len(b), maxOpaque)]
	case p == partBody:
		to = &m.body
	}
	room := recording.MaxBody - len(*to)
	if p == partHead {
		room = 2*recording.MaxBody - len(*to) // of informational answers, too
	}
	if len(b) > room {
		m.cut += int64(len(b) - room)
		b = b[:room]
	}
	*to = append(*to, b...)
}

// unwritten reports whether something is in no line yet.
func (m *message) unwritten() bool {
	return m.heads < len(m.head) || m.bodies < len(m.body) || m.cuts < m.cut
}

// take is what is in no line yet.
func (m *message) take() (head, body, coded []byte, cut int64) {
	head, body, cut = m.head[m.heads:], m.body[m.bodies:], m.cut-m.cuts
	m.heads, m.bodies, m.cuts, m.begun = len(m.head), len(m.body), m.cut, true
	if m.coded {
		return head, nil, body, cut
	}
	return head, body, nil, cut
}

// content is the body without the chunks' lengths.
func (m *message) content() []byte {
	if !m.coded {
		return m.body
	}
	content, _ := recording.Unchunk(m.body)
	return content
}

// final is the head without those of informational answers.
func (m *message) final() []byte {
	_, head := recording.SplitInterim(m.head)
	return head
}

func spare(b []byte) []byte {
	if cap(b) > maxSpare {
		return nil
	}
	return b[:0]
}

// maxSpare is how much memory of a message is kept for the next one.
const maxSpare = 64 << 10
