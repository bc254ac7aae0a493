package journal

import (
	"slices"

	"ringback/sim/call"
	"ringback/sim/delivery"
)

// freeLists recycle forgotten calls, deliveries and requests. What no one else refers to
// is put on its list as it is when it is forgotten. It is cleared, and can be taken, only
// after the engine's next step begins: until then it stays readable. A state that does
// not recycle has none.
type freeLists struct {
	on         bool
	calls      freeList[Call]
	deliveries freeList[delivery.Delivery]
	requests   freeList[delivery.Request]
}

// What is larger is left to the garbage collector, so that no extraordinary
// call is remembered for ever.
const (
	maxItems = 64      // members, steps of the plan, and callbacks of a call
	maxBytes = 4 << 10 // of a request
)

// Recycle lets the state use the memory of forgotten calls, callbacks and
// requests again. Nobody may hold them for longer than [State.Wipe] allows. A
// state for readers does not recycle: it exists for those who look back.
func (s *State) Recycle() { s.free.on = !s.reader }

// Wipe clears what was forgotten so far, so that it can be used again.
func (s *State) Wipe() {
	s.free.calls.wipe(func(c *Call) {
		clear(c.Members)
		clear(c.Plan)
		*c = Call{Call: call.Call{Members: c.Members[:0]}, Plan: c.Plan[:0], Deliveries: c.Deliveries[:0]}
	})
	s.free.deliveries.wipe(func(d *delivery.Delivery) { *d = delivery.Delivery{} })
	s.free.requests.wipe((*delivery.Request).Reset)
}

// Blank is a request to write on.
func (s *State) Blank() *delivery.Request { return s.free.requests.take() }

// newCall is a call before its start.
func (s *State) newCall(d *Fact) *Call {
	c := s.free.calls.take()
	c.Generation = d.Generation
	switch {
	case s.free.on: // the plan is lent
		c.Plan = append(c.Plan, d.Plan...)
	case s.reader: // it may look at an engine that recycles
		c.Plan = slices.Clone(d.Plan)
	default:
		c.Plan = d.Plan
	}
	return c
}

// recycleDelivery puts a settled callback on the free list. Copies share
// the request of their original.
func (s *State) recycleDelivery(c *Call, d *delivery.Delivery) {
	if !s.free.on || d.Refs > 0 {
		return
	}
	s.recycleRequest(c, d.Request)
	s.free.deliveries.put(d)
}

// recycleRequest puts a request on the free list that its callback no longer needs.
func (s *State) recycleRequest(c *Call, r *delivery.Request) {
	if s.free.on && c.Copies == 0 && r.Size() <= maxBytes {
		s.free.requests.put(r)
	}
}

// recycleCall puts a forgotten call on the free list.
func (s *State) recycleCall(c *Call) {
	if s.free.on && c.Refs == 0 && max(cap(c.Members), cap(c.Plan), cap(c.Deliveries)) <= maxItems {
		clear(c.Deliveries)
		c.Deliveries = c.Deliveries[:0]
		s.free.calls.put(c)
	}
}

// freeList holds values to be used again, the latest first: that one is still in the
// processor's cache.
type freeList[T any] struct {
	items []*T
	wiped int // the first so many can be taken
}

// maxFree is the maximum length of a free list.
const maxFree = 1 << 11

func (p *freeList[T]) put(v *T) {
	if len(p.items) < maxFree {
		p.items = append(p.items, v)
	}
}

func (p *freeList[T]) wipe(each func(*T)) {
	for _, v := range p.items[p.wiped:] {
		each(v)
	}
	p.wiped = len(p.items)
}

// take returns a value from the list or, if none is cleared, a new one.
func (p *freeList[T]) take() *T {
	if p.wiped == 0 {
		return new(T)
	}
	p.wiped--
	v, last := p.items[p.wiped], len(p.items)-1
	p.items[p.wiped] = p.items[last]
	p.items = p.items[:last]
	return v
}
