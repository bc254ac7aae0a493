// Package explore tests a receiver with random but valid call histories, under
// faults that real senders and networks have. It reports each way in which the
// receiver breaks the contract, shrunk to a short scenario that shows it.
//
//	report, err := explore.Run(ctx, explore.Config{
//		Run: journal.Run{Seed: 7, Epoch: epoch, Token: "monday"}, Endpoint: endpoint, NewSender: newSender, Budget: 500,
//	})
//	for _, f := range report.Findings {
//		os.WriteFile(f.Name+".feature", f.Feature, 0o644)
//	}
//
// A [History] is a list of operations in the words of scripts; [Draw] generates one
// from a seed and a number. An execution plays it on an engine of its own, with
// ids and times that no other execution uses, and then checks the receiver: each
// callback is acknowledged, each call is stored as the engine's state has it, calls
// are kept apart, and after faults a call without faults still works. A violation
// is played again, shrunk within a budget of executions, and written as a scenario
// in the steps of the contract suite.
//
// Invariant: with one seed, against a deterministic receiver, the report is always
// the same. The only wall time that counts is how long the receiver takes.
package explore
