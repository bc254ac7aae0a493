package features_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/cucumber/godog"
	"github.com/google/go-cmp/cmp"

	"ringback/features"
	"ringback/features/report"
)

// withSteps is a suite of one's own scenarios and steps, for the reference receiver.
func withSteps(t *testing.T, text string, steps func(*godog.ScenarioContext)) features.Suite {
	t.Helper()
	s := against(t, reference(t))
	s.Only, s.Steps = true, steps
	s.Folders = []features.Folder{{Path: "own", Files: fstest.MapFS{"own.feature": {Data: []byte("Feature: Own\n" + text)}}}}
	return s
}

var errOwn = errors.New("my database has 2 rows")

// whatever has a step that does what its words say.
func whatever(sc *godog.ScenarioContext) {
	sc.Step(`^my step (passes|fails|is pending|skips|panics|says no)$`, func(ctx context.Context, how string) error {
		switch how {
		case "fails":
			return errOwn
		case "is pending":
			return godog.ErrPending
		case "skips":
			return godog.ErrSkip
		case "panics":
			panic("out of rows")
		case "says no":
			godog.T(ctx).Errorf("rows: %d", 2)
		}
		return nil
	})
	sc.Given(`^my rows are gone$`, func() {})
	sc.Step(`^alice and bob talk$`, func() godog.Steps { return godog.Steps{"alice calls bob", "at 3s bob answers", "at 9s alice hangs up"} })
	sc.Step(`^nothing is taken$`, func() godog.Steps { return godog.Steps{"every callback is refused"} })
	sc.Step(`^it is about no receiver$`, func() godog.Steps { return godog.Steps{"at 5s carol answers"} })
	sc.Step(`^my text is$`, func(text *godog.DocString) error { return wantWord(text.Content, "two\nlines") })
	sc.Step(`^my table has (\d+) rows$`, func(n int, table *godog.Table) error {
		return wantWord(fmt.Sprint(len(table.Rows)), fmt.Sprint(n))
	})
}

func wantWord(got, want string) error {
	if got != want {
		return fmt.Errorf("%q, want %q", got, want)
	}
	return nil
}

