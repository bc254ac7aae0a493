package report

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/jsonschema-go/jsonschema"

	"ringback/fixtures/harness"
)

// The report is what the format's own schema allows, which its npm package has.
func TestCTRFSchema(t *testing.T) {
	schema, err := os.ReadFile(filepath.Join(os.Getenv("NODE_PATH"), "ctrf/dist/ctrf-schema-0.0.json"))
	if err != nil {
		harness.Lacks(t, "the npm package ctrf in NODE_PATH: %v", err)
	}
	s := new(jsonschema.Schema)
	if err := json.Unmarshal(schema, s); err != nil {
		t.Fatal(err)
	}
	resolved, err := s.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	nothing := &Report{Reason: "no one is there"}
	for name, r := range map[string]*Report{"sample": sampleReport(), "full": fullReport(), "nothing": nothing} {
		var doc any
		if err := json.Unmarshal([]byte(written(t, r.WriteCTRF)), &doc); err != nil {
			t.Fatal(err)
		}
		if err := resolved.Validate(doc); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What became of the scenarios, counted.
func TestCTRFCounts(t *testing.T) {
	r := sampleReport()
	r.Scenarios = append(r.Scenarios, sampleAtFault())
	var doc ctrf
	if err := json.Unmarshal([]byte(written(t, r.WriteCTRF)), &doc); err != nil {
		t.Fatal(err)
	}
	want := ctrfSummary{
		Tests: len(r.Scenarios), Passed: r.Count(Passed) + r.Count(Warned), Failed: r.Count(Failed) + r.Count(Errored), Skipped: r.Count(Skipped),
		Start: r.Began.UnixMilli(), Stop: r.Began.Add(r.Took).UnixMilli(),
	}
	if diff := cmp.Diff(want, doc.Results.Summary); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := len(doc.Results.Tests); got != want.Tests {
		t.Errorf("%d tests", got)
	}
	if err := json.Unmarshal([]byte(written(t, (&Report{}).WriteCTRF)), &doc); err != nil || doc.Results.Summary.Failed != 1 {
		t.Errorf("nothing judged: %+v, %v", doc.Results.Summary, err)
	}
}
