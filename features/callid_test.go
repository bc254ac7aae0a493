package features_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"ringback/features"
	"ringback/sim/wire"
)

// A receiver that does not keep 36 characters of a CallId fails in the scenarios that say
// so, and is judged by shorter ones in all others.
func TestShortCallIDs(t *testing.T) {
	for name, readable := range map[string]bool{"call_id_of_32": true, "call_id_cut_at_32": true, "call_id_by_32": false} {
		s := against(t, variant(t, name))
		s.Poll = brief
		rep, err := features.Run(t.Context(), s)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if rep.ReadableIDs != readable {
			t.Errorf("%s: readable ids %v", name, rep.ReadableIDs)
		}
		for i := range rep.Scenarios {
			r, want := &rep.Scenarios[i], features.Passed
			switch about := slices.Contains(r.Clauses, "call-id-whole"); {
			case about && generationOf(*r) == "v4":
				want = features.Failed
			case about:
				want = features.Warned
			}
			if r.Status != want || want != features.Passed && !strings.Contains(r.Message, "is its column one of 32?") {
				t.Errorf("%s: %s: is %s, want %s: %s", name, r.Name, r.Status, want, r.Message)
			}
		}
		text := written(t, func(b *strings.Builder) error { return rep.WriteTerminal(b, features.TerminalOptions{}) })
		json := written(t, func(b *strings.Builder) error { return rep.WriteJSON(b) })
		if strings.Contains(text, "call_id=readable") != readable || strings.Contains(json, `"readable_call_ids":`) != readable {
			t.Errorf("%s: the reports do not say which ids were sent:\n%s", name, text)
		}
	}
}

// Who asks for a form of CallId gets that form alone.
func TestKeepCallIDs(t *testing.T) {
	s := against(t, variant(t, "call_id_of_32"))
	s.Poll, s.KeepCallIDs, s.Tags = brief, true, "@clause-v1-result-reject-acknowledged or @clause-call-id-whole"
	rep, err := features.Run(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if n := rep.Count(features.Passed); n > 0 || rep.ReadableIDs {
		t.Errorf("%d scenarios passed, readable ids %v", n, rep.ReadableIDs)
	}
	s.Dialect = wire.Default()
	if err := s.Dialect.Set("call_id=readable"); err != nil {
		t.Fatal(err)
	}
	if rep, err = features.Run(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	for i := range rep.Scenarios {
		if r := &rep.Scenarios[i]; (r.Status == features.Passed) == slices.Contains(r.Clauses, "call-id-whole") {
			t.Errorf("%s: is %s: %s", r.Name, r.Status, r.Message)
		}
	}
}

// A receiver whose answers are wrong is not said to have a short column.
func TestLongCallIDsAreNotBlamed(t *testing.T) {
	refusing := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	for name, h := range map[string]http.Handler{"answers_204": variant(t, "answers_204"), "refusing": refusing} {
		s := against(t, h)
		s.Poll, s.Tags, s.Level = brief, "@clause-call-id-whole", "should"
		rep, err := features.Run(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		for i := range rep.Scenarios {
			if r := &rep.Scenarios[i]; strings.Contains(r.Message, "column") {
				t.Errorf("%s: %s: %s", name, r.Name, r.Message)
			}
		}
		if rep.ReadableIDs {
			t.Errorf("%s: is sent readable ids", name)
		}
	}
}
