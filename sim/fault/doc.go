// Package fault holds the ways in which a sender or a network mistreats
// callbacks on purpose. A fault rewrites the [Plan] of one callback before it
// is sent: when, how often, over what kind of transport, what it says, or not
// at all.
//
// Each fault is a small type in a file of its own, whose comment says what a
// good receiver does about it. To add one, write the type with its Apply and
// name it in the table in fault.go.
//
// The one invariant: faults are drawn from the seed, the call and the callback
// alone, so a run with the same seed is mistreated in the same way.
package fault
