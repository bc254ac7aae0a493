// Package simapi is the simulation API below /sim/v1, with which tests place calls,
// act as phones, move the time, and look at what became of the callbacks. It acts on
// a simulator that runs.
//
// A route is a row of a table: its path, a line about it, and a function of its body
// or its query. The table makes the handlers, the OpenAPI document and the list in a
// 404. What the document says of a field is in the field's tags.
//
// The one invariant: the document is true. A request is taken only if it is one of
// the document's, with no other fields and parameters, and each answer has the form
// that the document gives it.
//
// Readers of streams have no queue. Each reads the log of the last events at its
// own speed; one that falls behind further than the log reaches back, or takes
// nothing for long, is dropped. So a slow reader holds up no one, and memory does
// not depend on how many there are.
package simapi
