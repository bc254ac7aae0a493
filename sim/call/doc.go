// Package call is the state machine of one call: who was invited, who rings,
// who talks, and how it ended.
//
// It is pure. [Call.Decide] returns the facts that follow from an [Action] of a phone or
// of the server's timer, or a [RuleError] that names the rule which forbids it.
// [Call.Apply] applies one fact to the call. Nothing else changes a call, so that a call
// is the fold of its facts:
//
//	for _, f := range facts {
//		c.Apply(now, f)
//	}
//
// The one invariant: a call has at most one terminal fact ([Ended] or
// [StartFailed]), and no fact follows it.
//
// Times are simulated, in milliseconds ([Instant]); the package does not read the clock.
// Package wire defines what a fact looks like in a callback.
package call
