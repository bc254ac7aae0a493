package report_test

import (
	"fmt"
	"os"
	"time"

	"ringback/features/report"
)

func Example() {
	r := &report.Report{
		Generation: "v1", Took: 2 * time.Second,
		Scenarios: []report.Result{
			{Name: "A status callback is acknowledged", Status: report.Passed, Level: "must", Clauses: []string{"v1-ack-http-200"}},
			{Name: "A retry is stored once", Status: report.Skipped, Level: "must", Message: "there is no probe"},
		},
		Clauses: []report.Coverage{{ID: "v1-ack-http-200", Level: "must"}, {ID: "duplicate-stored-once", Level: "must"}},
	}
	if err := r.WriteTerminal(os.Stdout, report.TerminalOptions{}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// SKIPPED  1 scenario: there is no probe
	//
	// 2 scenarios: 1 passed, 1 skipped   1 of 2 must clauses covered   2.0s
	// PASS: no scenario broke the contract; status-only: answers were judged, what was stored was not (--probe)
}
