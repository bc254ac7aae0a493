package journal

import (
	"slices"

	"ringback/sim/call"
	"ringback/sim/delivery"
)

// freeLists recycles evicted calls, deliveries and requests. A value is put on a list
// when it is forgotten and stays as it is, and may be read, until the engine's next step
// reclaims it. Without recycling the lists stay empty.
type freeLists struct {
	on         bool
	calls      freeList[Call]
	deliveries freeList[delivery.Delivery]
	requests   freeList[delivery.Request]
}

// Larger values are left to the garbage collector, so that one large call does not hold
// memory forever.
const (
	maxItems = 64      // members, steps of the plan, and callbacks of a call
	maxBytes = 4 << 10 // of a request
)

// Recycle lets the state reuse the memory of forgotten calls, callbacks and requests,
// which must not be used after [State.Reclaim]. A state for readers does not recycle.
func (s *State) Recycle() { s.free.on = !s.reader }

// Reclaim makes what was forgotten so far available for reuse. No one may use it any more.
func (s *State) Reclaim() {
	s.free.calls.reclaim(func(c *Call) {
		clear(c.Members)
		clear(c.Plan)
		*c = Call{Call: call.Call{Members: c.Members[:0]}, Plan: c.Plan[:0], Deliveries: c.Deliveries[:0]}
	})
	s.free.deliveries.reclaim(func(d *delivery.Delivery) { *d = delivery.Delivery{} })
	s.free.requests.reclaim((*delivery.Request).Reset)
}

// NewRequest returns an empty request, perhaps a recycled one.
func (s *State) NewRequest() *delivery.Request { return s.free.requests.get() }

// newCall returns a call before its start.
func (s *State) newCall(d *Fact) *Call {
	c := s.free.calls.get()
	c.Generation = d.Generation
	switch {
	case s.free.on: // the plan is the caller's
		c.Plan = append(c.Plan, d.Plan...)
	case s.reader: // the event may be from an engine that recycles
		c.Plan = slices.Clone(d.Plan)
	default:
		c.Plan = d.Plan
	}
	return c
}

// recycleDelivery recycles a forgotten callback. Copies share their original's request.
func (s *State) recycleDelivery(c *Call, d *delivery.Delivery) {
	if !s.free.on || d.Refs > 0 {
		return
	}
	s.recycleRequest(c, d.Request)
	s.free.deliveries.put(d)
}

// recycleRequest recycles the request of a settled callback.
func (s *State) recycleRequest(c *Call, r *delivery.Request) {
	if s.free.on && c.Copies == 0 && r.Size() <= maxBytes {
		s.free.requests.put(r)
	}
}

// recycleCall recycles a forgotten call.
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
	ready int // the first so many may be reused
}

// maxFree is the maximum length of a free list.
const maxFree = 1 << 11

func (p *freeList[T]) put(v *T) {
	if len(p.items) < maxFree {
		p.items = append(p.items, v)
	}
}

func (p *freeList[T]) reclaim(each func(*T)) {
	for _, v := range p.items[p.ready:] {
		each(v)
	}
	p.ready = len(p.items)
}

// get returns a value from the list or, if none is cleared, a new one.
func (p *freeList[T]) get() *T {
	if p.ready == 0 {
		return new(T)
	}
	p.ready--
	v, last := p.items[p.ready], len(p.items)-1
	p.items[p.ready] = p.items[last]
	p.items = p.items[:last]
	return v
}
