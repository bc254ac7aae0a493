package features_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"ringback/features"
	"ringback/features/report"
)

// What a receiver shows of a call whose end is not stored is judged by the answers to that
// end: one that was acknowledged is lost, which is a must whatever the scenario is about,
// and one that was refused was refused, not lost.
func TestEndsNotStored(t *testing.T) {
	t.Parallel()
	const lost, refused = "an end that was acknowledged is not stored", "HTTP 400, the receiver rejects the request"
	callID := regexp.MustCompile(`"CallId":"([^"]+)"`)
	steps := []string{
		`the room stored is "attic"`, "the media stored are audio", "the caller stored is alice", "nobody is stored as a member", "0 members are stored",
		"the times stored are those of the call", "the result stored is normal_end", "the talk stored is 6s", "one end is stored", "each call is stored with its own end",
	}
	const shown = `{"count":1,"result":null,"duration":null,"members":null,"caller":null,"room":null,"media":null,"start":null,"accept":null,"end":null}`
	for name, tt := range map[string]struct {
		refuses bool   // ends
		shows   string // of each call; "" nothing
		tag     string
		ends    bool // the call has ended
		steps   []string
		status  report.Status
		says    string // the cause of a finding, or why it was left out
	}{
		"acknowledged and lost":  {false, "", "@clause-room-text-stored", true, steps[:8], report.Failed, lost},
		"one of all ends":        {false, "", "@clause-ack-means-stored", true, steps[8:], report.Failed, lost},
		"refused":                {true, "", "@clause-user-ids-whole", true, steps, report.Failed, refused},
		"refused, and asked for": {true, "", "@clause-ack-means-stored", true, steps[9:], report.Skipped, "no end was acknowledged"},
		"before the end":         {false, "", "@clause-room-text-stored", false, steps[:5], report.Skipped, "the probe shows no "},
		"not shown":              {false, shown, "@clause-room-text-stored", true, steps[:8], report.Skipped, "the probe shows no "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plain := reference(t) // takes the calls in other rooms, by which the suite sees that there is a probe
			var inRoom sync.Map
			s := prompt(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil {
					return
				}
				id := strings.TrimPrefix(r.URL.Path, "/calls/")
				if m := callID.FindSubmatch(body); m != nil {
					if id = string(m[1]); strings.Contains(string(body), "attic") {
						inRoom.Store(id, true)
					}
				}
				_, ours := inRoom.Load(id)
				switch {
				case !ours:
					r.Body = io.NopCloser(bytes.NewReader(body))
					plain.ServeHTTP(w, r)
				case r.Method == http.MethodGet && tt.shows == "":
					http.NotFound(w, r)
				case r.Method == http.MethodGet:
					_, _ = io.WriteString(w, tt.shows)
				case tt.refuses && isEnd(r):
					w.WriteHeader(http.StatusBadRequest)
				default:
					_, _ = io.WriteString(w, `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"ErrorMessage":"Success"}`)
				}
			}))
			var b strings.Builder
			b.WriteString("Feature: Ends\n")
			for _, g := range []string{"v1", "v4"} {
				for _, step := range tt.steps {
					fmt.Fprintf(&b, "\n  @%s %s\n  Scenario: %[1]s %[3]s\n    Given the callbacks are %[1]s\n    When alice calls bob in room \"attic\"\n    And at 3s bob answers\n", g, tt.tag, step)
					if tt.ends {
						b.WriteString("    And at 9s alice hangs up\n")
					}
					fmt.Fprintf(&b, "    Then %s\n", step)
				}
			}
			s.Only, s.Folders = true, []features.Folder{{Path: "x", Files: fstest.MapFS{"ends.feature": {Data: []byte(b.String())}}}}
			rep, err := features.Run(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := len(rep.Scenarios), 2*len(tt.steps); got != want {
				t.Fatalf("%d scenarios, want %d", got, want)
			}
			for i := range rep.Scenarios {
				r := &rep.Scenarios[i]
				if r.Status != tt.status {
					t.Errorf("%s: is %s, want %s: %s", r.Name, r.Status, tt.status, r.Message)
					continue
				}
				if tt.status != report.Failed {
					if !strings.Contains(r.Message, tt.says) {
						t.Errorf("%s: %s, want %s", r.Name, r.Message, tt.says)
					}
					continue
				}
				if len(r.Findings) != 1 || r.Findings[0].Cause != tt.says || r.Findings[0].Level != "must" || r.Level != "must" {
					t.Errorf("%s: found %+v, want %s, at the level must", r.Name, r.Findings, tt.says)
				}
			}
		})
	}
}

// isEnd reports whether a callback is that of a call's end.
func isEnd(r *http.Request) bool {
	return strings.Contains(r.URL.RawQuery, "command=call_end") || strings.Contains(r.URL.RawQuery, "AfterEndCall")
}
