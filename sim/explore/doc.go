// Package explore plays random but lawful histories against a receiver, with
// the faults that a sender and a network have, notices when it breaks the
// contract, and shrinks what broke it to the shortest story that shows it.
//
//	report, err := explore.Run(ctx, explore.Config{
//		Run: journal.Run{Seed: 7, Epoch: epoch, Token: "monday"}, Endpoint: endpoint, NewSender: newSender, Budget: 500,
//	})
//	for _, f := range report.Findings {
//		os.WriteFile(f.Name+".feature", f.Feature, 0o644)
//	}
//
// A [History] is a list of operations in the words of scripts; [Draw] makes one
// from a seed and a number. An execution plays it on an engine of its own, with
// ids and times that no other has, and then judges: each callback is
// acknowledged, each call stored as the engine's state has it, apart from all
// others, and after faults the receiver goes on. What breaks is played again,
// shrunk within a budget of executions, and told as a scenario of the contract
// suite's steps.
//
// The one invariant: with one seed, against a receiver that does the same
// again, the same is found, shrunk and said. Nothing here depends on wall time
// but how long a receiver may take.
package explore
