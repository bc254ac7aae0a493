package features_test

import (
	"cmp"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"ringback/features"
	"ringback/features/report"
	"ringback/fixtures"
	"ringback/fixtures/golden"
	"ringback/fixtures/harness"
	"ringback/fixtures/receiver"
	"ringback/fixtures/receiver/broken"
	"ringback/sim/explore"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// explorable are the variants whose mistake is about order, repetition, state
// or calls at once: what a scenario by hand has to think of, and a random
// history comes upon.
func explorable() (list []broken.Variant) {
	for _, v := range broken.List() {
		switch v.Kind {
		case "duplicate", "order", "state":
			list = append(list, v)
		case "memory", "member", "overlap":
			if notExplorable[v.Name] == "" {
				list = append(list, v)
			}
		case "slow":
			if v.Name != "pushes_first" { // is slow with one call, too
				list = append(list, v)
			}
		}
	}
	return list
}

// notExplorable are variants of those kinds that no history shows each time, and why.
var notExplorable = map[string]string{
	"forgets_at_restart":     "no history restarts a receiver",
	"forgets_after_a_minute": "no history lasts a minute of the receiver's own clock",
	"finds_then_saves":       "callbacks of one call go out one after the other, so that two of them meet only by luck",
	"queue_of_twelve":        "it takes a history and a crowd behind it, which is a story of more than eight steps",
}

// explored plays histories against the receiver of a suite until one breaks it.
func explored(t testing.TB, s features.Suite, seed uint64, budget int) *explore.Report {
	t.Helper()
	rep, err := explore.Run(t.Context(), explore.Config{
		Run: journal.Run{Seed: seed, Epoch: harness.Epoch, Token: "test"}, App: 1400000001,
		Endpoint: s.Target, NewSender: s.NewSender, Timeout: longest, Probe: s.Probe, Poll: s.Poll, Budget: budget, Shrink: 200, Findings: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// tolerant is longer than a variant that is wrong takes to store.
const tolerant = 2 * time.Second

// solid is the finding that shows each time, or nil.
func solid(rep *explore.Report) *explore.Finding {
	i := slices.IndexFunc(rep.Findings, func(f *explore.Finding) bool { return !f.Flaky() })
	if i < 0 {
		return nil
	}
	return rep.Findings[i]
}

func startVariant(t testing.TB, v broken.Variant) http.Handler {
	t.Helper()
	v.Delay *= 5 // as in kills
	h, closer, err := v.New(receiver.Config{SDKAppID: "1400000001"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = closer.Close() })
	return h
}

// explore and verify agree on what breaks the contract.
func TestExploreAgreesWithVerify(t *testing.T) {
	if testing.Short() {
		t.Skip("a dozen receivers, twice each")
	}
	t.Parallel()
	both := "@clause-" + strings.Join(explore.Clauses(), " or @clause-") // that both check
	names := []string{                                                   // those that break the contract, and those that only warn
		"counts_duplicates", "first_hang_up_ends", "members_never_leave", "call_id_of_32", "no_errorinfo", "remembers_a_hundred",
	}
	if os.Getenv("RINGBACK_SOAK") != "" {
		names = append(names, "refuses_late", "first_changed_only", "refuses_duplicates", "dedupes_by_time", "end_needs_start", "mixes_calls", "caller_is_who_acts", "remembers_one_callback",
			"last_arrival_wins", "dedupes_by_command", "caller_is_last_calling")
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, ok := broken.Find(name)
			if !ok {
				t.Fatal("there is no such variant")
			}
			fails := false
			for _, tags := range []string{breaking(v), both} {
				s := againstWrong(t, startVariant(t, v), v, tolerant)
				s.Tags = tags
				judged, err := features.Run(t.Context(), s)
				if err != nil {
					t.Fatal(err)
				}
				if fails = judged.Verdict() == "fail"; fails {
					break
				}
			}
			s := againstWrong(t, startVariant(t, v), v, tolerant)
			rep, err := explore.Run(t.Context(), explore.Config{
				Run: journal.Run{Seed: 7, Epoch: harness.Epoch, Token: "test"}, App: 1400000001,
				Endpoint: s.Target, NewSender: s.NewSender, Timeout: longest, Probe: s.Probe, Poll: s.Poll, Budget: 60, Shrink: 200, Findings: 1,
				LevelOf: func(clause string, g wire.Generation) string { return features.LevelOf(clause, g, wire.Default()) },
			})
			if err != nil {
				t.Fatal(err)
			}
			if fails != rep.Broken() {
				var found []string
				for _, f := range rep.Findings {
					found = append(found, fmt.Sprint(f.Level, " ", f.History.Generation, " ", f.Clause, ": ", f.Violation.Text()))
				}
				t.Errorf("verify: broken is %v, explore: %v, by %q", fails, rep.Broken(), found)
			}
		})
	}
}

// verdictOn runs what explore wrote, as verify does, and nothing else.
func verdictOn(t testing.TB, s features.Suite, feature []byte) *report.Report {
	t.Helper()
	s.Only, s.Folders = true, []features.Folder{{Path: "found", Files: fstest.MapFS{"found.feature": {Data: feature}}}}
	rep, err := features.Run(t.Context(), s)
	if err != nil {
		t.Fatalf("%v\n%s", err, feature)
	}
	return rep
}

// wantShown wants the story that explore wrote to fail on the variant, and the
// reference to pass it.
func wantShown(t testing.TB, v broken.Variant, f *explore.Finding, seed uint64) {
	t.Helper()
	feature := f.Feature(seed)
	if rep := verdictOn(t, againstWrong(t, startVariant(t, v), v, tolerant), feature); rep.Verdict() != "fail" {
		t.Errorf("%s, seed %d: the variant passes\n%s", v.Name, seed, feature)
	}
	if rep := verdictOn(t, against(t, reference(t)), feature); rep.Verdict() != "pass" || rep.Count(report.Passed) != 1 {
		t.Errorf("%s, seed %d: the reference is %s: %s\n%s", v.Name, seed, rep.Verdict(), rep.Scenarios[0].Message, feature)
	}
}

// Some of each family are found over the network, and what is written fails on
// them and on no other.
func TestExploreFinds(t *testing.T) {
	if testing.Short() {
		t.Skip("plays hundreds of histories")
	}
	t.Parallel()
	names := []string{
		"refuses_duplicates", "start_replaces_the_call", // by what happens
		"users_cut_at_16", "call_id_by_32", "talk_as_time_of_day", "texts_html_escaped", // by values
	}
	if os.Getenv("RINGBACK_SOAK") != "" {
		names = append(names, "forgets_when_hung_up", "first_hang_up_ends", "users_trimmed", "users_by_like", "texts_url_decoded", "remembers_a_hundred")
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, _ := broken.Find(name)
			f := solid(explored(t, againstWrong(t, startVariant(t, v), v, tolerant), 1, 300))
			if f == nil {
				t.Fatalf("it %s, and nothing was found", v.About)
			}
			if f.NumSteps() > 8 {
				t.Errorf("the story has %d steps:\n%s", f.NumSteps(), f.Feature(1))
			}
			wantShown(t, v, f, 1)
		})
	}
}

