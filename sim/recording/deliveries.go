package recording

import (
	"crypto/sha256"

	"ringback/sim/wire"
)

// Deliveries knows the latest requests by their bytes, so that a retry is known as one. Its
// memory is bounded: it knows at least the latest 100,000 deliveries. The zero value is
// ready.
type Deliveries struct {
	young, old map[[16]byte]int64
}

// maxYoung is how many deliveries are known before older ones are forgotten.
const maxYoung = 100_000

// First is the number of the first exchange with the same method, target and body, be it
// this one; 0 for a request without a body. Header fields do not count, nor does a
// signature in the query, since a sender may make these anew for each attempt.
func (d *Deliveries) First(e *Exchange) int64 {
	if len(e.Body) == 0 {
		return 0
	}
	key := keyOf(e)
	if n, ok := d.young[key]; ok {
		return n
	}
	n, ok := d.old[key]
	if !ok {
		n = e.N
	}
	if d.young == nil || len(d.young) >= maxYoung {
		d.young, d.old = map[[16]byte]int64{}, d.young
	}
	d.young[key] = n
	return n
}

func keyOf(e *Exchange) (key [16]byte) {
	method, target, _ := e.RequestLine()
	path := target[:len(target)-len(e.Query())]
	h := sha256.New()
	h.Write([]byte(method + " " + path))
	h.Write(wire.Unsigned(e.Query()))
	h.Write([]byte{'\n'})
	h.Write(e.Body)
	copy(key[:], h.Sum(nil))
	return key
}
