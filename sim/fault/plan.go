package fault

import (
	"time"

	"ringback/sim/delivery"
)

// Plan is how one callback will be sent. The zero value sends it once, in its
// turn, unharmed.
type Plan struct {
	Rewrites  []Rewriter         // change what it says, one after the other, before it is frozen
	Wait      time.Duration      // before the first attempt; takes the callback out of its call's order
	AfterEnd  time.Duration      // the wait begins when the last callback of its call went out
	Swap      bool               // it changes places with the next callback of its call
	Drop      bool               // it is never sent
	Copies    int                // further deliveries of the same bytes, right behind it
	Race      int                // further deliveries, in flight together with it
	Replay    int                // further deliveries, once it is acknowledged
	Transport delivery.Transport // how the attempts misuse their connection
	Forged    delivery.Forged    // what is wrong with its signature
}

// maim lets the first n attempts misuse their connection. Faults that do share
// the longest run.
func (p *Plan) maim(n int) *delivery.Transport {
	p.Transport.Attempts = max(p.Transport.Attempts, int32(n))
	return &p.Transport
}

// rewrite adds a step that changes what the callback says.
func (p *Plan) rewrite(r Rewriter) { p.Rewrites = append(p.Rewrites, r) }

// Fault rewrites a plan.
type Fault interface {
	Apply(*Plan)
}
