package features_test

import (
	"bytes"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/features"
	"ringback/features/report"
	"ringback/fixtures/harness"
	"ringback/sim/delivery"
	"ringback/sim/run"
)

// overheard takes its time to acknowledge, and tells what it was sent.
type overheard struct {
	run.Acknowledging
	hear func(body []byte)
}

func (s overheard) Send(r *delivery.Request, t delivery.Transport, a *delivery.Answer) {
	s.hear(r.Body())
	s.Acknowledging.Send(r, t, a)
	a.Took = 300 * time.Millisecond
}

// A receiver that knows some people only hears of no one else: scenarios with others are
// left out, and say who is missing.
func TestOnlyThoseOfTheUserMap(t *testing.T) {
	sameUnderRace(t)
	t.Parallel()
	var strangers [][]byte // as bodies would have them; a regular expression would take longer than the suite
	for _, who := range []string{`"alice"`, `"bob"`, `"carol"`, `"dave"`, `"erin"`, `"frank"`, `"grace"`, `"caller-`, `"callee-`, `"member-`, `Account":""`, `UserId":""`} {
		strangers = append(strangers, []byte(who))
	}
	for name, test := range map[string]struct {
		knows []string
		types string
		left  map[string]string // by the clause of the scenarios, whom they need
		lacks string            // all of them
	}{
		"people":           {[]string{"alice", "bob", "carol", "dave", "erin", "frank"}, "", map[string]string{"calls-at-once-acknowledged": "caller-0"}, "callee-0 to callee-199, caller-0 to caller-199, grace, member-1 to member-100"},
		"two":              {[]string{"alice", "bob"}, "", map[string]string{"calls-at-once-acknowledged": "caller-0", "v1-members-after-change": "carol"}, "callee-0 to callee-199, caller-0 to caller-199, carol, dave, erin, frank, grace, member-1 to member-100"},
		"three, in groups": {[]string{"alice", "bob", "carol"}, "group", map[string]string{"v4-long-member-list": "member-1"}, "dave, erin, frank, grace, member-1 to member-100"},
	} {
		t.Run(name, func(t *testing.T) {
			target := harness.Endpoint(t, "http://127.0.0.1:3000/callback")
			var told atomic.Int64
			hear := func(body []byte) {
				if bytes.Contains(body, []byte(`"u_alice"`)) {
					told.Add(1)
				}
				for _, who := range strangers {
					if bytes.Contains(body, who) {
						t.Errorf("%s is no one whom the receiver knows: %s", who, body)
					}
				}
			}
			rep, err := features.Run(t.Context(), features.Suite{Options: features.Options{
				CallTypes: test.types,
				Target:    target, Seed: 7, Run: "test", NewSender: func() run.Sender { return overheard{hear: hear} },
				User: func(name string) string {
					if slices.Contains(test.knows, name) {
						return "u_" + name
					}
					return ""
				},
			}})
			if err != nil {
				t.Fatal(err)
			}
			if told.Load() < 100 || rep.Count(report.Passed) < 10 {
				t.Errorf("%d callbacks were about alice, and %d scenarios passed", told.Load(), rep.Count(report.Passed))
			}
			notJudged := []string{"calls of people whom --user-map does not have: " + test.lacks}
			if test.types != "" {
				notJudged = append([]string{"calls between two, by --call-types " + test.types}, notJudged...)
			}
			if diff := cmp.Diff(notJudged, rep.NotJudged); diff != "" || !slices.Equal(rep.LeftOut, []string{"--user-map"}) {
				t.Errorf("left out are scenarios under %q; not judged (-want +got):\n%s", rep.LeftOut, diff)
			}
			for clause, who := range test.left {
				found := 0
				for i := range rep.Scenarios {
					r := &rep.Scenarios[i]
					if !slices.Contains(r.Clauses, clause) {
						continue
					}
					found++
					if r.Status != report.Skipped || r.Message != "--user-map has no id for "+who {
						t.Errorf("%s: is %s: %s; want skipped for want of %s", r.Name, r.Status, r.Message, who)
					}
				}
				if found == 0 {
					t.Errorf("no scenario is of %s", clause)
				}
			}
		})
	}
}

// The first call is that of people who must have ids.
func TestFirstCallHasIDs(t *testing.T) {
	s := against(t, reference(t))
	s.User = func(name string) string { return map[string]string{"alice": "10001"}[name] }
	if _, err := features.Run(t.Context(), s); err == nil || !strings.Contains(err.Error(), "has no id for bob") {
		t.Errorf("the error is %v", err)
	}
}
