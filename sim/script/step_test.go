package script_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/call"
	"ringback/sim/script"
)

// Each step explains itself, and its example is what the writer would write.
func TestSteps(t *testing.T) {
	for _, s := range script.Steps() {
		if s.About == "" || s.Form == "" {
			t.Errorf("%+v lacks something", s)
		}
		if !strings.HasPrefix(s.Pattern, "^(") || !strings.HasSuffix(s.Pattern, ")$") || regexp.MustCompile(s.Pattern).NumSubexp() != 1 {
			t.Errorf("%s: want an anchored pattern with one group", s.Pattern)
		}
		o, err := script.ParseStep(s.Example, 0)
		if err != nil {
			t.Errorf("%s: %v", s.Example, err)
		}
		if got := o.String(); got != s.Example {
			t.Errorf("%s: is written as %s", s.Example, got)
		}
		n := 0
		for _, re := range patterns {
			if re.MatchString(s.Example) {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s: matches %d patterns, want 1", s.Example, n)
		}
	}
}

// Sentences that the writer would word otherwise.
func TestParseStep(t *testing.T) {
	for said, want := range map[string]script.Operation{
		"alice calls bob by audio":          at(2*time.Second, script.Place{Caller: "alice", Callees: []string{"bob"}}),
		"alice calls bob and carol":         at(2*time.Second, script.Place{Caller: "alice", Callees: []string{"bob", "carol"}}),
		"alice calls bob, carol, and dave":  at(2*time.Second, script.Place{Caller: "alice", Callees: []string{"bob", "carol", "dave"}}),
		"alice calls bob, and, dave":        at(2*time.Second, script.Place{Caller: "alice", Callees: []string{"bob", "and", "dave"}}),
		`at 2000ms "alice" calls bob`:       at(2*time.Second, script.Place{Caller: "alice", Callees: []string{"bob"}}),
		"alice calls bob in room lobby":     at(2*time.Second, script.Place{Caller: "alice", Callees: []string{"bob"}, Room: "lobby"}),
		"the faults are drop and drop":      at(2*time.Second, script.Faults{"drop", "drop"}),
		"at answers":                        at(2*time.Second, act("", "at", call.DoAccept)),
		"bob's phone reports error 5 x":     at(2*time.Second, script.Act{Action: call.Action{Do: call.DoFail, By: "bob", Detail: call.Detail{Code: 5, Text: "x"}}}),
		"bob's phone reports error 5 in":    at(2*time.Second, script.Act{Action: call.Action{Do: call.DoFail, By: "bob", Detail: call.Detail{Code: 5, Text: "in"}}}),
		"at 0.05m heidi joins in call in":   at(3*time.Second, act("in", "heidi", call.DoJoin)),
		"nothing happens until 0.0333333h":  {},
		"at 1s bob answers":                 {},
		"bob answers ":                      {},
		"Bob Answers":                       {},
		"alice calls bob, carol with video": {},
	} {
		got, err := script.ParseStep(said, call.Span(2*time.Second))
		if want.Do == nil {
			if err == nil {
				t.Errorf("%s: read as %v", said, got)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", said, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", said, diff)
		}
	}
	_, err := script.ParseStep("at 1s bob answers", call.Span(2*time.Second))
	if want := "at: is earlier than the step before, which is at 2s; try: at 2s bob answers"; errorText(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// What people say instead leads them to the step.
func TestNearestStep(t *testing.T) {
	for said, want := range map[string]string{
		"bob accepts":                 "at 3s bob answers",
		"bob picks up":                "at 3s bob answers",
		"bob rejects the call":        "at 3s bob declines",
		"at 5s alice leaves":          "at 40s alice hangs up",
		"alice hangs-up":              "at 40s alice hangs up",
		"alice adds dave to the call": "at 5s alice invites dave, erin",
		"alice uninvites dave":        "at 9s alice withdraws the invitation of dave",
		"bob disconnects":             "at 20s bob loses the line",
		"bob's battery dies":          "at 20s bob's battery is pulled",
		"bob goes offline":            "at 20s bob's battery is pulled",
		"alice turns camera off":      "at 9s alice turns the camera off",
		"alice speaks at 40":          "at 8s alice speaks at volume 40",
		"the network of bob is bad":   "at 8s bob's network becomes Poor",
		"wait until 60s":              "nothing happens until 1m",
		"the fault is drop":           `the faults are "duplicate=2@call_end", "drop=10%"`,
		"alice dials bob":             "alice calls bob, carol by video",
		"alice calls bob with video":  "alice calls bob, carol by video",
	} {
		_, err := script.ParseStep(said, 0)
		if _, got, _ := strings.Cut(errorText(err), "; try: "); got != want {
			t.Errorf("%s: %v, want %s", said, err, want)
		}
	}
}
