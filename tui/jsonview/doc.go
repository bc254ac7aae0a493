// Package jsonview draws a JSON body in a given width, compared with the documented
// [Shape]: fields that are undocumented, missing or of another type are marked. It also
// draws the difference of two texts.
//
// The one invariant: whatever the bytes, no line is wider than its cells, and what is not
// JSON is shown as text.
package jsonview
