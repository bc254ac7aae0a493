package features_test

import (
	"strings"
	"testing"

	"ringback/features"
	"ringback/features/report"
	"ringback/fixtures/receiver/broken"
)

// A suite with enough failures begins no other scenario, lets those end that play, and
// says what it did not play. What warns is no failure.
func TestMaxFailures(t *testing.T) {
	t.Parallel()
	v, _ := broken.Find("counts_duplicates")
	for _, test := range []struct {
		tags             string
		max, concurrency int
		stops            bool
	}{
		{"@clause-duplicate-stored-once and @v1", 1, 1, true},
		{"@v1", 1, 8, true},
		{"@clause-duplicate-stored-once and @v4", 1, 1, false}, // v4 should
		{"@clause-duplicate-stored-once and @v1", 100, 1, false},
	} {
		if testing.Short() && !test.stops {
			continue
		}
		s := prompt(t, startVariant(t, v))
		s.Tags, s.MaxFailures, s.Concurrency = test.tags, test.max, test.concurrency
		all, err := features.List(s)
		if err != nil {
			t.Fatal(err)
		}
		rep, err := features.Run(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		skipped := 0
		for i := range rep.Scenarios {
			if r := &rep.Scenarios[i]; r.Status == report.Skipped && strings.Contains(r.Message, "--max-failures") {
				skipped++
			}
		}
		failed := rep.Count(report.Failed)
		if len(rep.Scenarios) != len(all) || rep.NotPlayed != skipped || (skipped > 0) != test.stops || failed > test.max+test.concurrency-1 {
			t.Errorf("%+v: %d results of %d scenarios, %d failed, %d not played, %d skipped", test, len(rep.Scenarios), len(all), failed, rep.NotPlayed, skipped)
		}
		if test.stops && failed < test.max {
			t.Errorf("%+v: stopped after %d failures", test, failed)
		}
	}
}
