package traffic

import (
	"iter"
	"time"

	"ringback/sim/call"
)

// Options say which of a model's worlds it is.
type Options struct {
	Seed  uint64
	Epoch call.Instant // when it begins, with nobody in a call
	Until call.Instant // no call starts from then on; 0 means never
	Users int          // instead of the model's, if not 0
	// Salt makes the same people want something else: a world that goes on where
	// another one of its seed ended has one that is not 0.
	Salt uint64
	// Heartbeat is after how long a phone that fell silent is taken for offline;
	// 0 or [sim.PlatformExpiry] mean each platform's own.
	Heartbeat time.Duration
	// UTCOffset is that of the profile's clock, if the model has none.
	UTCOffset time.Duration
	// Rate is how many calls start in a second, whatever the hour; 0 means as
	// many as the model's users want. There are as many users then as would
	// want so many.
	Rate float64
	// Poisson lets the calls of a Rate come at random, rather than evenly.
	Poisson bool
	// Ramp is how long it takes until the Rate is reached.
	Ramp time.Duration
	// Compress makes what happens in a call, from its start to its end, so many
	// times as fast; 0 means 1. What people do between calls is not changed.
	Compress float64
	// Joined is when somebody comes to look, under a Rate. Of the calls between
	// two that start long before, those that are over by then do not come at all;
	// the others found their callees free. 0 means from the beginning.
	Joined call.Instant
}

// World is a model with its people.
type World struct {
	Partitions []*Partition
}

// New makes a world. The error is about the number of users.
func New(m *Model, o Options) (*World, error) {
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
		atRate(&own, o)
		if err := own.check(); err != nil && own.People == nil { // with more users there are more centres
			return nil, err
		}
	}
	w := new(World)
	for i := range own.Partitions {
		w.Partitions = append(w.Partitions, newPartition(&own, o, i))
	}
	return w, nil
}

// Calls are the calls of all partitions, in the order of their starts and at
// one time in that of the partitions.
func (w *World) Calls() iter.Seq[*Call] {
	return func(yield func(*Call) bool) {
		s := newStream(w.Partitions)
		for c := s.next(); c != nil; c = s.next() {
			if !yield(c) {
				return
			}
		}
	}
}

// Suppressed counts the wishes that came to nothing, because who had them was
// in a call or knew nobody to call.
func (w *World) Suppressed() (n uint64) {
	for _, p := range w.Partitions {
		n += p.Suppressed
	}
	return n
}

// stream merges partitions.
type stream struct {
	partitions []*Partition
	heads      []*Call // nil: that one has no more
}

func newStream(ps []*Partition) *stream {
	s := &stream{partitions: ps}
	for _, p := range ps {
		s.heads = append(s.heads, p.Next())
	}
	return s
}

// first is the partition whose call is the next, or -1.
func (s *stream) first() int {
	first := -1
	for i, c := range s.heads {
		if c != nil && (first < 0 || c.Start < s.heads[first].Start) {
			first = i
		}
	}
	return first
}

func (s *stream) next() *Call {
	i := s.first()
	if i < 0 {
		return nil
	}
	c := s.heads[i]
	s.heads[i] = s.partitions[i].Next()
	return c
}
