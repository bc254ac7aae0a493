package sim

import (
	"cmp"
	"time"

	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// signLasts is for how long, in wall time, copies repeat the signature of their
// original: receivers refuse one that is more than a minute old (64412), and retries
// take half of that.
const signLasts = 30 * time.Second

// Signs reports whether requests are signed: then [Engine.Wall] must be kept up.
func (e *Engine) Signs() bool { return e.cfg.Sign != "" }

// Wall says what time it is, in seconds since 1970 of wall time: receivers compare
// that of a signature with their own clock, which knows nothing of simulated time. It
// is to be called before a step.
func (e *Engine) Wall(second int64) { e.wall = second }

// signed is a callback's own query with its signature behind it.
func (e *Engine) signed(query []byte, f delivery.Forged) []byte {
	token := e.cfg.Sign
	switch f.Sign {
	case delivery.NoSign:
		return query
	case delivery.WrongSign:
		token += "-of-another-app"
	}
	if len(query) > 0 {
		query = append(query, '&')
	}
	return wire.AppendSignature(query, token, e.signedAt(f))
}

// signedAt is the time of signatures that are made now.
func (e *Engine) signedAt(f delivery.Forged) int64 {
	return e.wall - int64(time.Duration(f.SignAge)/time.Second)
}

// sign signs the request of a first attempt anew, if it was signed at another time:
// a callback may have waited since it was made. Retries repeat it. So does a copy,
// as long as a receiver can take it.
func (e *Engine) sign(d *delivery.Delivery, rec *journal.Attempt) {
	var forged delivery.Forged
	contentType := delivery.ContentType
	if d.Harm != nil {
		forged, contentType = d.Harm.Forged, cmp.Or(d.Harm.ContentType, contentType)
	}
	was := d.Request
	query, ok := was.Endpoint.Parameters(was.Target())
	if !ok || forged.Sign == delivery.NoSign {
		return
	}
	if at, is := wire.SignedAt(query); is {
		age := time.Duration(e.signedAt(forged)-at) * time.Second
		if age == 0 || d.CopyOf != 0 && age > 0 && age < signLasts {
			return
		}
	}
	e.query = e.signed(append(e.query[:0], wire.Unsigned(query)...), forged)
	rec.Request = e.state.Blank().FreezeAs(was.Endpoint, contentType, e.query, was.Body())
	rec.URL = rec.Request.Target()
}