// The same seed finds the same, to the byte.
func TestExploreAgain(t *testing.T) {
	t.Parallel()
	v, _ := broken.Find("keyed_by_room") // which does not depend on when it notices what
	var stories [2]string
	t.Run("", func(t *testing.T) {
		for i := range stories {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				rep := explored(t, againstWrong(t, startVariant(t, v), v, tolerant), 3, 300)
				stories[i] = fmt.Sprintf("%d executions\n%s", rep.Executions, rep.Findings[0].Feature(rep.Seed))
			})
		}
	})
	if stories[0] != stories[1] {
		t.Errorf("first %s\nagain %s", stories[0], stories[1])
	}
}

// The reference bears whatever is played, and so do those who do it in a style
// of their own.
func TestExploreSparesTheRight(t *testing.T) {
	t.Parallel()
	budget, styles := 100, []string{}
	if testing.Short() {
		budget = 40
	}
	if os.Getenv("RINGBACK_SOAK") != "" {
		budget = 5000
		for _, v := range broken.Styles() {
			styles = append(styles, v.Name)
		}
	}
	spare := func(name string, h http.Handler, budget int) {
		rep := explored(t, against(t, h), 1, budget)
		for _, f := range rep.Findings {
			t.Errorf("%s: %s, shown in %d of %d\n%s", name, f.Violation.Text(), f.Shown, explore.Reruns, f.Feature(1))
		}
		if rep.ProbeErrors > 0 {
			t.Errorf("%s: %d probe errors: %s", name, rep.ProbeErrors, rep.ProbeError)
		}
		t.Logf("%s: %d executions, %d findings", name, rep.Executions, len(rep.Findings))
	}
	spare("reference", reference(t), budget)
	for _, name := range styles {
		v, _ := broken.Find(name)
		v.Delay = min(v.Delay, 20*time.Millisecond)
		spare(name, startVariant(t, v), 300)
	}
}

