package recording

import (
	"bytes"
	"crypto/sha256"

	"ringback/sim/wire"
)

// Deliveries knows the latest requests by their bytes, so that a retry is known as one. Its
// memory is bounded: it knows at least the latest 100,000 deliveries. The zero value is
// ready.
type Deliveries struct {
	young, old map[Key]int64
}

// Key is what the attempts of a delivery have in common.
type Key [16]byte

// maxYoung is how many deliveries are known before older ones are forgotten.
const maxYoung = 100_000

// First is the number of the first exchange with the same key, be it this one; 0 for a
// request without a body.
func (d *Deliveries) First(e *Exchange) int64 { return d.FirstOf(KeyOf(e), e.N) }

// FirstOf is First for an exchange of a key and a number.
func (d *Deliveries) FirstOf(key Key, n int64) int64 {
	if key == (Key{}) {
		return 0
	}
	if first, ok := d.young[key]; ok {
		return first
	}
	if first, ok := d.old[key]; ok {
		n = first
	}
	if d.young == nil || len(d.young) >= maxYoung {
		d.young, d.old = map[Key]int64{}, d.young
	}
	d.young[key] = n
	return n
}

// KeyOf is made of method, target and body; zero without a body. Header fields do not
// count, nor does a signature in the query, since a sender may make these anew for each
// attempt.
func KeyOf(e *Exchange) (key Key) {
	if len(e.Body) == 0 {
		return Key{}
	}
	line, _, _ := bytes.Cut(e.Head, []byte("\n"))
	query := e.Query()
	at := bytes.IndexByte(line, '?') + 1
	h := sha256.New()
	if at == 0 {
		h.Write(bytes.TrimRight(line, "\r"))
	} else {
		h.Write(line[:at])
		if bytes.Contains(query, signed) {
			query = wire.Unsigned(query)
		}
		h.Write(query)
	}
	h.Write([]byte{'\n'})
	h.Write(e.Body)
	var sum [sha256.Size]byte
	copy(key[:], h.Sum(sum[:0]))
	return key
}

// signed is in each query that is signed.
var signed = []byte("Sign=")
