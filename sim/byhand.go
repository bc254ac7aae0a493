package sim

import (
	"fmt"
	"maps"
	"slices"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/script"
	"ringback/sim/wire"
)

// What CallKit does by itself, a person can ask for at another time, or ask it
// not to do.

// RetryNow makes a delivery's next attempt at once, instead of when it is due.
// A callback that a fault holds back goes on with it. It is refused for one
// whose turn has not come, is under way, or is settled.
type RetryNow struct{ Delivery uint64 }

// GiveUp abandons a delivery. The answer to an attempt that is under way is
// then refused.
type GiveUp struct{ Delivery uint64 }

// Duplicate sends a callback once more, in the same bytes, whatever became of
// it so far.
type Duplicate struct{ Delivery uint64 }

// Replay sends all callbacks of a call once more, in the same bytes.
type Replay struct{ Call string }

// Handle does one of these to the callbacks of a call, of which a script knows the
// place in the call rather than the ids. Callbacks that cannot be retried or given
// up, since they are settled, say, stay as they are: that is no error.
type Handle struct {
	Call string // CallId
	script.Handling
}

// SetDialect makes choices of the dialect, like v4_retry=v1, for callbacks and
// answers from now on; what was sent keeps its bytes.
type SetDialect struct{ Set []string }

func (RetryNow) input()   {}
func (GiveUp) input()     {}
func (Duplicate) input()  {}
func (Replay) input()     {}
func (Handle) input()     {}
func (SetDialect) input() {}

// byHand does what was asked for beyond the rules of CallKit.
func (e *Engine) byHand(now call.Instant, in Input) error {
	switch in := in.(type) {
	case Recorded:
		return e.recorded(now, in)
	case SetDialect:
		return e.setDialect(now, in)
	case Warn:
		e.warn(now, "", journal.Warned(in))
		return nil
	case Replay:
		return e.replayCall(now, in.Call)
	case Handle:
		return e.handle(now, in)
	case RetryNow:
		return e.onDelivery(in.Delivery, func(c *journal.Call, d *delivery.Delivery) error { return e.retryNow(now, c, d) })
	case GiveUp:
		return e.onDelivery(in.Delivery, func(c *journal.Call, d *delivery.Delivery) error { return e.giveUp(now, c, d) })
	case Duplicate:
		return e.onDelivery(in.Delivery, func(c *journal.Call, d *delivery.Delivery) error { return e.again(now, c, d) })
	}
	panic("sim: an input that nobody knows") // its type must not be named: that would move every input to the heap
}

func (e *Engine) handle(now call.Instant, in Handle) error {
	if in.Do == script.Replay {
		return e.replayCall(now, in.Call)
	}
	c := e.state.Call(in.Call)
	if c == nil {
		return fmt.Errorf("call %q: there is none, or it was over long ago", in.Call)
	}
	d := c.Callback(in.Callback, in.Number, in.Copy)
	switch {
	case d == nil:
		return fmt.Errorf("call %s: has no callback %s", in.Call, in.Which())
	case in.Do == script.Duplicate:
		return e.again(now, c, d)
	case d.State.Settled():
		return nil
	case in.Do == script.GiveUp:
		return e.giveUp(now, c, d)
	case d.State == delivery.Flying || d.State == delivery.Queued && d.Hold == delivery.NoHold:
		return nil
	}
	return e.retryNow(now, c, d)
}

func (e *Engine) onDelivery(id uint64, do func(*journal.Call, *delivery.Delivery) error) error {
	d := e.state.Deliveries[id]
	if d == nil {
		return fmt.Errorf("delivery %d: there is none, or its call was over long ago", id)
	}
	return do(e.state.Call(d.CallID), d)
}

func (e *Engine) retryNow(now call.Instant, c *journal.Call, d *delivery.Delivery) error {
	switch {
	case d.State == delivery.Flying:
		return fmt.Errorf("delivery %d: an attempt is under way", d.ID)
	case d.State.Settled():
		return fmt.Errorf("delivery %d: is %s; a duplicate sends it again", d.ID, d.State)
	case d.Hold != delivery.NoHold:
		e.emit(now, c.ID, &journal.Released{Delivery: d.ID, Due: now})
	case d.State == delivery.Queued:
		return fmt.Errorf("delivery %d: waits until the callback before it is answered", d.ID)
	}
	e.agenda.drop(func(en *entry) bool { return en.due == d }) // else its time would come while the attempt is under way
	e.attempt(now, c, d)
	return nil
}

func (e *Engine) giveUp(now call.Instant, c *journal.Call, d *delivery.Delivery) error {
	if d.State.Settled() {
		return fmt.Errorf("delivery %d: is %s already", d.ID, d.State)
	}
	if d.State == delivery.Flying {
		e.hold(d, -1)
	}
	e.emit(now, c.ID, &journal.GivenUp{Delivery: d.ID})
	e.proceed(now, c) // what waited behind it
	return nil
}

// again sends a copy at once, outside the order of its call.
func (e *Engine) again(now call.Instant, c *journal.Call, d *delivery.Delivery) error {
	if e.deleted(c.App, d.Via) {
		return fmt.Errorf("delivery %d: its address was deleted", d.ID)
	}
	rec := e.copyOf(d)
	rec.State, rec.Due = delivery.Waiting, now
	if d.CopyOf != 0 { // a copy has no copies
		rec.CopyOf = d.CopyOf
	}
	e.deliver(now, c, rec)
	e.fire(now)
	return nil
}

func (e *Engine) replayCall(now call.Instant, id string) error {
	c := e.state.Call(id)
	if c == nil {
		return fmt.Errorf("call %q: there is none, or it was over long ago", id)
	}
	var originals []*delivery.Delivery
	for _, d := range c.Deliveries {
		if d.CopyOf == 0 && !e.deleted(c.App, d.Via) {
			originals = append(originals, d)
		}
	}
	if len(originals) == 0 {
		return fmt.Errorf("call %s: has no callbacks to send again", id)
	}
	slices.SortStableFunc(originals, func(a, b *delivery.Delivery) int { return int(a.ID) - int(b.ID) })
	for _, d := range originals {
		e.deliver(now, c, e.copyOf(d))
	}
	return nil
}

func (e *Engine) setDialect(now call.Instant, in SetDialect) error {
	d := *e.cfg.Dialect
	for _, choice := range in.Set {
		if err := d.Set(choice); err != nil {
			return err
		}
	}
	changed := d.Map()
	before := e.cfg.Dialect.Map()
	maps.DeleteFunc(changed, func(key, value string) bool { return before[key] == value })
	e.emit(now, "", &journal.DialectSet{Set: changed})
	e.speak(e.state.Dialect)
	return nil
}

// speak makes a dialect that of all callbacks and answers from now on.
func (e *Engine) speak(d *wire.Dialect) {
	e.cfg.Dialect, e.encoder = d, wire.NewEncoder(d)
	e.writes = e.Signs() || e.sorts() || e.moves()
	e.policies = map[wire.Generation]delivery.Policy{wire.V1: delivery.PolicyOf(wire.V1, d), wire.V4: delivery.PolicyOf(wire.V4, d)}
}
