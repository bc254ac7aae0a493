package features_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"ringback/features"
	"ringback/features/report"
)

// A Then that had nothing to look at does not pass, whichever it is: where no
// callback was sent; without a call, it is refused before it is played.
func TestNothingToLookAt(t *testing.T) {
	refusing := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			http.NotFound(w, r)
			return
		}
		http.Error(w, "no", http.StatusInternalServerError)
	})
	const (
		noCall  = "When nothing happens until 3s"
		dropped = "And the faults are \"drop\"\n    When an audio call ends as normal_end"
		goesOn  = "the receiver goes on" // plays a call of its own
		absence = "no end is stored"     // the probe was asked, and shows none
	)
	for _, tt := range []struct {
		name     string
		receiver http.Handler
		before   string
		pass     []string
	}{
		{"no call", reference(t), noCall, []string{goesOn}},
		{"dropped", reference(t), dropped, []string{goesOn, absence}},
		{"dropped, refusing", refusing, dropped, []string{absence}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b strings.Builder
			b.WriteString("Feature: Nothing to look at\n")
			sentences := []string{absence, "the first callback is acknowledged"}
			for _, s := range features.Thens {
				sentences = append(sentences, s.Example)
			}
			for i, s := range sentences {
				for _, g := range []string{"v1", "v4"} {
					fmt.Fprintf(&b, "\n  Scenario: %d %s %s\n    Given the callbacks are %s\n    %s\n    Then %s\n", i, g, s, g, tt.before, s)
				}
			}
			suite := prompt(t, tt.receiver)
			suite.Only, suite.Folders = true, []features.Folder{{Path: "x", Files: fstest.MapFS{"nothing.feature": {Data: []byte(b.String())}}}}
			rep, err := features.Run(t.Context(), suite)
			if tt.before == noCall {
				var wrong features.FileErrors
				const why = "there is nothing to look at: no call is placed before"
				if !errors.As(err, &wrong) || len(wrong) != 2*(len(sentences)-1) || slices.ContainsFunc(wrong, func(s string) bool { return !strings.HasSuffix(s, why) }) {
					t.Errorf("%d errors of %d scenarios: %v", len(wrong), 2*len(sentences), wrong)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range rep.Scenarios {
				want := slices.ContainsFunc(tt.pass, func(s string) bool { return strings.HasSuffix(r.Name, s) })
				if passed := r.Status == report.Passed; passed != want || !passed && r.Message == "" {
					t.Errorf("%s: is %s, want it to pass: %t: %s", r.Name, r.Status, want, r.Message)
				}
			}
		})
	}
}
