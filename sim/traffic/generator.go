package traffic

import (
	"iter"
	"math"
	"time"

	"ringback/sim/call"
)

// Options configure a Generator. Equal models and options give equal calls.
type Options struct {
	Seed  uint64
	Epoch call.Instant // start of the simulation, with no one in a call
	Until call.Instant // no call starts at or after it; 0 means no end
	Users int          // instead of the model's, if not 0
	// Salt changes the calls but not the people. A simulation that continues where
	// another one with its seed ended sets a salt other than 0.
	Salt uint64
	// Heartbeat is how long after its last heartbeat a phone counts as offline;
	// 0 and [sim.PlatformExpiry] mean each platform's own.
	Heartbeat time.Duration
	// UTCOffset is the offset of the profile's clock, if the model has none.
	UTCOffset time.Duration
	// Rate, in calls per second, replaces the model's rate at all hours. The number
	// of users grows to what the rate needs. 0 means the model's rate.
	Rate float64
	// Poisson makes the calls of a Rate arrive at random rather than evenly.
	Poisson bool
	// Ramp is the time in which the Rate is reached, linearly from 0.
	Ramp time.Duration
	// Compress divides all times within a call by this factor; 0 means 1. Times
	// between calls stay as they are.
	Compress float64
	// ObservedFrom is when observation begins, under a Rate. One-on-one calls that
	// start and end well before it are skipped; those that start well before it
	// and last until then find their callees free. 0 means the epoch.
	ObservedFrom call.Instant
	// Segment generates only the calls of some of the partitions.
	Segment Segment
}

// Generator generates the calls of a model's people.
type Generator struct {
	Partitions []*Partition // of the segment
	Of         int          // how many partitions there are in all
}

// New returns a generator for a model. It fails if the model does not allow the
// number of users that the options ask for.
func New(m *Model, o Options) (*Generator, error) {
	own := *m
	if o.Users != 0 {
		own.Users = o.Users
	}
	if own.Arrivals.UTCOffset == nil {
		own.Arrivals.UTCOffset = &o.UTCOffset
	}
	if err := own.check(); err != nil {
		return nil, err
	}
	if o.Rate > 0 {
		applyRate(&own, o)
		if err := own.check(); err != nil && own.People == nil { // with more users there are more call centers
			return nil, err
		}
	}
	own.Partitions = own.populated(o.Rate > 0)
	if err := o.Segment.check(&own); err != nil {
		return nil, err
	}
	w := &Generator{Of: own.Partitions}
	for i := range own.Partitions {
		if o.Segment.Has(i) {
			w.Partitions = append(w.Partitions, newPartition(&own, o, i))
		}
	}
	return w, nil
}

// Calls iterates over the calls of all partitions, ordered by start and then by
// partition.
func (w *Generator) Calls() iter.Seq[*Call] {
	return func(yield func(*Call) bool) {
		s := newStream(w.Partitions)
		for c := s.next(); c != nil; c = s.next() {
			if !yield(c) {
				return
			}
		}
	}
}

// Suppressed returns how many intended calls were not made, because the caller
// was busy or had no one to call.
func (w *Generator) Suppressed() (n uint64) {
	for _, p := range w.Partitions {
		n += p.Suppressed
	}
	return n
}

// stream merges the calls of partitions.
type stream struct {
	partitions []*Partition
	heads      []*Call        // the next call of each; nil: there are no more
	starts     []call.Instant // when they start, side by side, since each call compares them all
	first      int            // the partition with the next call, or -1
}

// noCall is when a call starts that there is not.
const noCall = math.MaxInt64

func newStream(ps []*Partition) *stream {
	s := &stream{partitions: ps, heads: make([]*Call, len(ps)), starts: make([]call.Instant, len(ps))}
	for i := range ps {
		s.advance(i)
	}
	s.find()
	return s
}

// advance takes the next call of a partition.
func (s *stream) advance(i int) {
	s.heads[i], s.starts[i] = s.partitions[i].Next(), noCall
	if c := s.heads[i]; c != nil {
		s.starts[i] = c.Start
	}
}

// find finds the partition with the next call.
func (s *stream) find() {
	s.first = -1
	for i, at := range s.starts {
		if at != noCall && (s.first < 0 || at < s.starts[s.first]) {
			s.first = i
		}
	}
}

func (s *stream) next() *Call {
	if s.first < 0 {
		return nil
	}
	c := s.heads[s.first]
	s.advance(s.first)
	s.find()
	return c
}
