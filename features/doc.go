// Package features is the contract suite: Gherkin scenarios that judge a receiver of
// CallKit callbacks, and the steps that they are written in. There are three ways in.
//
// [Run] plays the suite from Go and returns a report; [Main] also prints it, writes the
// files for CI and returns the exit code, as the program does:
//
//	o, err := features.ForURL("http://127.0.0.1:3000/callback", features.Probe("http://127.0.0.1:3000/calls/{CallId}"))
//	...
//	os.Exit(features.Main(ctx, features.Suite{Options: *o}, "junit=ringback.xml"))
//
// With [Suite.Folders] and [Suite.Steps], scenarios and steps of your own play in the same
// run. They are in its reports, and a failure counts as one of ours does: it fails the
// suite, unless the scenario has the tag @should. Steps and hooks are those of godog:
//
//	features.Suite{
//		Options: *o,
//		Folders: []features.Folder{{Path: "features"}},
//		Steps: func(sc *godog.ScenarioContext) {
//			sc.Then(`^my database has one row$`, func(ctx context.Context) error {
//				return oneRow(features.CallsOf(ctx)[0].ID)
//			})
//		},
//	}
//
// [Register] gives the steps to a suite of godog's, with its own runner and formatters:
//
//	godog.TestSuite{ScenarioInitializer: func(sc *godog.ScenarioContext) { features.Register(sc, o) }}
//
// A scenario plays calls with the words of scripts ("alice calls bob", "at 3s bob answers")
// on a simulator of its own, under the pace instant, and then says what the receiver must
// have done about the callbacks. [Steps] lists all sentences. When a Then of yours begins,
// each callback so far is acknowledged or given up; [CallsOf] shows them, and [Deliver]
// brings that about earlier.
//
// The one invariant: all that a scenario knows is in its context. No scenario sees another
// one, so they run side by side in any order.
package features