// What becomes of scenarios with steps of one's own: a failure is theirs, and counts as
// one of ours does; what could not be played is no verdict on the receiver.
func TestOwnSteps(t *testing.T) {
	const placed = "When alice calls bob"
	for name, test := range map[string]struct {
		steps  []string
		status report.Status
		says   string
	}{
		"passes":        {[]string{placed, "Then my step passes"}, report.Passed, ""},
		"alone":         {[]string{"Given my step passes"}, report.Passed, ""},
		"fails":         {[]string{placed, "Then my step fails"}, report.Failed, "my database has 2 rows"},
		"@should fails": {[]string{placed, "Then my step fails"}, report.Warned, "my database has 2 rows"},
		"panics":        {[]string{placed, "Then my step panics"}, report.Failed, "out of rows"},
		"says no":       {[]string{placed, "Then my step says no"}, report.Failed, "rows: 2"},
		"pending":       {[]string{placed, "Then my step is pending"}, report.Errored, "step implementation is pending"},
		"skips":         {[]string{placed, "Then my step skips"}, report.Skipped, "skipped"},
		"ours fails":    {[]string{placed, "Then my step passes", "And every callback is refused"}, report.Failed, "want a refusal"},
		"of ours":       {[]string{"When alice and bob talk", "Then the result stored is normal_end"}, report.Passed, ""},
		"ours within":   {[]string{placed, "Then nothing is taken"}, report.Failed, "want a refusal"},
		"wrong within":  {[]string{placed, "Then it is about no receiver"}, report.Errored, "carol"},
		"a text":        {[]string{placed, "Then my text is", `"""`, "two", "lines", `"""`}, report.Passed, ""},
		"a table":       {[]string{placed, "Then my table has 2 rows", "| a |", "| b |"}, report.Passed, ""},
		"wrong keyword": {[]string{placed, "Then my rows are gone"}, report.Errored, `no step reads "my rows are gone"`},
	} {
		t.Run(name, func(t *testing.T) {
			tag, _, _ := strings.Cut(name, " ")
			if !strings.HasPrefix(tag, "@") {
				tag = "@own"
			}
			s := withSteps(t, tag+"\nScenario: s\n"+strings.Join(test.steps, "\n"), whatever)
			rep, err := features.Run(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			r := rep.Scenarios[0]
			if len(rep.Scenarios) != 1 || r.Status != test.status || !strings.Contains(r.Message, test.says) || (test.says == "") != (r.Message == "") {
				t.Errorf("%s: %s, want %s: %s", r.Status, r.Message, test.status, test.says)
			}
			if within := strings.HasSuffix(name, " within") && test.status == report.Failed; within != (len(r.Findings) > 0 && r.Step == "every callback is refused") && !strings.HasPrefix(name, "ours") {
				t.Errorf("the step is %q, and found wrong is %v", r.Step, r.Findings)
			}
		})
	}
}

// What is wrong with one's own scenarios and steps is said before anything is sent.
func TestOwnStepsAreChecked(t *testing.T) {
	const placed = "Scenario: s\nWhen alice calls bob\n"
	anything := func(sc *godog.ScenarioContext) { sc.Step(`^(.*) is acknowledged$`, func(string) {}) }
	for name, test := range map[string]struct {
		text  string
		steps func(*godog.ScenarioContext)
		want  string
	}{
		"no such step":  {placed + "Then my step passed\n", whatever, `own/own.feature:4: no step reads "my step passed"; the nearest is my step (passes|fails|`},
		"nothing after": {"Scenario: s\nGiven my rows are gone\nWhen alice calls bob\n", whatever, `own/own.feature:4: nothing is judged after "alice calls bob"`},
		"a word":        {placed + "When bob swims\nThen my step passes\n", whatever, `own/own.feature:4: no step reads "bob swims"`},
		"prose":         {"Scenario: s\nThe step:\nmy step passes\nWhen alice calls bob\nThen my step passes\n", whatever, "own/own.feature:4: "},
		"both":          {placed + "Then every callback is acknowledged\n", anything, "own/own.feature:4: \"every callback is acknowledged\" is a step of Ringback, and the pattern ^(.*) is acknowledged$ of features.Suite.Steps reads it, too"},
		"a text":        {placed + "Then every callback is acknowledged\n\"\"\"\nx\n\"\"\"\n", whatever, `takes no text or table below it`},
	} {
		t.Run(name, func(t *testing.T) {
			s := withSteps(t, test.text, test.steps)
			_, err := features.Run(t.Context(), s)
			if !errors.As(err, new(features.FileErrors)) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %s", err, test.want)
			}
		})
	}
	s := withSteps(t, placed+"Then my step passes\n", func(sc *godog.ScenarioContext) { whatever(sc); anything(sc) })
	s.Only = false
	if _, err := features.List(s); err == nil || !strings.Contains(err.Error(), "is a step of Ringback") {
		t.Errorf("%v", err)
	}
}

// Two folders of one path and file name are not one file twice.
func TestFoldersHaveNames(t *testing.T) {
	s := withSteps(t, "Scenario: s\nThen my step passes\n", whatever)
	s.Folders = append(s.Folders, s.Folders[0])
	if _, err := features.List(s); err == nil || err.Error() != "own: there are two files own/own.feature" {
		t.Error(err)
	}
	s.Folders[1].Path = "more"
	if list, err := features.List(s); err != nil || len(list) != 2 {
		t.Errorf("%d scenarios, %v", len(list), err)
	}
}

const hooked = `  Background:
    Given my rows are gone

  @a
  Scenario: first
    When alice calls bob
    Then my step passes
  Scenario Outline: rows
    When alice calls bob
    Then my step <does>
    @some
    Examples:
      | does   |
      | passes |
    @a
    Examples:
      | does   |
      | skips  |
      | fails  |
  Rule: r
    @b
    Scenario: within
      When alice calls bob
      Then my step passes
  @c
  Rule: q
    Scenario: last
      When alice calls bob
      Then my step passes
`

type hookKey struct{}

// hooks count what is called, by the scenario's name.
type hooks struct {
	sync.Mutex
	calls map[string]int
}

func (h *hooks) note(what, scenario string) {
	h.Lock()
	defer h.Unlock()
	if h.calls == nil {
		h.calls = map[string]int{}
	}
	h.calls[what+" "+scenario]++
}

