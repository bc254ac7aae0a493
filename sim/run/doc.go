// Package run drives an engine: it owns the clock, gives attempts to senders, and
// gives their answers to the engine.
//
// A [Loop] is a lock shared by any number of workers. A worker takes the next
// attempt that is due, sends it on a connection of its own, and steps the engine
// with the answer. One idle worker at a time, the leader, waits for the next due
// time. So no attempt is passed between goroutines, which would cost a wakeup for
// each, and no goroutine becomes a bottleneck.
//
// The one invariant: the engine is stepped by one worker at a time, and the
// journal gets the effects of a step before any attempt of it is sent.
//
// An attempt that fails because this machine lacks something, like file
// descriptors, is not the receiver's fault. It gives the engine no answer, so that
// it appears in no journal and uses up no retry. It ends the run with a
// [*delivery.OwnFaultError], or is repeated later (Config.OwnFault). Senders
// distinguish the two kinds of failure: see post.OwnFault.
//
// Under the pace [Instant] simulated time does not move while an attempt is in
// flight, and answers of one simulated instant are applied in the order of call,
// delivery and attempt. With equal answers two runs therefore write the same
// journal, whatever the number of workers and processors.
package run
