package outbox

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

// signer signs requests, unless its token is empty.
type signer struct {
	token string
	wall  int64 // in seconds since 1970
}

func (s *signer) signs() bool { return s.token != "" }

// sign is a callback's own query with its signature behind it.
func (s *signer) sign(query []byte, f delivery.Forged) []byte {
	token := s.token
	switch f.Sign {
	case delivery.NoSign:
		return query
	case delivery.WrongSign:
		token += "-of-another-app"
	}
	if len(query) > 0 {
		query = append(query, '&')
	}
	at := s.signedAt(f)
	if f.Sign == delivery.MovedSign {
		return wire.SetSignedAt(wire.AppendSignature(query, token, at-movedBy), at)
	}
	return wire.AppendSignature(query, token, at)
}

// signedAt is the time of signatures that are made now.
func (s *signer) signedAt(f delivery.Forged) int64 {
	return s.wall - int64(time.Duration(f.SignAge)/time.Second)
}

// unsigned reports whether a request with such parameters has to be signed now, for the
// first attempt of a delivery: a callback may have waited since it was made. A copy
// repeats its original's signature, as long as a receiver can take it.
func (s *signer) unsigned(query []byte, d *delivery.Delivery, f delivery.Forged) bool {
	if !s.signs() || f.Sign == delivery.NoSign {
		return false
	}
	at, is := wire.SignedAt(query)
	age := time.Duration(s.signedAt(f)-at) * time.Second
	return !is || age != 0 && !(d.CopyOf != 0 && age > 0 && age < signLasts)
}
