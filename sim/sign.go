package sim

import (
	"time"

	"ringback/sim/delivery"
	"ringback/sim/wire"
)

// signLasts is for how long, in wall time, copies repeat the signature of their
// original: receivers refuse one that is more than a minute old (64412), and retries
// take half of that.
const signLasts = 30 * time.Second

// movedBy is by how many seconds the time of a moved signature is too late: it would
// be too old at its own time.
const movedBy = 120

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
	at := e.signedAt(f)
	if f.Sign == delivery.MovedSign {
		return wire.SetSignedAt(wire.AppendSignature(query, token, at-movedBy), at)
	}
	return wire.AppendSignature(query, token, at)
}

// signedAt is the time of signatures that are made now.
func (e *Engine) signedAt(f delivery.Forged) int64 {
	return e.wall - int64(time.Duration(f.SignAge)/time.Second)
}

// unsigned reports whether a request with such parameters has to be signed now, for the
// first attempt of a delivery: a callback may have waited since it was made. A copy
// repeats its original's signature, as long as a receiver can take it.
func (e *Engine) unsigned(query []byte, d *delivery.Delivery, f delivery.Forged) bool {
	if !e.Signs() || f.Sign == delivery.NoSign {
		return false
	}
	at, is := wire.SignedAt(query)
	age := time.Duration(e.signedAt(f)-at) * time.Second
	return !is || age != 0 && !(d.CopyOf != 0 && age > 0 && age < signLasts)
}
