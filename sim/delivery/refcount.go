package delivery

import "math"

// RefCount counts the references to something whose memory is recycled when there are
// none. A count that reaches the maximum stays there, so that the memory is never
// recycled.
type RefCount uint16

// Add adds a reference.
func (p *RefCount) Add() {
	if *p < math.MaxUint16 {
		*p++
	}
}

// Drop removes a reference.
func (p *RefCount) Drop() {
	if *p < math.MaxUint16 {
		*p--
	}
}
