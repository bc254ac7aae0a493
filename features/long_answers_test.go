package features_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"ringback/features"
	"ringback/features/report"
)

// What is wrong with the form of an answer is found wherever it is: what the
// journal keeps for people is its beginning.
func TestFormOfLongAnswers(t *testing.T) {
	sameUnderRace(t)
	t.Parallel()
	pad := strings.Repeat("x", 20_000)
	const good = `"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"ErrorMessage":"Success"`
	steps := map[string]string{
		"object": "every answer is one JSON object", "plain": "every answer is plain text", "integer": "every answer has the integer ErrorCode 0",
		"string": "every answer has the string ErrorInfo", "spelling": "every answer spells ErrorCode and ActionStatus like that", "form": "the answers have the documented form",
	}
	for name, tt := range map[string]struct {
		answer string
		fail   map[string]string // the steps that do not pass, and what they say
	}{
		"good behind":    {`{"pad":"` + pad + `",` + good + `}`, nil},
		"good in front":  {`{` + good + `,"pad":"` + pad + `"}`, nil},
		"two objects":    {`{` + good + `,"pad":"` + pad + `"}{}`, map[string]string{"object": "is not one JSON object", "integer": "", "string": "", "spelling": "", "form": ""}},
		"control behind": {`{` + good + `,"pad":"` + pad + `"}` + "\x00", map[string]string{"plain": "is not text", "object": "", "integer": "", "string": "", "spelling": "", "form": ""}},
		"said again":     {`{` + good + `,"pad":"` + pad + `","ErrorInfo":7}`, map[string]string{"string": "has the ErrorInfo 7, want a string", "form": "ErrorInfo"}},
		"spelling":       {`{"pad":"` + pad + `","ActionStatus":"OK","ErrorInfo":"","errorCode":0}`, map[string]string{"spelling": "has the key errorCode, want ErrorCode", "integer": "has no ErrorCode", "form": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			suite := against(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet {
					http.NotFound(w, r)
					return
				}
				_, _ = io.Copy(io.Discard, r.Body)
				_, _ = io.WriteString(w, tt.answer)
			}))
			suite.Probe = nil
			var b strings.Builder
			b.WriteString("Feature: Long answers\n")
			for name, step := range steps {
				fmt.Fprintf(&b, "\n  Scenario: %s\n    Given the callbacks are v4\n    When an audio call ends as reject\n    Then %s\n", name, step)
			}
			suite.Only, suite.Folders = true, []features.Folder{{Path: "x", Files: fstest.MapFS{"long.feature": {Data: []byte(b.String())}}}}
			rep, err := features.Run(t.Context(), suite)
			if err != nil {
				t.Fatal(err)
			}
			if len(rep.Scenarios) != len(steps) {
				t.Errorf("%d scenarios, want %d", len(rep.Scenarios), len(steps))
			}
			for _, r := range rep.Scenarios {
				says, fails := tt.fail[r.Name]
				if (r.Status != report.Passed) != fails || !strings.Contains(r.Message, says) {
					t.Errorf("%s: is %s: %s", r.Name, r.Status, r.Message)
				}
			}
		})
	}
}
