// Package pane holds the panes of the screen: [Calls], [Phones], [Deliveries],
// [Inspector] and [Faults]. Each draws itself from a [View], which it only reads. When a
// key moves its cursor it returns the new [Selection], which the screen applies. Changes
// to the run are requested by the screen.
//
// The one invariant: a pane knows the run only by its View. Its own state is how far it
// is scrolled, and what it is sorted and filtered by.
package pane
