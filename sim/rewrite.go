package sim

import (
	"cmp"

	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// Requests are written once, when their callback is made, and every attempt repeats
// the bytes. Here is what makes them others than the documents have, or writes them
// again for an attempt: an order of their parameters, a signature, another address.

// sorts reports whether the parameters of a query are sorted.
func (e *Engine) sorts() bool { return e.cfg.Dialect.QueryOrder == "sorted" }

// moves reports whether what is under way follows its registration to another
// address.
func (e *Engine) moves() bool { return e.cfg.Dialect.SetPending == "new" }

// RequestKey names the parameter that a query has besides the documented ones where
// they are sorted: a UUID, the same in each attempt.
const RequestKey = "RequestID"

// AppendRequestID appends that of a run's n-th delivery to a query that has others.
func AppendRequestID(query []byte, run *journal.Run, n uint64) []byte {
	query = append(query, "&"+RequestKey+"="...)
	return appendUUID(query, run.Seed, run.Token+" "+RequestKey, n) // no token has a space
}

// request writes a request.
func (e *Engine) request(to *delivery.Endpoint, contentType string, query, body []byte) *delivery.Request {
	if e.sorts() {
		return e.state.Blank().FreezeSorted(to, contentType, query, body)
	}
	return e.state.Blank().FreezeAs(to, contentType, query, body)
}

// rewrite writes the request of an attempt again, if the attempt cannot repeat the
// bytes: it is the first and was signed at another time, or its registration has
// another address by now.
func (e *Engine) rewrite(c *journal.Call, d *delivery.Delivery, rec *journal.Attempt) {
	was := d.Request
	to := was.Endpoint
	if t := e.state.Target(c.App, d.Via); e.moves() && t != nil && t.Endpoint.URL != to.URL {
		to, rec.Moved = t.Endpoint, true
	}
	var forged delivery.Forged
	contentType := delivery.ContentType
	if d.Harm != nil {
		forged, contentType = d.Harm.Forged, cmp.Or(d.Harm.ContentType, contentType)
	}
	query, ok := was.Endpoint.Parameters(was.Target())
	switch {
	case ok && rec.Attempt == 1 && e.unsigned(query, d, forged):
		query = e.signed(wire.Unsigned(query), forged)
	case !ok || !rec.Moved:
		rec.Moved = false
		return
	}
	rec.Request = e.request(to, contentType, query, was.Body())
	rec.URL = rec.Request.Target()
}
