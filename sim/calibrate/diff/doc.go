// Package diff plays the calls of a recording again in a simulator, with the choices of
// dialect that a calibration found, and says what still differs: callbacks that only one of
// the two makes, their order, and each field of their bodies and URLs.
//
//	d := diff.New(dialect, words)
//	for ... {
//		d.Add("monday.ndjson", exchange)
//	}
//	d.Report().Print(os.Stdout, text.Style{})
//
// What people did in a call is derived from its callbacks: who called whom, who answered and
// when, how it ended. Ids, rooms, users and addresses are the recording's own, so that they
// are the same on both sides; whose phone a URL names is not compared. Times are compared by
// what they count and by whether they are 0, since the simulator does at once what takes a
// service some time.
//
// The one invariant: a call that a simulator of these choices made does not differ. What the
// callbacks do not tell is no difference, but a call that is left out, with the reason.
package diff
