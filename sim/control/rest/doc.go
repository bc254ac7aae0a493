// Package rest is the REST API of CallKit that an app backend calls, in both of
// its generations, documented at 60138 (v1) and 68926 (v4). It acts on a simulator
// that runs.
//
// A command is a row of a table: its path, its page, how often it may be called,
// its codes, and the function in v1.go or v4.go that reads its body and returns
// what is to be done.
//
// The one invariant: whatever is asked below /v1 and /v4 is answered in the form of
// its generation, with a code that the documents have. All commands make the same
// checks in the same order, and only a request that has passed them all changes
// anything.
package rest
