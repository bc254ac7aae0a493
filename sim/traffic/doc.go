// Package traffic makes calls as people make them, from a seed: who calls whom,
// when, how each call goes, and who tries again.
//
// A [Model] is read from YAML; a [World] is a model with its people, cut into
// a number of partitions that does not depend on the machine. Each partition
// is a discrete-event simulation of its own, and all of them together are one
// stream of calls in the order of their starts:
//
//	world, err := traffic.New(model, traffic.Options{Seed: 42, Epoch: epoch})
//	for c := range world.Calls() {
//		fmt.Println(c.Start, c.Caller.ID, c.Callees[0].ID, c.Result)
//	}
//
// Outcomes are not drawn: a callee is busy because it is in a call, and the
// result of a ring is whichever of its clocks runs out first: the callee's
// answer or refusal, the caller's patience, the server's timer. What can be
// drawn at random is keyed by what it is for (see package draw), so that one
// more user leaves everybody else's draws alone.
//
// The one invariant: nobody is in two calls at once.
package traffic
