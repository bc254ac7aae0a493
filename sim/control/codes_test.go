package control_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/control"
	"ringback/sim/control/rest"
	"ringback/sim/wire"
)

// Every code of the documents, and none besides but the one for an internal
// error of v1, which has no number there.
var documentedCodes = map[wire.Generation][]int{
	wire.V1: {0, 999, 50001, 70001, 70002, 70003, 70004, 70005, 70009, 99999},
	wire.V4: {
		0, 60002, 60003, 60004, 60005, 60006, 60007, 60008, 60009, 60010, 60011, 60012, 60013, 60014, 60015, 60016, 60017, 60018, 60019, 60020, 60021,
		70001, 70003, 70009, 70013, 70014, 70016, 70020, 70050,
		100001, 100002, 100301, 101001, 101002, 101004, 101050,
	},
}

func TestDocumentedCodes(t *testing.T) {
	got := map[wire.Generation][]int{}
	names := map[string]bool{}
	for _, c := range rest.Codes {
		got[c.Generation] = append(got[c.Generation], c.Code)
		name := c.Generation.String() + " " + c.Name
		if names[name] || c.Name == "" || c.Page == "" || c.Message == "" && c.Code != 0 {
			t.Errorf("%+v", c)
		}
		names[name] = true
	}
	for _, codes := range got {
		slices.Sort(codes)
	}
	if diff := cmp.Diff(documentedCodes, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Each code can be planned, for each command of its generation.
func TestPlannedErrors(t *testing.T) {
	a := newAPI(t)
	for path, body := range goodBodies {
		g := wire.V4
		if strings.HasPrefix(path, "v1/") {
			g = wire.V1
		}
		var plan []control.PlannedError
		for _, code := range documentedCodes[g][1:] {
			plan = append(plan, control.PlannedError{Path: "/" + path, Code: code, Times: 2})
		}
		if err := a.backend.PlanErrors(plan); err != nil {
			t.Fatal(err)
		}
		for _, p := range plan {
			a.bad(path, body, p.Code, "an error that was planned")
			a.bad(path, "", p.Code)
		}
		if r := a.ask(path, body, nil); strings.Contains(r.words, "planned") {
			t.Errorf("%s: %d %s after all that was planned", path, r.code, r.words)
		}
	}
}

// A plan is for one command, comes after the checks of who asks, and goes down
// with each answer.
func TestPlansAreUsedUp(t *testing.T) {
	a := newAPI(t)
	plan := []control.PlannedError{
		{Path: "/v1/callback/delete", Code: 99999, Times: 2},
		{Path: "v4/call_config/get_callback", Code: 60021, Times: 1},
		{Path: "v1/callback/delete", Code: 70005, Times: 1},
	}
	if err := a.backend.PlanErrors(plan); err != nil {
		t.Fatal(err)
	}
	plan[0].Times = 7 // the list stays the caller's
	a.refused("v1/callback/delete", "{}", map[string]string{"usersig": "x"}, 70002)
	a.bad("v1/callback/get", "{}", 999)
	a.bad("v1/callback/delete", "{}", 99999)
	want := []control.PlannedError{
		{Path: "v1/callback/delete", Code: 99999, Times: 1},
		{Path: "v4/call_config/get_callback", Code: 60021, Times: 1},
		{Path: "v1/callback/delete", Code: 70005, Times: 1},
	}
	if diff := cmp.Diff(want, a.backend.PlannedErrors()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	a.bad("v1/callback/delete", "{}", 99999)
	a.bad("v1/callback/delete", "{}", 70005)
	a.good("v1/callback/delete", "{}")
	a.bad("v4/call_config/get_callback", "{}", 60021)
	a.bad("v4/call_config/get_callback", "{}", 100301)
	if left := a.backend.PlannedErrors(); left == nil || len(left) != 0 {
		t.Errorf("%v is left", left)
	}
}

func TestPlanIsChecked(t *testing.T) {
	a := newAPI(t)
	good := control.PlannedError{Path: "v1/callback/set", Code: 99999, Times: 1}
	if err := a.backend.PlanErrors([]control.PlannedError{good}); err != nil {
		t.Fatal(err)
	}
	for want, bad := range map[string]control.PlannedError{
		`entry 2: path: is "v1/callback/Set", want one of v1/callback/set, `: {Path: "v1/callback/Set", Code: 99999, Times: 1},
		`entry 2: path: is "", want one of`:                                  {Code: 99999, Times: 1},
		"entry 2: code: 0 is not an error of v1, want one of 999, 50001, ":   {Path: good.Path, Times: 1},
		"entry 2: code: 60021 is not an error of v1":                         {Path: good.Path, Code: 60021, Times: 1},
		"entry 2: code: 70002 is not an error of v4":                         {Path: "v4/call_config/set_callback", Code: 70002, Times: 1},
		"entry 2: times: is 0, want 1 to 1000000":                            {Path: good.Path, Code: 999},
		"entry 2: times: is 1000001, want 1 to 1000000":                      {Path: good.Path, Code: 999, Times: 1_000_001},
	} {
		err := a.backend.PlanErrors([]control.PlannedError{good, bad})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", bad, err, want)
		}
	}
	if err := a.backend.PlanErrors(make([]control.PlannedError, 1001)); err == nil || !strings.Contains(err.Error(), "at most 1000") {
		t.Error(err)
	}
	if got := fmt.Sprint(a.backend.PlannedErrors()); got != "[{v1/callback/set 99999 1}]" {
		t.Errorf("what was refused has changed the plan to %s", got)
	}
	if err := a.backend.PlanErrors(nil); err != nil || len(a.backend.PlannedErrors()) != 0 {
		t.Errorf("cleared: %v, %v", err, a.backend.PlannedErrors())
	}
}
