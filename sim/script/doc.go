// Package script reads and writes scripts: lists of operations that say what is to happen
// in a simulation, and when. Calls are placed, phones act, faults are switched on and
// off.
//
// A script has two forms: YAML ([ReadYAML], [WriteYAML]), and the steps of a Gherkin
// scenario ([ReadGherkin], [WriteGherkin]). [Steps] is the vocabulary of the latter and
// [ParseStep] reads one sentence of it, for programs that run steps themselves.
//
// The one invariant: both forms express the same scripts. A valid script that is written
// and read back in either form is unchanged, whatever text it holds.
//
// A script does nothing by itself. The program that plays it turns operations into
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
