// Package control is the fake CallKit backend as one [http.Handler]: the REST
// API that an app backend calls, documented at 60138 and 68926, and the
// simulation API under /sim/v1, with which tests place calls, act as phones and
// look at what became of the callbacks.
//
// Both APIs act on a simulator that runs, and know nothing of this package: the
// REST API is [ringback/sim/control/rest], the simulation API
// [ringback/sim/control/simapi]. A [Backend] keeps the journal and puts them behind
// one mux, with the metrics. New starts it, and a test of an app backend needs no
// more than that:
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
package control
