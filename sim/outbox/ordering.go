package outbox

import (
	"slices"
	"time"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// deliver journals a delivery and starts it, unless it has to wait.
func (o *Outbox) deliver(now call.Instant, c *journal.Call, rec *journal.Callback) *delivery.Delivery {
	d := o.make(now, c, rec)
	switch {
	case d.State == delivery.Waiting:
		o.push(d.Due, c, d)
	case o.startable(c, d):
		o.start(now, c, d)
	}
	return d
}

// startable reports whether a delivery may have its first attempt now.
func (o *Outbox) startable(c *journal.Call, d *delivery.Delivery) bool {
	return d.State == delivery.Queued && d.Hold == delivery.NoHold && (o.cfg.Order == Unordered || d.Detached || head(c) == d)
}

// head is the delivery whose first attempt is the next of its call in serial order:
// the first that has not had an answer yet.
func head(c *journal.Call) *delivery.Delivery {
	for _, d := range c.Deliveries {
		if d.First() {
			return d
		}
	}
	return nil
}

// start asks for a delivery's next attempt. If it is dropped instead, what waited
// behind it goes on.
func (o *Outbox) start(now call.Instant, c *journal.Call, d *delivery.Delivery) {
	if !o.attempt(now, c, d) {
		o.proceed(now, c)
	}
}

// proceed starts the call's next delivery in serial order, if it is its turn.
func (o *Outbox) proceed(now call.Instant, c *journal.Call) {
	next := head(c)
	for o.cfg.Order == Serial && next != nil && next.State == delivery.Queued && !o.attempt(now, c, next) {
		next = head(c) // it was dropped
	}
	o.afterEnd(now, c)
}

// held are a call's deliveries that wait for the next callback of their generation to
// their address. Generation 0 stands for all.
func held(c *journal.Call, g, via wire.Generation) (list []*delivery.Delivery) {
	if c.Held == 0 {
		return nil
	}
	for _, d := range c.Deliveries {
		if d.Hold == delivery.UntilNext && (g == 0 || d.Generation == g && d.Via == via) {
			list = append(list, d)
		}
	}
	return list
}

// passed lets those go that waited for a delivery like this one.
func (o *Outbox) passed(now call.Instant, c *journal.Call, d *delivery.Delivery) {
	if c.Held > 0 && d.State != delivery.Dropped && d.Hold == delivery.NoHold && !d.Detached {
		o.letGo(now, c, held(c, d.Generation, d.Via))
	}
}

// letGo puts deliveries that wait for the next callback behind those that their call
// has so far.
func (o *Outbox) letGo(now call.Instant, c *journal.Call, list []*delivery.Delivery) {
	for _, d := range list {
		o.effects.Emit(now, c.ID, &journal.Released{Delivery: d.ID}, nil)
		if o.startable(c, d) {
			o.start(now, c, d)
		}
	}
}

// Release lets those go that a call which is over holds back for a callback that does
// not come any more.
func (o *Outbox) Release(now call.Instant, c *journal.Call) {
	if c.Held > 0 && c.Phase == call.Over {
		o.letGo(now, c, held(c, 0, 0))
		o.afterEnd(now, c)
	}
}

// afterEnd gives those that wait for the end of their call a time, once all others
// went out.
func (o *Outbox) afterEnd(now call.Instant, c *journal.Call) {
	if c.Held == 0 || c.Phase != call.Over || slices.ContainsFunc(c.Deliveries, inTurn) {
		return
	}
	for _, d := range slices.Clone(c.Deliveries) {
		if d.Hold == delivery.UntilEnd {
			due := now.Add(time.Duration(d.Faults.AfterEnd))
			o.effects.Emit(now, c.ID, &journal.Released{Delivery: d.ID, Due: due}, nil)
			o.push(due, c, d)
		}
	}
}

// inTurn reports whether a delivery has yet to go out in the order of its call.
func inTurn(d *delivery.Delivery) bool {
	return d.State == delivery.Queued && d.Hold != delivery.UntilEnd
}
