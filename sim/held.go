package sim

import (
	"slices"
	"time"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// held are a call's deliveries that wait for the next callback of their
// generation to their address.
func held(c *journal.Call, g, via wire.Generation) (list []*delivery.Delivery) {
	if c.Held == 0 {
		return nil
	}
	for _, d := range c.Deliveries {
		if d.Hold == delivery.UntilNext && d.Generation == g && d.Via == via {
			list = append(list, d)
		}
	}
	return list
}

// passed lets those go that waited for a delivery like this one.
func (e *Engine) passed(now call.Instant, c *journal.Call, d *delivery.Delivery) {
	if c.Held > 0 && d.State != delivery.Dropped && d.Hold == delivery.NoHold && !d.Detached {
		e.letGo(now, c, held(c, d.Generation, d.Via))
	}
}

// letGo puts deliveries that wait for the next callback behind those that their
// call has so far.
func (e *Engine) letGo(now call.Instant, c *journal.Call, list []*delivery.Delivery) {
	for _, d := range list {
		e.emit(now, c.ID, &journal.Released{Delivery: d.ID})
		if e.startable(c, d) {
			e.attempt(now, c, d)
		}
	}
}

// over lets those go that a call which is over holds back for a callback that
// does not come any more.
func (e *Engine) over(now call.Instant, c *journal.Call) {
	if c.Held == 0 || c.Phase != call.Over {
		return
	}
	var list []*delivery.Delivery
	for _, d := range c.Deliveries {
		if d.Hold == delivery.UntilNext {
			list = append(list, d)
		}
	}
	e.letGo(now, c, list)
	e.afterEnd(now, c)
}

// afterEnd gives those that wait for the end of their call a time, once all
// others went out.
func (e *Engine) afterEnd(now call.Instant, c *journal.Call) {
	if c.Phase != call.Over || slices.ContainsFunc(c.Deliveries, inTurn) {
		return
	}
	for _, d := range slices.Clone(c.Deliveries) {
		if d.Hold == delivery.UntilEnd {
			due := now.Add(time.Duration(d.Harm.AfterEnd))
			e.emit(now, c.ID, &journal.Released{Delivery: d.ID, Due: due})
			e.pushDelivery(due, c, d)
		}
	}
}

// inTurn reports whether a delivery has yet to go out in the order of its call.
func inTurn(d *delivery.Delivery) bool {
	return d.State == delivery.Queued && d.Hold != delivery.UntilEnd
}
