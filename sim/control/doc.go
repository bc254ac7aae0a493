// Package control is the fake CallKit backend as one [http.Handler]: the REST
// API that an app backend calls, documented at 60138 and 68926, and the
// simulation API under /sim/v1, with which tests place calls, act as phones and
// look at what became of the callbacks.
//
// A [Backend] is a session before which these stand. New starts it, and a
// test of an app backend needs no more than that:
//
//	backend, err := control.New(control.Config{
//		Apps: []control.App{{ID: 1400000001, Key: key}},
//	})
//	server := httptest.NewServer(backend) // what the app backend calls
//	defer backend.Close(ctx)
//
// The one invariant: what a reader sees has been journalled, and in the same
// order. A step of the engine is written to the file, then folded into the
// state that GET requests show, then put before the streams, all before any
// attempt that it asks for is sent.
//
// Readers of streams have no queue. Each reads the log of the last events at
// its own speed; one that falls behind further than the log reaches back, or
// takes nothing for long, is dropped. So nobody waits for a slow reader, and
// memory does not depend on how many there are.
package control
