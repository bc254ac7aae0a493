// Package history is what the screen knows of a run: the state that the journal adds
// up to, and what a state does not keep, like a call's events and what a person had
// done to its callbacks. From that it writes a call as a scenario ([Scenario]).
//
// The one invariant: it changes by events alone ([History.Take]), so that a live run
// and its journal show the same.
package history
