package journal

import (
	"slices"

	"ringback/sim/delivery"
)

// forget drops the calls that have been over for long enough, those in trouble
// once there are too many of them, but never the one that the current event
// concerns: its end is followed by its callbacks. A call that got another callback
// meanwhile settles again and is dropped then.
func (s *State) forget(current string) {
	for s.gone < len(s.settled) {
		next := s.settled[s.gone]
		if next.seq+s.keep > s.Seq || next.id == current {
			break
		}
		s.gone++
		c := s.Call(next.id)
		if c == nil || !c.Over() || c.Spared {
			continue
		}
		if s.keep > 0 && c.Troubled() {
			c.Spared = true
			s.spared = append(s.spared, c)
			for len(s.spared) > MaxTroubled && s.spared[0].ID != current {
				s.unspare()
			}
			continue
		}
		s.forgetCall(c)
	}
	if 2*s.gone > len(s.settled) {
		s.settled, s.gone = slices.Delete(s.settled, 0, s.gone), 0
	}
}

// MaxTroubled is how many calls of which a callback failed stay in the state for
// longer than others do: whoever looks for what went wrong finds it when all that
// went well is forgotten.
const MaxTroubled = 1000

// Troubled reports whether an attempt of a callback of the call failed, or a
// callback was given up.
func (c *Call) Troubled() bool {
	return slices.ContainsFunc(c.Deliveries, func(d *delivery.Delivery) bool { return d.Attempts > 1 || d.State == delivery.Abandoned })
}

// unspare forgets the call that was spared first, or if something is done to it
// again, leaves that for later.
func (s *State) unspare() {
	c := s.spared[0]
	s.spared[0] = nil
	s.spared = s.spared[1:]
	if c.Spared = false; c.Over() {
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
