package features

import (
	"testing"

	"ringback/features/report"
	"ringback/sim/wire"
)

// A failure is as grave as the clause whose assertion failed, and never more than
// the scenario.
func TestWeigh(t *testing.T) {
	form := func(clause string) report.Finding { return report.Finding{Clauses: []string{clause}} }
	refusal := report.Finding{Clauses: []string{"v1-ack-http-200"}, Told: true}
	for _, tt := range []struct {
		name     string
		tags     string
		level    string
		findings []report.Finding
		want     string
	}{
		{"of the scenario", "@v1", "must", []report.Finding{{}}, "must"},
		{"of nothing that was found", "@v1", "must", nil, "must"},
		{"a form that must be", "@v1", "must", []report.Finding{form("v1-ack-json-object")}, "must"},
		{"a form that should be", "@v4", "must", []report.Finding{form("v4-ack-errorinfo-string")}, "should"},
		{"both", "@v4", "must", []report.Finding{form("v4-ack-errorinfo-string"), form("v4-ack-json-object")}, "must"},
		{"a form, where nothing must be", "@v1", "should", []report.Finding{form("v1-ack-json-object")}, "should"},
		{"a refusal is no form", "@v1", "should", []report.Finding{refusal}, "should"},
		{"of what must be taken", "@v1", "must", []report.Finding{refusal}, "must"},
		{"a scenario that counts in any case", "@must", "must", []report.Finding{form("v4-ack-errorinfo-string")}, "must"},
		{"an end that was acknowledged and lost", "@v1", "should", []report.Finding{form(ackMeansStored)}, "must"},
		{"a clause that is not the suite's", "@v1", "must", []report.Finding{form("own")}, "must"},
	} {
		res := report.Result{Level: tt.level, Tags: []string{tt.tags}, Findings: tt.findings}
		(&Options{Dialect: wire.Default()}).weigh(&res)
		if res.Level != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, res.Level, tt.want)
		}
	}
}

// The level of a clause may depend on the generation, and on whether v4 is retried.
func TestLevelOf(t *testing.T) {
	retried := wire.Default()
	if err := retried.Set("v4_retry=v1"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		dialect    *wire.Dialect
		clause     string
		generation string
		want       string
	}{
		{wire.Default(), "duplicate-stored-once", "v1", "must"},
		{wire.Default(), "duplicate-stored-once", "v4", "should"},
		{wire.Default(), "duplicate-stored-once", "both", "must"},
		{retried, "duplicate-stored-once", "v4", "must"},
		{retried, "duplicate-at-once", "v4", "should"},
		{wire.Default(), "not-ours", "v4", "must"},
	} {
		o := Options{Dialect: tt.dialect}
		if got := o.levelOf([]string{tt.clause}, tt.generation); got != tt.want {
			t.Errorf("%s in %s, v4_retry=%s: got %s, want %s", tt.clause, tt.generation, tt.dialect.V4Retry, got, tt.want)
		}
		tags := []string{"@clause-" + tt.clause}
		if tt.generation != "both" {
			tags = append(tags, "@"+tt.generation)
		}
		e := entry{Result: report.Result{Tags: tags}}
		if e.describe(&o); e.Level != tt.want {
			t.Errorf("a scenario of %q, v4_retry=%s: got %s, want %s", tags, tt.dialect.V4Retry, e.Level, tt.want)
		}
	}
}
