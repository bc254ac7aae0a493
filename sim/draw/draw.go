// Package draw generates random numbers that depend only on a seed, a purpose and an
// entity, so that each quantity has a stream of its own. One more call does not change
// the draws of the others, and neither does the order of execution.
//
// The one invariant: equal keys give equal numbers, in every version. The purposes in
// use are therefore never renamed.
package draw

import "math/rand/v2"

// Key returns the seed of a stream, made of a seed, a purpose (like "fault:drop") and
// the numbers of an entity (like a call's and a callback's).
func Key(seed uint64, purpose string, entity ...uint64) (uint64, uint64) {
	h := mix(seed ^ 0x9e3779b97f4a7c15)
	for i := range len(purpose) {
		h = (h ^ uint64(purpose[i])) * 0x100000001b3
	}
	for _, n := range entity {
		h = mix(h*0xd1342543de82ef95 + n + 1)
	}
	return mix(h), mix(h + 0x9e3779b97f4a7c15)
}

// mix is the finalizer of SplitMix64: each bit of x changes half of the result's bits
// on average.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Stream returns a generator for one quantity of one entity.
func Stream(seed uint64, purpose string, entity ...uint64) *rand.Rand {
	return rand.New(rand.NewPCG(Key(seed, purpose, entity...)))
}

// Float returns one number in [0, 1) for the key. It is cheaper than a Stream.
func Float(seed uint64, purpose string, entity ...uint64) float64 {
	a, _ := Key(seed, purpose, entity...)
	return float64(a>>11) / (1 << 53)
}
