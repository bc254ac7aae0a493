// Package sim is the simulator of the CallKit backend: a pure engine that
// turns inputs (a call to place, a phone's action, a receiver's answer) into
// facts, callbacks and attempts to send.
//
// To run a simulator, use package session: it has an engine, the loop that
// drives it, a journal, and what readers see. What follows is for those who
// write a loop of their own, and for those who want to know what a loop does.
//
// # Step
//
// [Engine.Step] is all there is to it. It takes the time and an [Input], does
// what was due by then and what the input asks for, and returns what follows as
// [Effect] values, in order. The engine never asks for the time and does no I/O:
// both are the caller's.
//
// An input that is refused has no effect but an error. What was due by then
// happened nevertheless, so the effects that come with an error count.
//
// # Where an input goes
//
// An input walks down once, and nothing calls back up. Step hands it to what decides
// about calls (place and act, which make facts), or straight to the outbox, if it is
// about callbacks. A fact is journaled, and the callbacks that a dialect makes of it
// go to the outbox: package outbox writes their requests, keeps them in order, asks
// for attempts, judges answers and retries. What the input made due at once, like a
// retry after 0 s, goes out once, at the end of the step.
//
// # Effects
//
// Each effect is an event of the journal, which the engine has folded into its
// [journal.State] already. The event of an attempt has a [Send] with it: what to
// send, and how a fault mistreats it. Effects are valid until the next step; a
// Send may be copied.
//
// The events of a step go into the journal together, before anything of it is
// sent: a receiver must not hear of what a restart would not know. [AppendLines]
// makes lines of them.
//
// # Answers
//
// What comes of an attempt, be it nothing, is an input: [Answered], once for each
// Send, in any order. The engine judges the answer, and retries, goes on or gives
// up. An attempt of which the caller knows that it never got out (this machine has
// no file descriptors left) has no answer: make it again, or end the run.
//
// # The loop
//
//	absorb(engine.Begin()) // the journal's header
//	for {
//		at, due := engine.Next()
//		select {
//		case in := <-inputs: // from people and programs
//			effects, err = engine.Step(now(), in)
//		case a := <-answers: // from what sends
//			effects, err = engine.Step(now(), a)
//		case <-until(at, due): // a ring timer, a step of a call's plan, a retry
//			effects, err = engine.Step(at, sim.Tick{})
//		}
//		absorb(effects) // also with an error
//	}
//
//	func absorb(effects []sim.Effect) {
//		append to the journal: all effects[i].Event
//		then send:             each effects[i].Send that is not nil
//	}
//
// The example of this package is such a loop whose time jumps to what is due
// next. Two things make equal runs equal: what is due first is stepped first,
// however late a timer rings; and answers that come at one simulated time are
// stepped in an order of their own, not in that of their arrival. Package run
// does both, with workers that send side by side.
//
// # Recycling
//
// For load, [Config.Recycle] uses the memory of settled calls again. In the steady state
// a call then takes 1 allocation of 50 B instead of 34 of 7.4 KB, and the engine steps 1.4
// times as many events a second (BenchmarkSteady). Without it, ringback load --max sends
// 0.94 of the attempts, each for 1.12 of the processor time, which is behind wrk.
//
// # The invariant
//
// The engine's state is the fold of the events that it returned. [Restore] makes
// an engine from such a state, and it goes on as the first one would have.
//
// Engines share nothing, so several can run side by side: package load gives each
// partition of its calls one.
package sim
