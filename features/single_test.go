package features_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"ringback/features"
	"ringback/features/report"
)

// What became of one callback can be asked for, and is told from what else could
// have.
func TestSingleCallbacks(t *testing.T) {
	const alone = "When alice calls bob with v1 callbacks"
	var b strings.Builder
	b.WriteString("Feature: Single callbacks\n")
	for i, tt := range []struct {
		fault, when string
		pass, fail  []string
	}{
		{"drop#7", alone + "\n    And caller_start_call is sent again\n    And at 1s every callback is sent again", []string{
			"copy 1 of caller_start_call is acknowledged", "copy 2 of caller_start_call is acknowledged after 1 try", "caller_start_call number 1 is acknowledged",
		}, []string{
			"copy 3 of caller_start_call is acknowledged", "caller_start_call number 2 is acknowledged", "copy 1 of caller_start_call is never sent",
			"copy 1 of caller_start_call is refused", "caller_start_call is given up after 1 try",
		}},
		{"lose_answer=2", alone, []string{"caller_start_call is acknowledged after 3 tries"}, []string{
			"caller_start_call is acknowledged after 2 tries", "caller_start_call is given up after 3 tries",
		}},
		{"lose_answer=7", alone, []string{"caller_start_call is given up after 7 tries"}, []string{
			"caller_start_call is given up after 6 tries", "caller_start_call is acknowledged after 7 tries",
		}},
		{"lose_answer=7", alone + "\n    And at 3s caller_start_call is retried at once\n    And at 3s caller_start_call is given up by hand", []string{
			"caller_start_call is given up after 5 tries", "callee_receive_call is given up after 7 tries",
		}, []string{"caller_start_call is given up after 4 tries"}},
		{"delay=5s", alone + "\n    And at 3s caller_start_call is retried at once\n    And at 3s callee_receive_call is given up by hand", []string{
			"callee_receive_call is never sent", "caller_start_call is acknowledged after 1 try", "caller_start_call is acknowledged after 1 try of call here",
		}, nil},
		{"drop@caller_start_call", alone, []string{"caller_start_call is never sent"}, []string{"caller_start_call is refused"}},
		{"wrong_app", alone, []string{"caller_start_call is refused"}, []string{"caller_start_call is acknowledged after 7 tries"}},
	} {
		for _, then := range append(tt.pass, tt.fail...) {
			what := "pass"
			if strings.Contains("\n"+strings.Join(tt.fail, "\n")+"\n", "\n"+then+"\n") {
				what = "fail"
			}
			when := tt.when
			if strings.Contains(then, "of call") {
				when = strings.Replace(when, "callbacks", "callbacks as call here", 1)
				when = strings.ReplaceAll(strings.ReplaceAll(when, "at once", "at once in call here"), "by hand", "by hand in call here")
			}
			fmt.Fprintf(&b, "\n  Scenario: %d %s %s\n    Given the faults are %q\n    %s\n    Then %s\n", i, what, then, tt.fault, when, then)
		}
	}
	suite := against(t, reference(t))
	suite.Only, suite.Folders = true, []features.Folder{{Path: "x", Files: fstest.MapFS{"single.feature": {Data: []byte(b.String())}}}}
	rep, err := features.Run(t.Context(), suite)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), "Scenario:"); len(rep.Scenarios) != n {
		t.Fatalf("%d scenarios were played of %d", len(rep.Scenarios), n)
	}
	for _, r := range rep.Scenarios {
		if want := strings.Contains(r.Name, " pass "); (r.Status == report.Passed) != want {
			t.Errorf("%s: is %s: %s", r.Name, r.Status, r.Message)
		}
	}
}
