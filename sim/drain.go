package sim

import (
	"errors"

	"ringback/sim/call"
	"ringback/sim/journal"
)

// Drain lets nothing more happen in any call: phones and the server's timers
// stand still, and no call starts. The callbacks that there are go on to their
// ends. Reset takes it back.
type Drain struct{}

func (Drain) input() {}

var errDrained = errors.New("the calls were stopped for good; only callbacks go on")

func (e *Engine) drain(now call.Instant) {
	if e.state.Drained {
		return
	}
	e.emit(now, "", &journal.Drained{})
	e.agenda.drop(func(en *entry) bool { return en.class() != deliveryDue })
}
