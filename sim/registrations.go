package sim

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// deleted reports whether the registration that a delivery came from is gone, and
// its retries with it.
func (e *Engine) deleted(app uint32, via wire.Generation) bool {
	return e.cfg.Dialect.DeletePending == "drop" && e.state.Target(app, via) == nil
}

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
	e.emit(now, "", &journal.Registered{
		App: in.App, Generation: in.Generation, URL: e.urlOf(in), Typed: in.Typed,
		Words: in.Words, Endpoint: in.Endpoint,
	})
	return nil
}

func (e *Engine) unregister(now call.Instant, in Unregister) error {
	if in.Generation == 0 {
		return errNoGeneration
	}
	e.emit(now, "", &journal.Unregistered{App: in.App, Generation: in.Generation})
	if !e.deleted(in.App, in.Generation) {
		return nil
	}
	var calls []*journal.Call
	for _, d := range e.pending(in) {
		c := e.state.Call(d.CallID)
		e.emit(now, c.ID, &journal.Withdrawn{Delivery: d.ID})
		if len(calls) == 0 || calls[len(calls)-1] != c {
			calls = append(calls, c)
		}
	}
	for _, c := range calls { // what waited behind them
		e.proceed(now, c)
	}
	return nil
}

// pending are the deliveries of a registration that wait for their time or
// their turn, call by call. Those in flight are settled by their answer.
func (e *Engine) pending(in Unregister) (list []*delivery.Delivery) {
	for _, d := range e.state.Deliveries {
		if (d.State == delivery.Waiting || d.State == delivery.Queued) && d.Via == in.Generation && e.state.Call(d.CallID).App == in.App {
			list = append(list, d)
		}
	}
	slices.SortFunc(list, func(a, b *delivery.Delivery) int {
		return cmp.Or(cmp.Compare(a.Call, b.Call), cmp.Compare(a.ID, b.ID))
	})
	return list
}

func (e *Engine) reset(now call.Instant, in Reset) {
	e.emit(now, "", &journal.Reset{Registrations: in.Registrations})
	e.agenda, e.faults, e.inFlight, e.heldBytes = e.agenda[:0], nil, 0, 0
	if e.inCall != nil {
		clear(e.inCall)
	}
}
