package traffic

import (
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/wire"
)

// Feed says how the calls of a world come to an engine.
type Feed struct {
	App        uint32
	Generation wire.Generation // of the callbacks
	Alternate  bool            // if that is both: each call makes those of one, in turn
	Most       int             // calls, without those that fail to start; 0 means all
	// Lent says that the engine keeps nothing that it is given (it recycles, see
	// [sim.Config]), so that each call comes in the memory of the one before.
	Lent bool
}

// Source feeds the calls of a world to an engine, each when it starts. It is
// what package run calls a source.
type Source struct {
	feed    Feed
	calls   *stream
	place   *sim.Place // the latest
	placed  int
	failed  int
	refused int
}

// NewSource makes a source. It takes the world's calls: nobody else gets them.
func NewSource(w *World, f Feed) *Source { return &Source{feed: f, calls: newStream(w.Partitions)} }

// Next is when the next call starts.
func (s *Source) Next() (at call.Instant, ok bool) {
	i := s.calls.first()
	if i < 0 || s.feed.Most > 0 && s.placed-s.failed >= s.feed.Most {
		return 0, false
	}
	return s.calls.heads[i].Start, true
}

// next is that call. If calls are lent, it is valid until the next one is asked
// for.
func (s *Source) next() *Call {
	p := s.calls.partitions[s.calls.first()]
	c := s.calls.next()
	if s.feed.Lent {
		p.spare = c
	}
	return c
}

// Take is that call, as a *sim.Place. If calls are lent, it is valid until the
// next Take.
func (s *Source) Take() sim.Input {
	c := s.next()
	if s.place == nil || !s.feed.Lent {
		s.place = new(sim.Place)
	}
	in := s.place
	c.place(s.feed.App, in)
	in.Generation = s.feed.Generation
	if s.feed.Alternate && in.Generation == wire.Both {
		in.Generation = []wire.Generation{wire.V1, wire.V4}[s.placed%2]
	}
	s.placed++
	if c.Failed {
		s.failed++
	}
	return in
}

// UnderWay takes the calls that start before a time, and shows those that are
// not over by then.
func (s *Source) UnderWay(at call.Instant, show func(start call.Instant, in sim.Input) error) error {
	for i := s.calls.first(); i >= 0 && s.calls.heads[i].Start < at; i = s.calls.first() {
		c := s.calls.heads[i]
		if c.End <= at {
			s.next()
			continue
		}
		if err := show(c.Start, s.Take()); err != nil {
			return err
		}
	}
	return nil
}

// Refused is told when the engine does not take a call: because somebody else
// has its caller in a call already. The traffic goes on without it.
func (s *Source) Refused(error) error {
	s.refused++
	return nil
}

// Placed counts the calls so far, and those of them that the engine refused.
func (s *Source) Placed() (placed, refused int) { return s.placed, s.refused }
