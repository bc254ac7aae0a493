// Package features is the contract suite: Gherkin scenarios that judge a
// receiver of CallKit callbacks, and the steps that they are written in.
//
// [Run] plays the suite and returns a [report.Report]. [Register] gives the steps to
// other godog suites:
//
//	suite := godog.TestSuite{
//		ScenarioInitializer: func(sc *godog.ScenarioContext) {
//			features.Register(sc, &features.Options{Target: target})
//		},
//	}
//
// A scenario plays calls with the words of scripts ("alice calls bob", "at 3s
// bob answers") on a simulator of its own, under the pace instant, and then
// says what the receiver must have done about the callbacks.
//
// The one invariant: all that a scenario knows is in its context. No scenario
// sees another one, so they run side by side in any order.
package features
