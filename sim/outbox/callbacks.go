package outbox

import (
	"fmt"
	"strings"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/fault"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// Add takes the callbacks that a fact of a call makes: each becomes a delivery for each
// registration that subscribes to it, and the copies that faults add.
func (o *Outbox) Add(now call.Instant, c *journal.Call, callbacks []wire.Callback) {
	for i := range callbacks {
		o.add(now, c, &callbacks[i])
	}
	o.Release(now, c)
}

// AddRecorded takes a callback that a journal has, in the bytes of its Request.
func (o *Outbox) AddRecorded(now call.Instant, c *journal.Call, rec *journal.Callback) {
	o.passed(now, c, o.deliver(now, c, o.callbacks.New(*rec)))
}

func (o *Outbox) add(now call.Instant, c *journal.Call, cb *wire.Callback) {
	at := now
	if cb.Generation == wire.V4 && at <= c.LastEventTime {
		at = c.LastEventTime + 1
	}
	for i := range o.state.Targets {
		t := &o.state.Targets[i]
		if t.App != c.App || !t.Words.Has(cb.Word) {
			continue
		}
		o.warnOfPlatform(now, c, cb)
		plan, hits := o.plan(c, cb)
		r, contentType := o.requests.write(t.Endpoint, c, cb, at, &plan)
		rec := o.callbacks.New(journal.Callback{
			Generation: cb.Generation, Via: t.Generation, Word: cb.Word, User: c.Members[cb.User].ID, EventTime: at,
			URL: r.Target(), Body: r.Body(), Request: r,
		})
		if len(hits) > 0 {
			rec.Faults = harm(&plan, hits, contentType)
		}
		postpone(now, c, rec, &plan)
		d := o.deliver(now, c, rec)
		for range plan.Copies { // each goes out in the same way as the callback itself
			again := o.callbacks.New(*rec)
			again.CopyOf, again.Faults = d.ID, harmOfCopy(rec.Faults)
			o.deliver(now, c, again)
		}
		o.passed(now, c, d)
	}
}

// Warn journals, once, that something is accepted or sent that the documents do not
// have. id is the CallId of a call, or empty.
func (o *Outbox) Warn(now call.Instant, id string, w journal.Warned) {
	if o.state.IsNew(w) {
		o.effects.Emit(now, id, &w, nil)
	}
}

// warnOfPlatform warns of a v1 callback that names a platform of v4's pages alone.
func (o *Outbox) warnOfPlatform(now call.Instant, c *journal.Call, cb *wire.Callback) {
	if cb.Generation != wire.V1 {
		return
	}
	if platform := cb.Device(&c.Call).Platform; !wire.InV1(platform) {
		o.Warn(now, c.ID, journal.Warned{About: "platform", Text: fmt.Sprintf(
			"v1 callbacks are sent with optplatform=%s, and 60130 has only %s", platform, strings.Join(wire.V1Platforms(), ", "))})
	}
}

// plan asks the faults what becomes of a callback. Copies do not count, so that the
// same callbacks are hit however many of these there are.
func (o *Outbox) plan(c *journal.Call, cb *wire.Callback) (fault.Plan, []string) {
	if len(o.faults) == 0 {
		return fault.Plan{}, nil
	}
	var p fault.Plan // which is allocated
	var hits []string
	for _, f := range o.faults {
		if f.Apply(&p, cb.Word, o.run.Seed, c.Number, uint64(c.Callbacks-c.Copies)) {
			hits = append(hits, f.Name())
		}
	}
	return p, hits
}

func harm(p *fault.Plan, hits []string, contentType string) *delivery.Faults {
	return &delivery.Faults{
		Names: hits, ContentType: contentType, Transport: p.Transport,
		Race: min(p.Race, journal.MaxCopies), Replay: min(p.Replay, journal.MaxCopies), AfterEnd: call.Span(p.AfterEnd), Forged: p.Forged,
	}
}

// postpone says when a callback may go out: in its turn, unless a fault loses it,
// postpones it or holds it back.
func postpone(now call.Instant, c *journal.Call, rec *journal.Callback, p *fault.Plan) {
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