// What findings can be about is in the list of clauses.
func TestExploreClauses(t *testing.T) {
	for _, id := range explore.Clauses() {
		if !slices.ContainsFunc(fixtures.Clauses(), func(c fixtures.Clause) bool { return c.ID == id }) {
			t.Errorf("%s: there is no such clause", id)
		}
	}
}

// exploration is what came of exploring a variant with several seeds.
type exploration struct {
	executions, steps []int
	clauses           []string
}

const exploreSeeds = 10

// Each variant is found with nine seeds of ten in 300 executions, by a story of
// eight steps at the median; the README has the table.
func TestExploreTable(t *testing.T) {
	if os.Getenv("RINGBACK_SOAK") == "" {
		t.Skip("32 receivers with 10 seeds each; RINGBACK_SOAK=1 does it, make explored accepts the table")
	}
	variants := explorable()
	all := make([]exploration, len(variants))
	t.Run("variants", func(t *testing.T) {
		for i, v := range variants {
			t.Run(v.Name, func(t *testing.T) {
				t.Parallel()
				all[i] = exploreVariant(t, v)
			})
		}
	})
	if slices.ContainsFunc(all, func(e exploration) bool { return len(e.executions) == 0 }) {
		return
	}
	table := exploreTable(variants, all)
	t.Log("\n" + table)
	if golden.Rewriting() && !t.Failed() {
		golden.Compare(t, "explored.md", table)
	}
}

func exploreVariant(t *testing.T, v broken.Variant) (e exploration) {
	for seed := uint64(1); seed <= exploreSeeds; seed++ {
		f := solid(explored(t, againstWrong(t, startVariant(t, v), v, tolerant), seed, 300))
		if f == nil {
			t.Logf("not found with the seed %d", seed)
			continue
		}
		wantShown(t, v, f, seed)
		e.executions, e.steps, e.clauses = append(e.executions, f.Execution), append(e.steps, f.NumSteps()), append(e.clauses, f.Clause)
	}
	t.Logf("executions %d, steps %d, %s", e.executions, e.steps, e.clauses)
	if n := len(e.executions); n < exploreSeeds-1 {
		t.Errorf("found with %d seeds of %d", n, exploreSeeds)
	} else if m := median(e.steps); m > 8 {
		t.Errorf("%d steps at the median", m)
	}
	return e
}

func median(list []int) int { return slices.Sorted(slices.Values(list))[len(list)/2] }

// common is what occurs most often.
func common(list []string) string {
	n := map[string]int{}
	for _, s := range list {
		n[s]++
	}
	return slices.MaxFunc(list, func(a, b string) int { return cmp.Or(n[a]-n[b], strings.Compare(b, a)) })
}

func exploreTable(variants []broken.Variant, all []exploration) string {
	var b strings.Builder
	b.WriteString("| `--break` | a receiver that | found with | in execution | steps | clause, mostly |\n|---|---|---|---|---|---|\n")
	for i, v := range variants {
		e := &all[i]
		fmt.Fprintf(&b, "| `%s` | %s | %d of %d seeds | %d | %d | `%s` |\n", v.Name, cell(v.About), len(e.executions), exploreSeeds,
			median(e.executions), median(e.steps), common(e.clauses))
	}
	return b.String()
}
