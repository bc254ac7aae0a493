// Package scenario binds a script to a simulator: names to users and calls, and
// what the script says to inputs.
//
// A [Binding] turns each operation into an input, with the ids of a run. A
// [Rehearsal] plays them without a receiver: what the rules of a call forbid is
// found before anything is sent.
//
//	r := scenario.Rehearse(sim.Config{Run: run}, scenario.Binding{App: app, Device: device, Generation: wire.V1})
//	for _, o := range s.Operations {
//		in, err := r.Do(epoch.Add(time.Duration(o.At)), o.Do)
//		...
//	}
//
// The one invariant: what a rehearsal refuses, a run refuses too, whatever the
// receiver answers, and the calls have the same ids in both. No answer changes what
// phones do.
package scenario
