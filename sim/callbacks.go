package sim

import (
	"fmt"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/fault"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

func parseFaults(on []string) ([]*fault.Active, error) {
	var fs []*fault.Active
	for _, s := range on {
		f, err := fault.Parse(s)
		if err != nil {
			return nil, err
		}
		fs = append(fs, f)
	}
	return fs, nil
}

func (e *Engine) setFaults(now call.Instant, in SetFaults) error {
	fs, err := parseFaults(in.On)
	if err != nil {
		return err
	}
	e.faults = fs
	e.emit(now, "", &journal.Faults{On: in.On})
	return nil
}

// callback makes the deliveries of a callback: one for each target that
// subscribes to it, and the copies that faults add.
func (e *Engine) callback(now call.Instant, c *journal.Call, cb *wire.Callback) {
	at := now
	if cb.Generation == wire.V4 && at <= c.LastEventTime {
		at = c.LastEventTime + 1
	}
	for i := range e.state.Targets {
		t := &e.state.Targets[i]
		if t.App != c.App || !t.Words.Has(cb.Word) {
			continue
		}
		e.query = e.encoder.AppendQuery(e.query[:0], &c.Call, cb)
		e.body = e.encoder.AppendBody(e.body[:0], &c.Call, cb, at)
		r := delivery.Freeze(t.Endpoint, e.query, e.body)
		plan, hits := e.plan(c, cb)
		rec := journal.Callback{
			Generation: cb.Generation, Via: t.Generation, Word: cb.Word, User: c.Members[cb.User].ID, Faults: hits, EventTime: at,
			Transport: plan.Transport, URL: r.Target(), Body: r.Body(), Request: r,
		}
		switch {
		case plan.Drop:
			rec.State = delivery.Dropped
		case plan.Wait > 0:
			rec.State, rec.Due = delivery.Waiting, now.Add(plan.Wait)
		}
		e.deliver(now, c, rec)
		rec.CopyOf = e.state.Made
		for range plan.Copies {
			e.deliver(now, c, rec)
		}
	}
}

// plan asks the faults what becomes of a callback.
func (e *Engine) plan(c *journal.Call, cb *wire.Callback) (p fault.Plan, hits []string) {
	for _, f := range e.faults {
		if f.Apply(&p, cb.Word, e.cfg.Run.Seed, c.Number, c.Callbacks) {
			hits = append(hits, f.Name())
		}
	}
	return p, hits
}

// deliver journals a delivery and starts it, unless it has to wait.
func (e *Engine) deliver(now call.Instant, c *journal.Call, rec journal.Callback) {
	rec.Delivery = e.state.Made + 1
	e.emit(now, c.ID, &rec)
	d := c.Deliveries[len(c.Deliveries)-1]
	switch {
	case d.State == delivery.Waiting:
		e.pushDelivery(d.Due, c, d)
	case e.startable(c, d):
		e.attempt(now, c, d)
	}
}

// startable tells whether a delivery may have its first attempt now.
func (e *Engine) startable(c *journal.Call, d *delivery.Delivery) bool {
	return d.State == delivery.Queued && (e.cfg.Order == Unordered || e.head(c) == d)
}

// head is the delivery whose first attempt is the next of its call in serial
// order: the first that has not had an answer yet.
func (e *Engine) head(c *journal.Call) *delivery.Delivery {
	for _, d := range c.Deliveries {
		if d.First() {
			return d
		}
	}
	return nil
}

func (e *Engine) attempt(now call.Instant, c *journal.Call, d *delivery.Delivery) {
	n := d.Attempts + 1
	if d.State == delivery.Flying { // it was under way when the journal ended: made again, not counted twice
		n = d.Attempts
	}
	e.emit(now, c.ID, &journal.Attempt{Delivery: d.ID, Attempt: n})
	e.effects[len(e.effects)-1].Send = &Send{
		Call: c.Number, Delivery: d.ID, Attempt: n, Request: d.Request, Transport: d.Transport,
	}
}

func (e *Engine) answered(now call.Instant, in Answered) error {
	d := e.state.Deliveries[in.Delivery]
	if d == nil || d.State != delivery.Flying || d.Attempts != in.Attempt {
		return fmt.Errorf("delivery %d: attempt %d is not in flight", in.Delivery, in.Attempt)
	}
	c := e.state.Calls[d.CallID]
	policy := e.policies[d.Generation]
	v := delivery.Judge(policy.Rule, in.Answer)
	then, due := policy.Next(d.Attempts, v, now)
	if then == delivery.ThenRetry && e.deleted(c.App, d.Via) {
		then, due = delivery.ThenWithdrawn, 0
	}
	rec := &journal.Answer{
		Delivery: d.ID, Attempt: d.Attempts, Verdict: v, Body: in.Answer.Body,
		Then: then, Due: due, Took: in.Answer.Took,
	}
	if e.cfg.Timings {
		rec.TookUS = in.Answer.Took.Microseconds()
	}
	e.emit(now, c.ID, rec)
	if then == delivery.ThenRetry {
		e.pushDelivery(due, c, d)
	}
	if d.Attempts == 1 && e.cfg.Order == Serial {
		if next := e.head(c); next != nil && next.State == delivery.Queued {
			e.attempt(now, c, next)
		}
	}
	e.fire(now) // a retry after 0 s is due at once
	return nil
}
