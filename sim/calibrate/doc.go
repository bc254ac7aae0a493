// Package calibrate says what real traffic shows of the service that made it: for each
// key of the dialect the value, with the callbacks that show it, or why it can't be
// told and which call would tell. What it reads are exchanges, of a recording or of
// another log of requests:
//
//	c := calibrate.New(calibrate.Options{})
//	c.Begin(&calibrate.File{Name: "monday.ndjson", Kind: "recording", Numbered: true, Exact: true})
//	for {
//		e, err := reader.Next()
//		...
//		c.Add(e)
//	}
//	c.End()
//	c.Report().Print(os.Stdout, text.Style{})
//
// It claims nothing that the traffic does not show. Two kinds of evidence are told apart:
// what is in a callback shows a value by itself. What is missing, such as the second
// status callback of a call, shows a value only where it would have been seen: the
// exchanges are numbered and none is missing, the word came before and after, and what
// followed goes on long enough.
package calibrate
