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
}

// Source feeds the calls of a world to an engine, each when it starts. It is
// what package run calls a source.
type Source struct {
	feed    Feed
	calls   *stream
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

// Take is that call.
func (s *Source) Take() sim.Input {
	c := s.calls.next()
	in := c.Place(s.feed.App)
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
func (s *Source) UnderWay(at call.Instant, show func(start call.Instant, in sim.Place) error) error {
	for i := s.calls.first(); i >= 0 && s.calls.heads[i].Start < at; i = s.calls.first() {
		c := s.calls.heads[i]
		if c.End <= at {
			s.calls.next()
			continue
		}
		if err := show(c.Start, s.Take().(sim.Place)); err != nil {
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
