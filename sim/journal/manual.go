package journal

import (
	"fmt"

	"ringback/sim/delivery"
)

// GivenUp says that a person gave up a delivery.
type GivenUp struct {
	Delivery uint64 `json:"delivery"`
}

// DialectSet says which keys of the dialect have other values from now on. The header
// keeps those from the start of the run.
type DialectSet struct {
	Set map[string]string `json:"set"`
}

func (*GivenUp) kind() string    { return "given_up" }
func (*DialectSet) kind() string { return "dialect" }

func (s *State) dialectSet(d *DialectSet) error {
	next := *s.Dialect // a copy: others may hold the old one
	for key, value := range d.Set {
		if err := next.Set(key + "=" + value); err != nil {
			return err
		}
	}
	s.Dialect = &next
	return nil
}

// endEarly settles a delivery without an answer.
func (s *State) endEarly(e *Event, id uint64, as delivery.State, total *uint64) error {
	dl, c := s.Deliveries[id], s.current
	if dl == nil || c == nil || dl.State.Settled() || dl.CallID != c.ID {
		return fmt.Errorf("delivery %d is not open", id)
	}
	if dl.Hold != delivery.NoHold {
		dl.Hold = delivery.NoHold
		c.Held--
	}
	dl.State, dl.Due = as, 0
	*total++
	c.Open--
	s.settle(e, c)
	return nil
}
