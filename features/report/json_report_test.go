package report

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"ringback/fixtures/golden"
)

func TestJSON(t *testing.T) {
	got := written(t, sampleReport().WriteJSON)
	validJSON(t, got)
	golden.Compare(t, "report.json", got)
}

func validJSON(t *testing.T, doc string) {
	t.Helper()
	if !json.Valid([]byte(doc)) {
		t.Fatalf("no JSON: %q", doc)
	}
}

// Scripts rely on the keys, people on their order.
func TestJSONKeys(t *testing.T) {
	doc := written(t, passedReport(1).WriteJSON)
	want := []string{
		"version", "seed", "epoch", "run", "generation", "target", "probe", "duration_s", "verdict", "not_judged", "not_played", "known_passed", "totals", "scenarios", "passed", "failed", "warned", "skipped", "error", "causes", "scenarios",
		"name", "feature", "clauses", "level", "status", "message", "rerun", "step", "took_s", "file", "line", "tags", "clauses", "covered", "total",
	}
	if got := keys(t, doc); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// keys are those of a document in its order.
func keys(t *testing.T, doc string) (list []string) {
	t.Helper()
	for line := range bytes.Lines([]byte(doc)) {
		if name, _, ok := bytes.Cut(bytes.TrimSpace(line), []byte(`": `)); ok {
			list = append(list, string(name[1:]))
		}
	}
	return list
}

// An empty list is a list.
func TestJSONEmpty(t *testing.T) {
	r := &Report{Scenarios: []Result{{Name: "a"}}}
	for _, doc := range []string{written(t, r.WriteJSON), written(t, (&Report{}).WriteJSON)} {
		validJSON(t, doc)
		if bytes.Contains([]byte(doc), []byte("null")) {
			t.Errorf("null in %s", doc)
		}
	}
}
