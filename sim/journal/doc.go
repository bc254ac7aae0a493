// Package journal is the record of a run: a list of events, and the state that
// they add up to.
//
// An [Event] is one line of NDJSON. [State.Apply] folds an event into a [State].
// The engine uses the same fold for its own state, so a reader of the journal has
// the state that the engine had, from a file as well as during the run.
//
// Invariant: a State is the fold of the events applied to it and of nothing else;
// its fields are set in no other way.
package journal
