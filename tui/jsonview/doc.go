// Package jsonview shows a JSON body for reading: laid out in a given width, held
// against the [Shape] that the documents give it, with a mark at each field that no
// document knows, that is missing, or that is of another type; and what differs
// between two texts.
//
// The one invariant: whatever the bytes, each line has as many cells as it was
// given, and what is no JSON is shown as it is.
package jsonview
