package fault

import "time"

// Delay holds the first attempt back by an amount of simulated time, so that
// the callback arrives behind later ones.
//
// A good receiver stores the same in any order of arrival: an end before its
// accept must not be undone by the accept.
type Delay struct{ By time.Duration }

// Apply postpones the first attempt.
func (f Delay) Apply(p *Plan) { p.Wait += f.By }

func parseDelay(amount string) (Fault, error) {
	by, err := parseSpan(amount, "delay=5s")
	return Delay{by}, err
}
