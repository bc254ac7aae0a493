package journal

import (
	"slices"

	"ringback/sim/delivery"
)

// forget evicts the calls that have been over for long enough, except the one of the
// current event, whose callbacks may follow. Calls with failures stay until there are
// [MaxFailedCalls]. A call that got another callback settles again and is evicted then.
func (s *State) forget(current string) {
	for s.gone < len(s.settled) {
		next := s.settled[s.gone]
		if next.seq+s.keep > s.Seq || next.id == current {
			break
		}
		s.gone++
		c := s.Call(next.id)
		if c == nil || !c.Over() || c.Retained {
			continue
		}
		if s.keep > 0 && c.HasFailures() {
			c.Retained = true
			s.retained = append(s.retained, c)
			for len(s.retained) > MaxFailedCalls && s.retained[0].ID != current {
				s.dropRetained()
			}
			continue
		}
		s.forgetCall(c)
	}
	if 2*s.gone > len(s.settled) {
		s.settled, s.gone = slices.Delete(s.settled, 0, s.gone), 0
	}
}

// MaxFailedCalls is how many calls with a failed callback are kept for longer than
// others, so that failures can still be looked at.
const MaxFailedCalls = 1000

// HasFailures reports whether an attempt of one of the call's callbacks failed, or a
// callback was given up.
func (c *Call) HasFailures() bool {
	return slices.ContainsFunc(c.Deliveries, func(d *delivery.Delivery) bool { return d.Attempts > 1 || d.State == delivery.Abandoned })
}

// dropRetained evicts the oldest retained call, unless something new happened in it.
func (s *State) dropRetained() {
	c := s.retained[0]
	s.retained[0] = nil
	s.retained = s.retained[1:]
	if c.Retained = false; c.Over() {
		s.forgetCall(c)
	}
}

func (s *State) forgetCall(c *Call) {
	for _, d := range c.Deliveries {
		delete(s.Deliveries, d.ID)
		s.recycleDelivery(c, d)
	}
	delete(s.calls, c.ID)
	if s.expected == c {
		s.expected = nil
	}
	s.recycleCall(c)
}
