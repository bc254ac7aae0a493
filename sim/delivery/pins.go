package delivery

import "math"

// Pins counts who else holds something whose memory could be used again. If
// they ever were as many as can be counted, it is held for ever.
type Pins uint16

// Add counts one more.
func (p *Pins) Add() {
	if *p < math.MaxUint16 {
		*p++
	}
}

// Drop counts one less.
func (p *Pins) Drop() {
	if *p < math.MaxUint16 {
		*p--
	}
}
