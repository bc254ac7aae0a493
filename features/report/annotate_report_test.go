package report

import (
	"strings"
	"testing"

	"ringback/fixtures/golden"
)

func TestAnnotations(t *testing.T) {
	golden.Compare(t, "annotations.txt", written(t, sampleReport().WriteAnnotations))
}

func TestAnnotationWithoutFile(t *testing.T) {
	f := Finding{Cause: "100%: a, b", Text: "a\r\nb: 50%"}
	r := &Report{Scenarios: []Result{{Name: "c", Findings: []Finding{f}, Status: Failed}}}
	want := "::error title=100%25%3A a%2C b::a\\x0d%0Ab: 50%25%0Ain 1 scenario:%0A- c\n"
	if got := written(t, r.WriteAnnotations); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAnnotationsOfPassed(t *testing.T) {
	r := passedReport(3)
	r.Scenarios = append(r.Scenarios, sampleSkipped("a", "why"))
	if got := written(t, r.WriteAnnotations); got != "" {
		t.Errorf("want none, got %q", got)
	}
}

func TestAnnotationIsCut(t *testing.T) {
	r := &Report{Scenarios: []Result{{Name: "a", Message: strings.Repeat("短長", 30_000), Status: Failed}}}
	if got := written(t, r.WriteAnnotations); len(got) > 64<<10 || !strings.HasSuffix(got, "長%0A...\n") {
		t.Errorf("%d bytes, ends with %q", len(got), got[len(got)-20:])
	}
}
