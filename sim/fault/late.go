package fault

import "time"

// Late holds a callback back until its call is over and all its other
// callbacks went out, and an amount of simulated time longer.
//
// A good receiver files it under the call that has ended and does not open
// that call again.
type Late struct{ By time.Duration }

// Apply lets the callback wait for the end.
func (f Late) Apply(p *Plan) { p.AfterEnd += f.By }

func parseLate(amount string) (Fault, error) {
	by, err := parseSpan(amount, "late=10s")
	return Late{by}, err
}
