package sim

import (
	"cmp"
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

// CheckFaults is the error that [Restore] would have of the faults that an event
// switches on: a newer version may know others.
func CheckFaults(e *journal.Event) error {
	var on []string
	switch d := e.Data.(type) {
	case *journal.Faults:
		on = d.On
	case *journal.Snapshot:
		on = d.Faults
	}
	_, err := parseFaults(on)
	return err
}

func (e *Engine) setFaults(now call.Instant, in SetFaults) error {
	fs, err := parseFaults(in.On)
	for _, f := range fs {
		err = cmp.Or(err, f.CheckSigned(in.Recorded || e.Signs()))
	}
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
		e.warnOfPlatform(now, c, cb)
		plan, hits := e.plan(c, cb)
		r, contentType := e.freeze(t.Endpoint, c, cb, at, &plan)
		rec := e.said.callbacks.add(journal.Callback{
			Generation: cb.Generation, Via: t.Generation, Word: cb.Word, User: c.Members[cb.User].ID, EventTime: at,
			URL: r.Target(), Body: r.Body(), Request: r,
		})
		if len(hits) > 0 {
			rec.Harm = harm(&plan, hits, contentType)
		}
		e.time(now, c, rec, &plan)
		d := e.deliver(now, c, rec)
		e.duplicate(now, c, *rec, d.ID, plan.Copies)
		e.passed(now, c, d)
	}
}

// plan asks the faults what becomes of a callback. Copies do not count, so that
// the same callbacks are hit however many of these there are.
func (e *Engine) plan(c *journal.Call, cb *wire.Callback) (fault.Plan, []string) {
	if len(e.faults) == 0 {
		return fault.Plan{}, nil
	}
	var p fault.Plan
	var hits []string
	for _, f := range e.faults {
		if f.Apply(&p, cb.Word, e.cfg.Run.Seed, c.Number, uint64(c.Callbacks-c.Copies)) {
			hits = append(hits, f.Name())
		}
	}
	return p, hits
}

// freeze writes a callback as the faults want it. The content type is empty if
// it is the usual one.
func (e *Engine) freeze(to *delivery.Endpoint, c *journal.Call, cb *wire.Callback, at call.Instant, p *fault.Plan) (r *delivery.Request, contentType string) {
	e.query = e.encoder.AppendQuery(e.query[:0], &c.Call, cb)
	e.body = e.encoder.AppendBody(e.body[:0], &c.Call, cb, at)
	if len(p.Rewrites) == 0 && !e.writes {
		return e.state.Blank().Freeze(to, e.query, e.body), ""
	}
	m := fault.Message{Word: cb.Word, Query: e.query, Body: e.body, ContentType: delivery.ContentType}
	for _, f := range p.Rewrites {
		f.Rewrite(&m)
	}
	if m.ContentType != delivery.ContentType {
		contentType = m.ContentType
	}
	if len(m.Query) > 0 && e.sorts() {
		m.Query = AppendRequestID(m.Query, &e.cfg.Run, e.state.Made+1)
	}
	if e.cfg.Sign != "" {
		m.Query = e.signed(m.Query, p.Forged)
	}
	return e.request(to, m.ContentType, m.Query, m.Body), contentType
}

func harm(p *fault.Plan, hits []string, contentType string) *delivery.Harm {
	return &delivery.Harm{
		Faults: hits, ContentType: contentType, Transport: p.Transport,
		Race: min(p.Race, journal.MaxCopies), Replay: min(p.Replay, journal.MaxCopies), AfterEnd: call.Span(p.AfterEnd), Forged: p.Forged,
	}
}

// time says when a callback may go out: in its turn, unless a fault loses it,
// postpones it or holds it back.
func (e *Engine) time(now call.Instant, c *journal.Call, rec *journal.Callback, p *fault.Plan) {
	switch {
	case p.Drop:
		rec.State = delivery.Dropped
	case p.AfterEnd > 0:
		rec.Hold = delivery.UntilEnd
		rec.AfterEnd += call.Span(p.Wait)
	case p.Wait > 0:
		rec.State, rec.Due = delivery.Waiting, now.Add(p.Wait)
	case p.Swap && len(held(c, rec.Generation, rec.Via)) == 0: // else it changes places with that one
		rec.Hold = delivery.UntilNext
	}
}

// deliver journals a delivery and starts it, unless it has to wait.
func (e *Engine) deliver(now call.Instant, c *journal.Call, rec *journal.Callback) *delivery.Delivery {
	d := e.make(now, c, rec)
	switch {
	case d.State == delivery.Waiting:
		e.pushDelivery(d.Due, c, d)
	case e.startable(c, d):
		e.attempt(now, c, d)
	}
	return d
}

// make journals a delivery.
func (e *Engine) make(now call.Instant, c *journal.Call, rec *journal.Callback) *delivery.Delivery {
	rec.Delivery = e.state.Made + 1
	e.emit(now, c.ID, rec)
	if e.cfg.Recycle {
		rec.Request = nil // whoever folds the event into another state has to copy it
	}
	if rec.CopyOf != 0 { // it stands behind its original
		return e.state.Deliveries[rec.Delivery]
	}
	return c.Deliveries[len(c.Deliveries)-1]
}

