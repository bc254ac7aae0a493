package outbox

import (
	"cmp"
	"fmt"
	"slices"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/script"
	"ringback/sim/wire"
)

// What CallKit does by itself, a person can ask for at another time, or ask it not to
// do.

// RetryNow makes a delivery's next attempt at once, instead of when it is due.
func (o *Outbox) RetryNow(now call.Instant, id uint64) error {
	c, d, err := o.find(id)
	if err != nil {
		return err
	}
	switch {
	case d.State == delivery.InFlight:
		return fmt.Errorf("delivery %d: an attempt is under way", d.ID)
	case d.State.Settled():
		return fmt.Errorf("delivery %d: is %s; a duplicate sends it again", d.ID, d.State)
	case d.Hold != delivery.NoHold:
		o.effects.Emit(now, c.ID, &journal.Released{Delivery: d.ID, Due: now}, nil)
	case d.State == delivery.Queued:
		return fmt.Errorf("delivery %d: waits until the callback before it is answered", d.ID)
	}
	o.queue.Remove(func(e due) bool { // else its time would come while the attempt is under way
		if e.delivery == d {
			e.unpin()
		}
		return e.delivery == d
	})
	o.start(now, c, d)
	return nil
}

// GiveUp abandons a delivery. The answer to an attempt that is under way is then
// refused.
func (o *Outbox) GiveUp(now call.Instant, id uint64) error {
	c, d, err := o.find(id)
	if err != nil {
		return err
	}
	if d.State.Settled() {
		return fmt.Errorf("delivery %d: is %s already", d.ID, d.State)
	}
	if d.State == delivery.InFlight {
		o.hold(d, -1)
	}
	o.effects.Emit(now, c.ID, &journal.GivenUp{Delivery: d.ID}, nil)
	o.proceed(now, c) // what waited behind it
	return nil
}

// Duplicate has a copy sent at the next [Outbox.Fire], outside the order of its call.
func (o *Outbox) Duplicate(now call.Instant, id uint64) error {
	c, d, err := o.find(id)
	if err != nil {
		return err
	}
	if o.deleted(c.App, d.Via) {
		return fmt.Errorf("delivery %d: its address was deleted", d.ID)
	}
	rec := o.copyOf(d)
	rec.State, rec.Due = delivery.Waiting, now
	rec.CopyOf = cmp.Or(d.CopyOf, d.ID) // a copy has no copies
	o.deliver(now, c, rec)
	return nil
}

// Replay sends all callbacks of a call once more, in the same bytes.
func (o *Outbox) Replay(now call.Instant, id string) error {
	c, err := o.call(id)
	if err != nil {
		return err
	}
	var originals []*delivery.Delivery
	for _, d := range c.Deliveries {
		if d.CopyOf == 0 && !o.deleted(c.App, d.Via) {
			originals = append(originals, d)
		}
	}
	if len(originals) == 0 {
		return fmt.Errorf("call %s: has no callbacks to send again", id)
	}
	slices.SortFunc(originals, byID)
	for _, d := range originals {
		o.deliver(now, c, o.copyOf(d))
	}
	return nil
}

// Handle does one of these to the callbacks of a call, by their place in it. What
// cannot be retried or given up stays as it is.
func (o *Outbox) Handle(now call.Instant, id string, h script.Handling) error {
	if h.Do == script.Replay {
		return o.Replay(now, id)
	}
	c, err := o.call(id)
	if err != nil {
		return err
	}
	d := c.Callback(h.Callback, h.Number, h.Copy)
	switch {
	case d == nil:
		return fmt.Errorf("call %s: has no callback %s", id, h.Which())
	case h.Do == script.Duplicate:
		return o.Duplicate(now, d.ID)
	case d.State.Settled():
		return nil
	case h.Do == script.GiveUp:
		return o.GiveUp(now, d.ID)
	case d.State == delivery.InFlight || d.State == delivery.Queued && d.Hold == delivery.NoHold:
		return nil
	}
	return o.RetryNow(now, d.ID)
}

// Withdraw ends what is still to be delivered for a registration that is gone, unless
// the dialect lets it go on.
func (o *Outbox) Withdraw(now call.Instant, app uint32, via wire.Generation) {
	if !o.deleted(app, via) {
		return
	}
	var calls []*journal.Call
	for _, d := range o.pending(app, via) {
		c := o.state.Call(d.CallID)
		o.effects.Emit(now, c.ID, &journal.Withdrawn{Delivery: d.ID}, nil)
		if len(calls) == 0 || calls[len(calls)-1] != c {
			calls = append(calls, c)
		}
	}
	for _, c := range calls { // what waited behind them
		o.proceed(now, c)
	}
}

// pending are the deliveries of a registration that wait for their time or their turn,
// call by call. Those in flight are settled by their answer.
func (o *Outbox) pending(app uint32, via wire.Generation) (list []*delivery.Delivery) {
	for _, d := range o.state.Deliveries {
		if (d.State == delivery.Waiting || d.State == delivery.Queued) && d.Via == via && o.state.Call(d.CallID).App == app {
			list = append(list, d)
		}
	}
	slices.SortFunc(list, func(a, b *delivery.Delivery) int { return cmp.Or(cmp.Compare(a.Call, b.Call), byID(a, b)) })
	return list
}

func byID(a, b *delivery.Delivery) int { return cmp.Compare(a.ID, b.ID) }

func (o *Outbox) call(id string) (*journal.Call, error) {
	if c := o.state.Call(id); c != nil {
		return c, nil
	}
	return nil, fmt.Errorf("call %q: not found, or no longer kept", id)
}

func (o *Outbox) find(id uint64) (*journal.Call, *delivery.Delivery, error) {
	d := o.state.Deliveries[id]
	if d == nil {
		return nil, nil, fmt.Errorf("delivery %d: not found, or no longer kept", id)
	}
	return o.state.Call(d.CallID), d, nil
}
