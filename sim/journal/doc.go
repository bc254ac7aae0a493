// Package journal is the history of a run: a list of events, and the state
// that they add up to.
//
// An [Event] is one line of NDJSON. [State.Apply] folds an event into a
// [State]; the engine uses the same fold for its own state, so whoever reads a
// journal, while the run goes on or from a file, sees what the engine saw.
//
// The one invariant: a State is the fold of the events applied to it and of
// nothing else. Nobody sets a field of it in any other way.
package journal
