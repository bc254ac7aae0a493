package sim

import (
	"errors"
	"fmt"

	"ringback/sim/call"
	"ringback/sim/journal"
)

var errNoGeneration = errors.New("generation: is missing, want v1, v4 or both")

func (e *Engine) register(now call.Instant, in Register) error {
	if in.Generation == 0 {
		return errNoGeneration
	}
	if e.Signs() {
		if err := in.Endpoint.Signable(); err != nil {
			return fmt.Errorf("the address %w", err)
		}
	}
	url := in.Endpoint.URL
	if in.Typed && !e.cfg.Hosts {
		url = in.Endpoint.Relative()
	}
	e.effects.Emit(now, "", &journal.Registered{
		App: in.App, Generation: in.Generation, URL: url, Typed: in.Typed, Words: in.Words, Endpoint: in.Endpoint,
	}, nil)
	return nil
}

func (e *Engine) unregister(now call.Instant, in Unregister) error {
	if in.Generation == 0 {
		return errNoGeneration
	}
	e.effects.Emit(now, "", &journal.Unregistered{App: in.App, Generation: in.Generation}, nil)
	e.outbox.Withdraw(now, in.App, in.Generation)
	return nil
}
