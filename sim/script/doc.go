// Package script is one list of operations: what a person wants to happen in a
// simulation, and when. Calls are placed, phones act, faults are switched.
//
// A script is read and written in two forms that say the same: YAML
// ([ReadYAML], [WriteYAML]), and the steps of a Gherkin scenario
// ([ReadGherkin], [WriteGherkin]). [Steps] is the vocabulary of the latter and
// [ParseStep] reads one sentence of it, for whoever runs steps otherwise.
//
// The one invariant: what one form can say, the other can say too. Each valid
// script survives writing and reading in either form unchanged, whatever its
// texts hold.
//
// A script does nothing by itself. Whoever plays it turns operations into
// inputs:
//
//	for _, o := range s.Operations {
//		switch do := o.Do.(type) {
//		case script.Place: // do.Setup() starts a call
//		case script.Act: // do.Action happens to the call that do.Call names
//		case script.Handling: // someone handles callbacks of the call do.Call
//		case script.Faults: // these faults are on, all others off
//		case script.Wait: // the run goes on at least until o.At
//		}
//	}
//
// To add an operation, name it and its keys in verb.go and write its sentence
// in step.go.
package script
