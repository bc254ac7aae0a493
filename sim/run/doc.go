// Package run drives an engine: it owns the clock, hands attempts to senders,
// and feeds what comes back into the engine.
//
// A [Loop] is one monitor with any number of workers. A worker takes the next
// attempt that is due, sends it on a connection of its own, and brings the
// answer back itself; one idle worker at a time waits for the next due time.
// So no attempt is handed from one goroutine to another, and there is no
// goroutine that could become the bottleneck.
//
// The one invariant: the engine is stepped by one worker at a time, and the
// journal gets the effects of a step before any attempt of it is sent.
//
// What this machine lacks, like file descriptors, is nobody else's fault: an
// attempt that could not be made for it brings no answer to the engine, so that
// it is in no journal, uses up no retry and counts for nothing. It ends the run
// with a [*delivery.OwnFaultError], or is made again later (Config.OwnFault). The
// senders tell the two apart: see post.OwnFault.
//
// Under the pace [Instant] time stands still while anything is in flight, and
// the answers of one instant are applied in the order of call, delivery and
// attempt. So with equal answers two runs make the same journal, whatever the
// number of workers and processors.
package run
