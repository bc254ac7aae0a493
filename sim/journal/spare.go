package journal

import (
	"slices"

	"ringback/sim/call"
	"ringback/sim/delivery"
)

// spare is the memory of what a state forgot, to be used again. What nobody
// else holds is laid aside when it is forgotten, as it is, and wiped and free
// only when the engine takes its next step: whatever it says is valid until
// then. There is none in a state that does not recycle.
type spare struct {
	on         bool
	calls      pile[Call]
	deliveries pile[delivery.Delivery]
	requests   pile[delivery.Request]
}

// What is larger is left to the garbage collector, so that no extraordinary
// call is remembered for ever.
const (
	mostItems = 64      // members, steps of the plan, and callbacks of a call
	mostBytes = 4 << 10 // of a request
)

// Recycle lets the state use the memory of forgotten calls, callbacks and
// requests again. Nobody may hold them for longer than [State.Wipe] allows. A
// state for readers does not recycle: it exists for those who look back.
func (s *State) Recycle() { s.spare.on = !s.reader }

// Wipe says that nobody uses what was forgotten so far.
func (s *State) Wipe() {
	s.spare.calls.wipe(func(c *Call) {
		clear(c.Members)
		clear(c.Plan)
		*c = Call{Call: call.Call{Members: c.Members[:0]}, Plan: c.Plan[:0], Deliveries: c.Deliveries[:0]}
	})
	s.spare.deliveries.wipe(func(d *delivery.Delivery) { *d = delivery.Delivery{} })
	s.spare.requests.wipe((*delivery.Request).Reset)
}

// Blank is a request to write on.
func (s *State) Blank() *delivery.Request { return s.spare.requests.take() }

// newCall is a call before its start.
func (s *State) newCall(d *Fact) *Call {
	c := s.spare.calls.take()
	c.Generation = d.Generation
	switch {
	case s.spare.on: // the plan is lent
		c.Plan = append(c.Plan, d.Plan...)
	case s.reader: // it may look at an engine that recycles
		c.Plan = slices.Clone(d.Plan)
	default:
		c.Plan = d.Plan
	}
	return c
}

// layAside takes what is forgotten of a call's settled callback. Copies share
// the request of their original.
func (s *State) layAside(c *Call, d *delivery.Delivery) {
	if !s.spare.on || d.Refs > 0 {
		return
	}
	s.layRequestAside(c, d.Request)
	s.spare.deliveries.put(d)
}

// layRequestAside takes the request of a callback that needs it no more.
func (s *State) layRequestAside(c *Call, r *delivery.Request) {
	if s.spare.on && c.Copies == 0 && r.Size() <= mostBytes {
		s.spare.requests.put(r)
	}
}

// layCallAside takes a forgotten call.
func (s *State) layCallAside(c *Call) {
	if s.spare.on && c.Refs == 0 && max(cap(c.Members), cap(c.Plan), cap(c.Deliveries)) <= mostItems {
		clear(c.Deliveries)
		c.Deliveries = c.Deliveries[:0]
		s.spare.calls.put(c)
	}
}

// pile is a pile of things to be used again, the latest first: that one is
// still in the processor's cache.
type pile[T any] struct {
	items []*T
	wiped int // the first so many can be taken
}

// mostOnPile is how many things lie on a pile at most.
const mostOnPile = 1 << 11

func (p *pile[T]) put(v *T) {
	if len(p.items) < mostOnPile {
		p.items = append(p.items, v)
	}
}

func (p *pile[T]) wipe(each func(*T)) {
	for _, v := range p.items[p.wiped:] {
		each(v)
	}
	p.wiped = len(p.items)
}

// take takes one from the pile, or makes a new one.
func (p *pile[T]) take() *T {
	if p.wiped == 0 {
		return new(T)
	}
	p.wiped--
	v, last := p.items[p.wiped], len(p.items)-1
	p.items[p.wiped] = p.items[last]
	p.items = p.items[:last]
	return v
}
