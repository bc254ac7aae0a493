package features_test

import (
	"net/http"
	"strings"
	"testing"

	"ringback/features"
	"ringback/features/report"
	"ringback/fixtures/receiver"
	"ringback/fixtures/receiver/broken"
)

// variant is a receiver that is wrong in one way.
func variant(t *testing.T, name string) http.Handler {
	t.Helper()
	v, ok := broken.Find(name)
	if !ok {
		t.Fatalf("no variant %s", name)
	}
	h, closer, err := v.New(receiver.Config{SDKAppID: "1400000001"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = closer.Close() })
	return h
}

// What a failure shows is the exchange that it is about: of the callback that
// its message names.
func TestFindingsShowTheirExchange(t *testing.T) {
	t.Parallel()
	for name, tags := range map[string]string{
		"errorcode_string":    "@clause-v1-event-start-acknowledged or @clause-v4-ack-errorcode-integer",
		"app_ignored":         "@clause-app-id-compared",
		"counts_duplicates":   "@clause-duplicate-stored-once",
		"result_respelled":    "@clause-v1-result-stored or @clause-v4-result-stored",
		"caller_is_who_acts":  "@clause-v1-caller-stored",
		"members_never_leave": "@clause-v1-members-after-change",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := prompt(t, variant(t, name))
			s.Tags = tags
			rep, err := features.Run(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for i := range rep.Scenarios {
				r := &rep.Scenarios[i]
				if r.Status == report.Passed {
					continue
				}
				n++
				if len(r.Findings) == 0 {
					t.Errorf("%s: nothing is found: %s", r.Name, r.Message)
				}
				for _, f := range r.Findings {
					x := attempt(r, f.Delivery, f.Attempt)
					switch {
					case x == nil:
						t.Errorf("%s: no attempt %d of callback %d in the history: %s", r.Name, f.Attempt, f.Delivery, f.Text)
					case !strings.Contains(f.Text, x.CallID):
						t.Errorf("%s: shows an attempt of call %s: %s", r.Name, x.CallID, f.Text)
					case strings.Contains(f.Text, "acknowledged") && !strings.HasPrefix(f.Text, x.Word+" "):
						t.Errorf("%s: shows an attempt of %s: %s", r.Name, x.Word, f.Text)
					}
				}
			}
			if n == 0 {
				t.Error("no scenario failed")
			}
			for _, c := range rep.Causes() {
				if c.Exchange == nil {
					t.Errorf("%s: no exchange shows it", c.Words)
				}
			}
		})
	}
}

func attempt(r *report.Result, delivery uint64, attempt int) *report.Exchange {
	for _, m := range r.History {
		if m.Exchange != nil && m.Delivery == delivery && m.Attempt == attempt {
			return m.Exchange
		}
	}
	return nil
}