// duplicate makes copies of a callback, each in the same way as the callback
// itself.
func (e *Engine) duplicate(now call.Instant, c *journal.Call, rec journal.Callback, original uint64, n int) {
	if n == 0 {
		return
	}
	rec.CopyOf, rec.Harm = original, harmOfCopy(rec.Harm)
	for range n {
		e.deliver(now, c, e.said.callbacks.add(rec))
	}
}

// copyOf is a further delivery of the same bytes, in the same order as its
// original.
func (e *Engine) copyOf(d *delivery.Delivery) *journal.Callback {
	return e.said.callbacks.add(journal.Callback{
		Generation: d.Generation, Via: d.Via, Word: d.Word, User: d.User, CopyOf: d.ID, Harm: harmOfCopy(d.Harm), EventTime: d.EventTime,
		URL: d.Request.Target(), Body: d.Request.Body(), Request: d.Request,
	})
}

// harmOfCopy is what a copy has of its original's harm: it brings no copies of
// its own.
func harmOfCopy(h *delivery.Harm) *delivery.Harm {
	if h == nil {
		return nil
	}
	own := *h
	own.Race, own.Replay = 0, 0
	return &own
}

// race makes the copies that go out together with their original.
func (e *Engine) race(now call.Instant, c *journal.Call, original *delivery.Delivery) {
	for range original.Harm.Race {
		e.attempt(now, c, e.make(now, c, e.copyOf(original)))
	}
}

// replay makes the copies that follow an acknowledgement.
func (e *Engine) replay(now call.Instant, c *journal.Call, acked *delivery.Delivery) {
	if acked.Harm == nil || e.deleted(c.App, acked.Via) {
		return
	}
	for range acked.Harm.Replay {
		e.deliver(now, c, e.copyOf(acked))
	}
}

// startable reports whether a delivery may have its first attempt now.
func (e *Engine) startable(c *journal.Call, d *delivery.Delivery) bool {
	return d.State == delivery.Queued && d.Hold == delivery.NoHold && (e.cfg.Order == Unordered || d.Detached || e.head(c) == d)
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
	n, again := d.Attempts+1, d.State == delivery.Flying
	if again { // it was under way when the journal ended: made again, not counted twice
		n = d.Attempts
	}
	if n == 1 && e.cfg.Limit.full(e.inFlight, e.heldBytes) {
		e.emit(now, c.ID, e.said.drops.add(journal.Dropped{Delivery: d.ID, Word: d.Word}))
		e.proceed(now, c) // what waited behind it
		return
	}
	rec := e.said.attempts.add(journal.Attempt{Delivery: d.ID, Attempt: n})
	if e.writes {
		e.rewrite(c, d, rec)
	}
	e.emit(now, c.ID, rec)
	e.hold(d, 1)
	if e.cfg.Recycle {
		rec.Request = nil
	}
	send := e.said.sends.add(Send{Call: c.Number, Delivery: d.ID, Attempt: n, Word: d.Word, Due: now, Request: d.Request})
	e.effects[len(e.effects)-1].Send = send
	if d.Harm != nil {
		send.Transport = d.Harm.Transport.For(n)
		if n == 1 && !again {
			e.race(now, c, d)
		}
	}
}

// hold counts an attempt that has no answer yet, or with -1 that it is over.
func (e *Engine) hold(d *delivery.Delivery, n int) {
	e.inFlight += n
	e.heldBytes += n * (Kept + len(d.Request.Bytes()))
}

func (e *Engine) answered(now call.Instant, in Answered) error {
	d := e.state.Deliveries[in.Delivery]
	if d == nil || d.State != delivery.Flying || d.Attempts != in.Attempt {
		return fmt.Errorf("delivery %d: attempt %d is not in flight", in.Delivery, in.Attempt)
	}
	e.hold(d, -1)
	c := e.state.Call(d.CallID)
	e.state.Expect(c)
	policy := e.policies[d.Generation]
	v := e.judges.Judge(policy.Rule, in.Answer)
	then, due := policy.Next(d.Attempts, v, now)
	if then == delivery.ThenRetry && e.deleted(c.App, d.Via) {
		then, due = delivery.ThenWithdrawn, 0
	}
	rec := e.said.answers.add(journal.Answer{
		Delivery: d.ID, Attempt: d.Attempts, Verdict: v, Body: in.Answer.Body,
		Then: then, Due: due, Took: in.Answer.Took,
	})
	if e.cfg.Timings {
		rec.TookUS = in.Answer.Took.Microseconds()
	}
	e.emit(now, c.ID, rec)
	switch then {
	case delivery.ThenRetry:
		e.pushDelivery(due, c, d)
	case delivery.ThenAcked:
		e.replay(now, c, d)
	}
	if d.Attempts == 1 {
		e.proceed(now, c)
	}
	e.fire(now) // a retry after 0 s is due at once
	return nil
}

// proceed starts the call's next delivery in serial order, if it is its turn.
func (e *Engine) proceed(now call.Instant, c *journal.Call) {
	if e.cfg.Order == Serial {
		if next := e.head(c); next != nil && next.State == delivery.Queued {
			e.attempt(now, c, next)
		}
	}
	if c.Held > 0 {
		e.afterEnd(now, c)
	}
}
