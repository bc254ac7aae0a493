package outbox

import (
	"cmp"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/draw"
	"ringback/sim/fault"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// requests writes requests: once, when their callback is made, and every attempt
// repeats the bytes. A dialect that moves what is under way to another address, and a
// signature, have them written again for an attempt.
type requests struct {
	signer
	run     *journal.Run
	state   *journal.State
	encoder *wire.Encoder
	sorts   bool // the parameters of a query
	shared  bool // see [Config]
	moves   bool // what is under way follows its registration to another address

	query, body []byte // used again
}

func (r *requests) speak(d *wire.Dialect) {
	r.encoder, r.sorts, r.moves = wire.NewEncoder(d), d.QueryOrder == "sorted", d.SetPending == "new"
}

// plain reports whether requests are as the documents have them, and are never written
// again.
func (r *requests) plain() bool { return !r.sorts && !r.moves && !r.signs() }

// write writes a callback as the faults want it. The content type is empty if it is
// the usual one.
func (r *requests) write(to *delivery.Endpoint, c *journal.Call, cb *wire.Callback, at call.Instant, p *fault.Plan) (req *delivery.Request, contentType string) {
	r.query = r.encoder.AppendQuery(r.query[:0], &c.Call, cb)
	r.body = r.encoder.AppendBody(r.body[:0], &c.Call, cb, at)
	if len(p.Rewrites) == 0 && r.plain() {
		return r.state.NewRequest().Freeze(to, r.query, r.body), ""
	}
	m := fault.Message{Word: cb.Word, Query: r.query, Body: r.body, ContentType: delivery.ContentType}
	for _, f := range p.Rewrites {
		f.Rewrite(&m)
	}
	if m.ContentType != delivery.ContentType {
		contentType = m.ContentType
	}
	if len(m.Query) > 0 && r.sorts {
		m.Query = AppendRequestID(m.Query, r.run, r.number(c))
	}
	if r.signs() {
		m.Query = r.sign(m.Query, p.Forged)
	}
	return r.freeze(to, m.ContentType, m.Query, m.Body), contentType
}

func (r *requests) freeze(to *delivery.Endpoint, contentType string, query, body []byte) *delivery.Request {
	if r.sorts {
		return r.state.NewRequest().FreezeSorted(to, contentType, query, body)
	}
	return r.state.NewRequest().FreezeAs(to, contentType, query, body)
}

// rewrite writes the request of an attempt again, if the attempt cannot repeat the
// bytes: it is the first and was signed at another time, or its registration has
// another address by now.
func (r *requests) rewrite(c *journal.Call, d *delivery.Delivery, rec *journal.Attempt) {
	was := d.Request
	to := was.Endpoint
	if t := r.state.Target(c.App, d.Via); r.moves && t != nil && t.Endpoint.URL != to.URL {
		to, rec.Moved = t.Endpoint, true
	}
	var forged delivery.Forged
	contentType := delivery.ContentType
	if d.Faults != nil {
		forged, contentType = d.Faults.Forged, cmp.Or(d.Faults.ContentType, contentType)
	}
	query, ok := was.Endpoint.Parameters(was.Target())
	switch {
	case ok && rec.Attempt == 1 && r.unsigned(query, d, forged):
		query = r.sign(wire.Unsigned(query), forged)
	case !ok || !rec.Moved:
		rec.Moved = false
		return
	}
	rec.Request = r.freeze(to, contentType, query, was.Body())
	rec.URL = rec.Request.Target()
}

// RequestKey names the parameter that a query has besides the documented ones where
// they are sorted: a UUID, the same in each attempt.
const RequestKey = "RequestID"

// number identifies the callback that a call makes next.
func (r *requests) number(c *journal.Call) uint64 {
	if r.shared {
		return c.Number<<32 | uint64(c.Callbacks)
	}
	return r.state.Made + 1
}

// AppendRequestID appends that of a run's n-th delivery to a query that has others.
func AppendRequestID(query []byte, run *journal.Run, n uint64) []byte {
	query = append(query, "&"+RequestKey+"="...)
	return draw.AppendUUID(query, run.Seed, run.Token+" "+RequestKey, n) // no token has a space
}