func (h *hooks) steps(sc *godog.ScenarioContext) {
	whatever(sc)
	sc.Before(func(ctx context.Context, s *godog.Scenario) (context.Context, error) {
		h.note("before", s.Name)
		return context.WithValue(ctx, hookKey{}, s.Name), nil
	})
	sc.After(func(ctx context.Context, s *godog.Scenario, _ error) (context.Context, error) {
		h.note("after", s.Name+fmt.Sprint(" ", len(features.CallsOf(ctx))))
		return ctx, nil
	})
	sc.StepContext().Before(func(ctx context.Context, _ *godog.Step) (context.Context, error) {
		h.note("step of", ctx.Value(hookKey{}).(string))
		return ctx, nil
	})
}

// Hooks are called for the scenarios that are played, and for no others: those with other
// tags, and those that are not begun once enough failed.
func TestOwnHooks(t *testing.T) {
	for tags, want := range map[string]map[string]int{
		"@c": {"before last": 1, "after last 1": 1, "step of last": 3},
		"@a": {"before first": 1, "before rows": 2, "after first 1": 1, "after rows 1": 2, "step of first": 3, "step of rows": 6},
		"@b": {"before within": 1, "after within 1": 1, "step of within": 3},
		"not @a": {
			"before rows": 1, "before within": 1, "before last": 1, "after rows 1": 1, "after within 1": 1, "after last 1": 1,
			"step of rows": 3, "step of within": 3, "step of last": 3,
		},
	} {
		var h hooks
		s := withSteps(t, hooked, h.steps)
		s.Tags = tags
		if _, err := features.Run(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, h.calls); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tags, diff)
		}
	}
	var h hooks
	s := withSteps(t, strings.ReplaceAll(hooked, "my step passes", "my step fails"), h.steps)
	s.MaxFailures, s.Concurrency = 1, 1
	rep, err := features.Run(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	began := 0
	for what, n := range h.calls {
		if strings.HasPrefix(what, "before ") {
			began += n
		}
	}
	if all := len(rep.Scenarios); rep.NotPlayed == 0 || began != all-rep.NotPlayed {
		t.Errorf("hooks are called of %d scenarios, and %d of %d are not played", began, rep.NotPlayed, all)
	}
}

// A hook that fails behind a step or a scenario found something; one that fails before
// kept it from being played.
func TestOwnHooksFail(t *testing.T) {
	for name, test := range map[string]struct {
		add    func(*godog.ScenarioContext)
		status report.Status
		says   string
	}{
		"before": {func(sc *godog.ScenarioContext) {
			sc.Before(func(ctx context.Context, _ *godog.Scenario) (context.Context, error) { return nil, errOwn })
		}, report.Errored, "before scenario hook failed: my database has 2 rows"},
		"before, panics": {func(sc *godog.ScenarioContext) {
			sc.Before(func(context.Context, *godog.Scenario) (context.Context, error) { panic("no rows") })
		}, report.Errored, "no rows"},
		"before step": {func(sc *godog.ScenarioContext) {
			sc.StepContext().Before(func(ctx context.Context, _ *godog.Step) (context.Context, error) { return ctx, errOwn })
		}, report.Errored, "before step hook failed: my database has 2 rows"},
		"after step": {func(sc *godog.ScenarioContext) {
			sc.StepContext().After(func(ctx context.Context, _ *godog.Step, _ godog.StepResultStatus, _ error) (context.Context, error) {
				return ctx, errOwn
			})
		}, report.Failed, "my database has 2 rows"},
		"after": {func(sc *godog.ScenarioContext) {
			sc.After(func(ctx context.Context, _ *godog.Scenario, _ error) (context.Context, error) { return ctx, errOwn })
		}, report.Failed, "my database has 2 rows"},
	} {
		s := withSteps(t, "Scenario: s\nWhen alice calls bob\nThen every callback is acknowledged\n", test.add)
		rep, err := features.Run(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		if r := rep.Scenarios[0]; r.Status != test.status || !strings.Contains(r.Message, test.says) {
			t.Errorf("%s: %s: %s, want %s: %s", name, r.Status, r.Message, test.status, test.says)
		}
	}
}
