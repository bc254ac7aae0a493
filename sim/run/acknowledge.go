package run

import (
	"ringback/sim/delivery"
)

// Acknowledging is a sender without a network: every attempt is acknowledged,
// in either generation.
type Acknowledging struct{}

// Send acknowledges.
func (Acknowledging) Send(_ *delivery.Request, _ delivery.Transport, a *delivery.Answer) {
	*a = delivery.Answer{Connected: true, Status: 200, Body: acknowledgement}
}

// Close does nothing.
func (Acknowledging) Close() {}

// acknowledgement is a good answer in both generations.
var acknowledgement = []byte(`{"ErrorCode":0,"ErrorInfo":"","ActionStatus":"OK"}`)
