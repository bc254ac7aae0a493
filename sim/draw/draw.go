// Package draw makes random numbers that depend on what they are for and on
// nothing else: each quantity has its own stream, keyed by a seed, a purpose
// and an entity. So one more call does not reshuffle the others' draws, and no
// order of execution changes any.
package draw

import "math/rand/v2"

// Key mixes a seed, a purpose (like "fault:drop") and the numbers of the
// entity (like a call's and a callback's) into the two words of a stream.
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

// mix is the finalizer of SplitMix64: every bit of x moves half of the result.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Stream is the generator of one quantity of one entity.
func Stream(seed uint64, purpose string, entity ...uint64) *rand.Rand {
	return rand.New(rand.NewPCG(Key(seed, purpose, entity...)))
}

// Float is one number in [0, 1) for that key, cheaper than a whole stream.
func Float(seed uint64, purpose string, entity ...uint64) float64 {
	a, _ := Key(seed, purpose, entity...)
	return float64(a>>11) / (1 << 53)
}
