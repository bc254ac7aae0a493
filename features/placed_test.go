package features_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/cucumber/godog"
	"github.com/google/go-cmp/cmp"

	"ringback/features"
	"ringback/features/report"
)

// What a step of one's own sees of calls: before a Then all callbacks are delivered, at
// other steps what is due.
func TestCallsOf(t *testing.T) {
	var seen []string
	note := func(ctx context.Context) {
		for _, c := range features.CallsOf(ctx) {
			line := fmt.Sprintf("%d %s %s %s>%s in: %s result: %s", c.Number, c.Name, c.Media, c.Caller, strings.Join(c.Callees, ","), strings.Join(c.Members, ","), c.Result)
			if !c.Accept.IsZero() {
				line += fmt.Sprint(" after ", c.Accept.Sub(c.Start))
			}
			for _, b := range c.Callbacks {
				line += fmt.Sprintf("; %s %s", b.Word, b.State)
				for _, a := range b.Attempts {
					line += fmt.Sprintf(" %d %t", a.Status, a.Problem == "")
				}
				var body map[string]any
				if err := json.Unmarshal(b.Body, &body); err != nil || !strings.Contains(string(b.Body), c.ID) {
					line += fmt.Sprintf(" %s: %v", b.Body, err)
				}
			}
			seen = append(seen, line)
		}
		seen = append(seen, "-")
	}
	s := withSteps(t, `Scenario: s
  Given I look
  Given the callbacks are v1
  Given the faults are "lose_answer=2"
  When alice calls bob as call first
  And I look
  And at 3s bob answers
  And at 9s alice hangs up
  Then I look
`, func(sc *godog.ScenarioContext) { sc.Step("^I look$", note) })
	rep, err := features.Run(t.Context(), s)
	if err != nil || rep.Verdict() != "pass" {
		t.Fatalf("%v %v", err, rep.Scenarios)
	}
	const lost = " 0 false 0 false"
	want := []string{
		"-",
		"1 first audio alice>bob in: alice,bob result: ; caller_start_call waiting" + lost + "; callee_receive_call waiting" + lost,
		"-",
		"1 first audio alice>bob in:  result: normal_end after 3s",
		"-",
	}
	for _, word := range []string{"caller_start_call", "callee_receive_call", "callee_accept_call", "caller_call_accepted", "caller_call_end", "callee_call_end", "normal_end"} {
		want[3] += "; " + word + " acked" + lost + " 200 true"
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Deliver lets time pass before a Then, in our suite and in others.
func TestDeliver(t *testing.T) {
	states := func(ctx context.Context) (all string) {
		for _, b := range features.CallsOf(ctx)[0].Callbacks {
			all += fmt.Sprint(b.State, " ", len(b.Attempts), ";")
		}
		return all
	}
	var before, after, then string
	steps := func(sc *godog.ScenarioContext) {
		sc.When("^I deliver$", func(ctx context.Context) error {
			before = states(ctx)
			err := features.Deliver(ctx)
			after = states(ctx)
			return err
		})
		sc.Then("^all is delivered$", func(ctx context.Context) { then = states(ctx) })
	}
	const text = "Scenario: s\nGiven the callbacks are v1\nGiven the faults are \"lose_answer=3\"\nWhen alice calls bob\n%sThen all is delivered\n"
	want := func(t *testing.T, deliver bool) {
		t.Helper()
		if deliver && (before == after || after != then) || strings.Contains(then, "waiting") {
			t.Errorf("%s, then %s, then %s", before, after, then)
		}
	}
	for _, more := range []string{"When I deliver\n", ""} {
		before, after, then = "", "", ""
		s := withSteps(t, fmt.Sprintf(text, more), steps)
		wantPassed(t, s, func(*report.Result) bool { return true })
		want(t, more != "")
		before, after, then = "", "", ""
		code := godog.TestSuite{
			ScenarioInitializer: func(sc *godog.ScenarioContext) { features.Register(sc, &s.Options); steps(sc) },
			Options: &godog.Options{Format: "progress", Strict: true, Output: new(strings.Builder), FeatureContents: []godog.Feature{{
				Name: "x.feature", Contents: []byte("Feature: f\n" + fmt.Sprintf(text, more)),
			}}},
		}.Run()
		if code != 0 {
			t.Errorf("godog ended with %d", code)
		}
		want(t, more != "")
	}
	if err := features.Deliver(t.Context()); err == nil {
		t.Error("a context without a scenario is taken")
	}
	defer func() {
		if recover() == nil {
			t.Error("a context without a scenario is taken")
		}
	}()
	features.CallsOf(t.Context())
}
