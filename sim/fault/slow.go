package fault

import "time"

// Slow spreads the bytes of the first attempt over an amount of wall time. From
// --timeout on the attempt fails.
//
// A good receiver waits for them, but not for ever, and serves others
// meanwhile.
type Slow struct{ Over time.Duration }

// Apply slows the first attempt down.
func (f Slow) Apply(p *Plan) { p.maim(1).Spread += f.Over }

func parseSlow(amount string) (Fault, error) {
	over, err := parseSpan(amount, "slow=1s")
	return Slow{over}, err
}
