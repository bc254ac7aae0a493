// Package sim is the simulator of the CallKit backend: a pure engine that
// turns inputs (a call to place, a phone's action, a receiver's answer) into
// facts, callbacks and attempts to send.
//
// [Engine.Step] is all there is to it. It takes the time and an [Input], folds
// what follows into a [journal.State], and returns it as [Effect] values:
// events to append to a journal, some of which ask for an attempt to be sent.
// The caller owns time and I/O; package run is that caller.
//
//	effects, err := engine.Step(now, sim.Place{...})
//	for _, fx := range effects {
//		append(fx.Event)        // to a journal
//		if fx.Send != nil {     // to a receiver, then Step(later, sim.Answered{...})
//			send(fx.Send)
//		}
//	}
//
// The one invariant: the engine's state is the fold of the events that it
// returned. [Restore] makes an engine from such a state, and it goes on as
// the first one would have.
//
// An engine with the loop that drives it is a partition: engines share
// nothing, so several can run side by side.
package sim
