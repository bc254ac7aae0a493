package journal

import (
	"cmp"
	"slices"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/wire"
)

// Call is a call with its callbacks. A million of them are alive at once, hence
// the narrow counters.
type Call struct {
	call.Call
	Plan          []call.Step
	Deliveries    []*delivery.Delivery // in the order of their first attempts, if they go in order
	LastEventTime call.Instant         // of the latest v4 callback
	Callbacks     uint32               // so far
	Copies        uint32               // of these, copies that faults made
	Held          int32                // deliveries that faults hold back
	Open          int32                // deliveries that are not settled
	Steps         int32                // of the plan, done so far
	Generation    wire.Generation
	Dropped       bool              // a callback of it was dropped: see [Dropped]
	Retained      bool              // over for long, but kept because of a failure
	Refs          delivery.RefCount // on the engine's agenda
}

// Over reports whether nothing more will come of the call: it has ended, its
// callbacks are settled, and no step of its plan is left to be refused.
func (c *Call) Over() bool {
	return c.Phase == call.Over && c.Open == 0 && int(c.Steps) >= len(c.Plan)
}

// insert gives a delivery its place in the call's order: a copy behind its
// original and the copies before, others at the end. A copy has its original's
// bytes and, if that one goes out of order, so does the copy.
func (c *Call) insert(dl *delivery.Delivery) {
	at := len(c.Deliveries)
	if dl.CopyOf != 0 {
		c.Copies++
		if i := c.find(dl.CopyOf); i >= 0 {
			original := c.Deliveries[i]
			dl.Request, dl.Detached = original.Request, dl.Detached || original.Detached
			for at = i + 1; at < len(c.Deliveries) && c.Deliveries[at].CopyOf == original.ID; at++ {
			}
		}
	}
	if c.Deliveries == nil { // a call's callbacks come several at a time
		c.Deliveries = make([]*delivery.Delivery, 0, 4)
	}
	c.Deliveries = slices.Insert(c.Deliveries, at, dl)
}

// find is the place of a delivery in the call's order, or -1.
func (c *Call) find(id uint64) int {
	return slices.IndexFunc(c.Deliveries, func(d *delivery.Delivery) bool { return d.ID == id })
}

// Callback finds the callback of a word by its place among those of its call, from
// 1; 0 is the first. With a copy, from 1, it is that copy of it. It is nil if there
// is none.
func (c *Call) Callback(w wire.Word, number, copy int) *delivery.Delivery {
	d := c.nth(max(1, number), func(d *delivery.Delivery) bool { return d.Word == w && d.CopyOf == 0 })
	if d == nil || copy == 0 {
		return d
	}
	return c.nth(copy, func(o *delivery.Delivery) bool { return o.CopyOf == d.ID })
}

// nth is the n-th of some callbacks in the order in which they were made, or nil.
func (c *Call) nth(n int, of func(*delivery.Delivery) bool) *delivery.Delivery {
	list := slices.DeleteFunc(slices.Clone(c.Deliveries), func(d *delivery.Delivery) bool { return !of(d) })
	if n > len(list) {
		return nil
	}
	slices.SortFunc(list, func(a, b *delivery.Delivery) int { return cmp.Compare(a.ID, b.ID) })
	return list[n-1]
}
