// Package traffic generates realistic calls from a seed: who calls whom, when,
// how each call goes, and who redials.
//
// A [Model] is read from YAML. A [Generator] simulates the model's people,
// divided into partitions whose number depends on the model and the number of
// people alone. Each partition is a discrete-event simulation of its own; together
// they give one stream of calls, ordered by start:
//
//	generator, err := traffic.New(model, traffic.Options{Seed: 42, Epoch: epoch})
//	for c := range generator.Calls() {
//		fmt.Println(c.Start, c.Caller.ID, c.Callees[0].ID, c.Result)
//	}
//
// Results are not drawn, they follow: a callee is busy because they are in
// another call, and a ring ends with whatever comes first of the callee's
// answer or rejection, the caller's patience and the server's timer. Each
// random number is keyed by its purpose and entity (see package draw), so that
// adding a user does not change the draws of the others.
//
// The one invariant: no one is in two calls at once.
package traffic
