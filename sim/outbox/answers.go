package outbox

import (
	"fmt"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
)

// Answered takes the answer to an attempt: it judges it, and has the attempt repeated
// or lets those go on that waited for it. What is due at once goes out with the next
// [Outbox.Fire]. An error means that there is no such attempt under way.
func (o *Outbox) Answered(now call.Instant, id uint64, attempt int, a *delivery.Answer) error {
	d := o.state.Deliveries[id]
	if d == nil || d.State != delivery.InFlight || d.Attempts != attempt {
		return fmt.Errorf("delivery %d: attempt %d is not in flight", id, attempt)
	}
	o.hold(d, -1)
	c := o.state.Call(d.CallID)
	o.state.Expect(c)
	policy := &o.policies[d.Generation]
	v := o.judges.Judge(policy.Rule, a)
	then, at := policy.Next(d.Attempts, v, now)
	if then == delivery.ThenRetry && o.deleted(c.App, d.Via) {
		then, at = delivery.ThenWithdrawn, 0
	}
	rec := o.answers.New(journal.Answer{Delivery: d.ID, Attempt: d.Attempts, Verdict: v, Body: a.Body, Then: then, Due: at, Took: a.Took, Seen: a.Head})
	if o.cfg.Timings {
		rec.TookUS, rec.Head = a.Took.Microseconds(), a.Head
	}
	o.effects.Emit(now, c.ID, rec, nil)
	switch then {
	case delivery.ThenRetry:
		o.push(at, c, d)
	case delivery.ThenAcked:
		o.replay(now, c, d)
	}
	if d.Attempts == 1 {
		o.proceed(now, c)
	}
	return nil
}

// replay makes the copies that follow an acknowledgement.
func (o *Outbox) replay(now call.Instant, c *journal.Call, acked *delivery.Delivery) {
	if acked.Faults == nil || o.deleted(c.App, acked.Via) {
		return
	}
	for range acked.Faults.Replay {
		o.deliver(now, c, o.copyOf(acked))
	}
}

// Resume takes up a delivery that a journal left open. An attempt that was under way
// then counts as not made: it is due at once.
func (o *Outbox) Resume(c *journal.Call, d *delivery.Delivery) {
	at := o.state.Now
	if d.State == delivery.Waiting {
		at = d.Due
	}
	o.push(at, c, d)
}

// Next is when something is due, if anything is by a time.
func (o *Outbox) Next(by call.Instant) (at call.Instant, ok bool) {
	for o.queue.Len() > 0 {
		when, next := o.queue.First()
		at = call.Instant(when)
		if at > by {
			break
		}
		if !o.stale(at, next) {
			return at, true
		}
		o.pop()
	}
	return 0, false
}

// Fire does what is due by a time, each at its own.
func (o *Outbox) Fire(by call.Instant) {
	for {
		at, ok := o.Next(by)
		if !ok {
			return
		}
		next := o.pop()
		o.state.Expect(next.call)
		o.start(max(at, o.state.Now), next.call, next.delivery)
	}
}

// stale reports whether a delivery has nothing to do at a time at which it was to be
// looked at. It is in flight only if the journal it was restored from ended then.
func (o *Outbox) stale(at call.Instant, is due) bool {
	d := is.delivery
	return d.State != delivery.InFlight && !(d.State == delivery.Waiting && d.Due == at) && !o.startable(is.call, d)
}

// Upcoming is what will be attempted next, in order, with the time of each.
func (o *Outbox) Upcoming(yield func(call.Instant, *delivery.Delivery) bool) {
	for when, next := range o.queue.All() {
		if at := call.Instant(when); !o.stale(at, next) && !yield(at, next.delivery) {
			return
		}
	}
}
