package recording

import (
	"cmp"
	"slices"

	"ringback/sim/call"
	"ringback/sim/wire"
)

// sentKey is a delivery: the number of its first exchange, which someone may have edited.
type sentKey struct {
	first int64
	call  string
	word  wire.Word
}

type targetKey struct {
	app        uint32
	generation wire.Generation
}

// seenCall is a call as far as it was read, which is ahead of what was handed on.
type seenCall struct {
	id      string
	caller  string
	members []string
	said    Said // of its first callback
	told    bool
	over    bool
	ends    bool // a callback of its end was read
	answers bool // an answer was handed on
	open    int
	rested  uint64 // when it had nothing open any more
	gone    bool   // that is long ago
}

// sent is a delivery: attempts and copies of the same bytes.
type sent struct {
	original uint64
	series   []*series
	coming   []call.Instant // when further exchanges with it begin
	aborted  *moment        // the end of the latest attempt from which the client went away
}

// series is a callback or a copy of it, with its attempts.
type series struct {
	id       uint64
	attempts int
	inFlight bool
	waiting  bool
}

// moment is when an exchange begins or ends.
type moment struct {
	at     call.Instant
	turn   int
	e      *Exchange
	said   *Said
	word   wire.Word
	call   *seenCall
	sent   *sent
	series *series // of its end: set at its beginning
	ends   *moment // of its beginning: its end
	end    bool
}

type moments []*moment

func (m moments) Len() int { return len(m) }

func (m moments) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(m[i].at, m[j].at), cmp.Compare(m[i].turn, m[j].turn)) < 0
}

func (m moments) Swap(i, j int) { m[i], m[j] = m[j], m[i] }

func (m *moments) Push(x any) { *m = append(*m, x.(*moment)) }

func (m *moments) Pop() any {
	old := *m
	x := old[len(old)-1]
	old[len(old)-1] = nil
	*m = old[:len(old)-1]
	return x
}

// noticed is within how long after a client has closed a recorder notices it, in ms.
const noticed = 100

// endOf is when an exchange ended; 0 if that is not known.
func endOf(e *Exchange) call.Instant {
	switch a := &e.Answer; {
	case a.Outcome == Unknown || a.Outcome == Lost:
		return 0
	case !a.Ended.IsZero():
		return call.At(a.Ended)
	case !a.At.IsZero():
		return call.At(a.At)
	}
	return call.At(e.At.Add(e.Answer.Latency))
}

// learn notes who is in a call.
func (c *seenCall) learn(s *Said, w wire.Word) {
	c.caller = cmp.Or(c.caller, s.Caller)
	c.ends = c.ends || w.Ends()
	if c.told { // what was handed on stays
		return
	}
	for _, u := range slices.Concat([]string{s.User}, s.Members, s.Changed, s.Callees) {
		if u != "" && !slices.Contains(c.members, u) {
			c.members = append(c.members, u)
		}
	}
	c.said.Group = c.said.Group || s.Group
}

// next is the series that waits for its next attempt, or nil.
func (d *sent) next() *series {
	for _, s := range d.series {
		if s.waiting {
			return s
		}
	}
	return nil
}
