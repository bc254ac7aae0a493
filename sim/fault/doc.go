// Package fault injects faults into the delivery of callbacks, as a sender or a network
// can have them. A fault changes the [Plan] of one callback before it is sent: when and
// how often it is sent, over what transport, with what contents, or not at all.
//
// Each fault is a small type in a file of its own, whose comment says what a good
// receiver does about it. To add one, write the type with its Apply method and add it to
// the table in fault.go.
//
// The one invariant: which callbacks a fault affects depends only on the seed, the call
// and the callback, so that runs with the same seed have the same faults.
package fault
