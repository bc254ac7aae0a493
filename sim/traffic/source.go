package traffic

import (
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/wire"
)

// Feed configures a Source.
type Feed struct {
	App        uint32
	Generation wire.Generation // of the callbacks
	Alternate  bool            // with wire.Both: each call of a partition makes the callbacks of one generation, in turn
	MaxCalls   int             // not counting those that fail to start; 0 means all
	// Numbered gives the calls their numbers, so that whatever engine plays them gives
	// them the same ids. It requires an engine without other calls.
	Numbered bool
	// Reuse makes each call use the memory of the one before. It requires an
	// engine that keeps nothing it is given, as one that recycles (see [sim.Config]).
	Reuse bool
}

// Source gives a generator's calls to an engine, each when it starts. It
// implements the Source of package run.
type Source struct {
	feed    Feed
	calls   *stream
	place   *sim.Place // the latest input
	placed  int
	failed  int
	refused int
}

// NewSource returns a source of the generator's calls, which it uses up.
func NewSource(w *Generator, f Feed) *Source { return &Source{feed: f, calls: newStream(w.Partitions)} }

// Next returns when the next call starts.
func (s *Source) Next() (at call.Instant, ok bool) {
	i := s.calls.first
	if i < 0 || s.feed.MaxCalls > 0 && s.placed-s.failed >= s.feed.MaxCalls {
		return 0, false
	}
	return s.calls.starts[i], true
}

// next returns the next call. With Reuse it is valid until the call after it is
// generated.
func (s *Source) next() *Call {
	p := s.calls.partitions[s.calls.first]
	c := s.calls.next()
	if s.feed.Reuse {
		p.reusable = c
	}
	return c
}

// Take returns the next call as a *sim.Place. With Reuse it is valid until the
// next Take.
func (s *Source) Take() sim.Input {
	c := s.next()
	if s.place == nil || !s.feed.Reuse {
		s.place = new(sim.Place)
	}
	in := s.place
	c.place(s.feed.App, in)
	in.Generation = s.feed.Generation
	if s.feed.Alternate && in.Generation == wire.Both {
		in.Generation = wire.V1
		if c.second {
			in.Generation = wire.V4
		}
	}
	if s.feed.Numbered {
		in.Setup.Number, in.Setup.Partition = c.Number, c.Partition
	}
	s.placed++
	if c.Failed {
		s.failed++
	}
	return in
}

// UnderWay takes the calls that start before a time, and calls show for those
// that end after it.
func (s *Source) UnderWay(at call.Instant, show func(start call.Instant, in sim.Input) error) error {
	for s.calls.first >= 0 && s.calls.starts[s.calls.first] < at {
		c := s.calls.heads[s.calls.first]
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

// Refused counts a call that the engine refused, because another source already
// has its caller in a call. The traffic goes on without it.
func (s *Source) Refused(error) error {
	s.refused++
	return nil
}

// Placed returns the number of calls so far, and how many of them were refused.
func (s *Source) Placed() (placed, refused int) { return s.placed, s.refused }
