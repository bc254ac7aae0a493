// Package history is what the screen knows about a run: the state folded from the
// journal, and what the state does not keep, like the events of a call and manual
// operations on its callbacks. From that it can write a call as a scenario ([Scenario]).
//
// The one invariant: only events change it ([History.Take]), so that a live run and its
// journal show the same.
package history
