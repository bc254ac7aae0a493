// Package call is the state machine of one call: who was invited, who rings,
// who talks, and how it ended.
//
// It is pure. [Call.Decide] looks at an [Action] (a phone's, or the server's
// own timer) and answers with the facts that follow from it, or with a
// [RuleError] that names the rule which forbids it; [Call.Apply] folds one
// fact into the call. Nothing else changes a call, so a call is the fold of
// its facts:
//
//	for _, f := range facts {
//		c.Apply(now, f)
//	}
//
// The one invariant: a call has at most one terminal fact ([Ended] or
// [StartFailed]), and no fact follows it.
//
// Times are simulated, in milliseconds ([Instant]); the package never asks for
// the time. What a fact looks like on the wire is the business of package
// wire.
package call
