// Package pane holds the panes of the screen: [Calls], [Phones], [Deliveries],
// [Inspector] and [Faults]. Each draws itself from a [View], which it only reads.
// Where a key moves its cursor it returns the [Selection] that comes of that, and
// the screen makes it so; what is to be done to the run, the screen asks for.
//
// The one invariant: a pane knows the run by its View alone. Of its own it keeps what
// no one else needs: how far it is scrolled, what it is sorted and filtered by.
package pane
