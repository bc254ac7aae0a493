package outbox

import (
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
)

// make journals a delivery.
func (o *Outbox) make(now call.Instant, c *journal.Call, rec *journal.Callback) *delivery.Delivery {
	rec.Delivery = o.state.Made + 1
	o.effects.Emit(now, c.ID, rec, nil)
	if o.cfg.Recycle {
		rec.Request = nil // whoever folds the event into another state has to copy it
	}
	if rec.CopyOf != 0 { // it stands behind its original
		return o.state.Deliveries[rec.Delivery]
	}
	return c.Deliveries[len(c.Deliveries)-1]
}

// copyOf is a further delivery of the same bytes, in the same order as its original.
func (o *Outbox) copyOf(d *delivery.Delivery) *journal.Callback {
	return o.callbacks.New(journal.Callback{
		Generation: d.Generation, Via: d.Via, Word: d.Word, User: d.User, CopyOf: d.ID, Faults: harmOfCopy(d.Faults), EventTime: d.EventTime,
		URL: d.Request.Target(), Body: d.Request.Body(), Request: d.Request,
	})
}

// harmOfCopy is what a copy has of its original's harm: it brings no copies of its
// own.
func harmOfCopy(h *delivery.Faults) *delivery.Faults {
	if h == nil {
		return nil
	}
	own := *h
	own.Race, own.Replay = 0, 0
	return &own
}

// attempt asks for a delivery's next attempt, and with the first one for those of the
// copies that go out together with it. It reports false if the limit has one of these
// dropped instead.
func (o *Outbox) attempt(now call.Instant, c *journal.Call, d *delivery.Delivery) (all bool) {
	n, again := d.Attempts+1, d.State == delivery.InFlight
	if again { // it was under way when the journal ended: made again, not counted twice
		n = d.Attempts
	}
	if n == 1 && o.cfg.Limit.full(o.inFlight, o.heldBytes) {
		o.effects.Emit(now, c.ID, o.drops.New(journal.Dropped{Delivery: d.ID, Word: d.Word}), nil)
		return false
	}
	rec := o.attempts.New(journal.Attempt{Delivery: d.ID, Attempt: n})
	request := d.Request
	if !o.requests.plain() {
		o.requests.rewrite(c, d, rec)
		if rec.Request != nil {
			request = rec.Request
		}
	}
	send := o.sends.New(Send{Call: c.Number, Delivery: d.ID, Attempt: n, Word: d.Word, Due: now, Request: request})
	if d.Faults != nil {
		send.Transport = d.Faults.Transport.For(n)
	}
	o.effects.Emit(now, c.ID, rec, send)
	o.hold(d, 1)
	if o.cfg.Recycle {
		rec.Request = nil
	}
	all = true
	if d.Faults != nil && n == 1 && !again {
		for range d.Faults.Race {
			all = o.attempt(now, c, o.make(now, c, o.copyOf(d))) && all
		}
	}
	return all
}

// hold counts an attempt that has no answer yet, or with -1 that it is over.
func (o *Outbox) hold(d *delivery.Delivery, n int) {
	o.inFlight += n
	o.heldBytes += n * (overhead + len(d.Request.Bytes()))
}
