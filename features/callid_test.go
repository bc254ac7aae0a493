package features_test

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"ringback/features"
	"ringback/features/report"
	"ringback/sim/wire"
)

// A receiver that does not keep 36 characters of a CallId fails in the scenarios that say
// so, and is judged by shorter ones in all others.
func TestShortCallIDs(t *testing.T) {
	t.Parallel()
	asIs := func(*features.Suite) {}
	some := func(s *features.Suite) {
		s.Tags = "@clause-call-id-whole or @clause-calls-at-once-apart or @clause-duplicate-stored-once"
	}
	for name, test := range map[string]struct {
		http.Handler
		with     func(*features.Suite)
		readable bool
	}{
		"refused":    {variant(t, "call_id_of_32"), asIs, true},
		"cut":        {variant(t, "call_id_cut_at_32"), some, true},
		"not looked": {variant(t, "call_id_by_32"), some, false},
		"a run of 32 characters": {variant(t, "call_id_of_32"), func(s *features.Suite) {
			s.Run, s.Tags = strings.Repeat("x", 32), "@clause-v1-result-reject-acknowledged or @clause-call-id-whole"
		}, true},
		"no end": {exceptStarts(variant(t, "call_id_of_32"), reference(t)), func(s *features.Suite) {
			s.Words, s.Probe = wire.Words(0).With(wire.CallerStartCall).With(wire.CalleeAcceptCall), nil
			s.Generation, s.Tags = wire.V1, "@clause-call-id-whole or @clause-v1-ack-http-200"
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "refused" {
				sameUnderRace(t) // the whole suite
			}
			s := prompt(t, test)
			test.with(&s)
			rep, err := features.Run(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			if rep.ReadableIDs != test.readable {
				t.Errorf("readable ids %v", rep.ReadableIDs)
			}
			for i := range rep.Scenarios {
				r, want := &rep.Scenarios[i], report.Passed
				switch about := slices.Contains(r.Clauses, "call-id-whole"); {
				case about && generationOf(*r) == "v4":
					want = report.Failed
				case about:
					want = report.Warned
				}
				if r.Status != want || want != report.Passed && !strings.Contains(r.Message, "is its column one of 32?") {
					t.Errorf("%s: is %s, want %s: %s", r.Name, r.Status, want, r.Message)
				}
			}
			text := written(t, func(b *strings.Builder) error { return rep.WriteTerminal(b, report.TerminalOptions{}) })
			json := written(t, func(b *strings.Builder) error { return rep.WriteJSON(b) })
			if strings.Contains(text, "call_id=readable") != test.readable || strings.Contains(json, `"readable_call_ids":`) != test.readable {
				t.Errorf("the reports do not say which ids were sent:\n%s", text)
			}
		})
	}
}

// exceptStarts has another receiver take the callbacks of who starts a call.
func exceptStarts(h, starts http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("command") == wire.CallerStartCall.String() {
			starts.ServeHTTP(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// A receiver that was still starting when the first callbacks came takes long ids.
func TestColdStart(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	h := reference(t)
	s := prompt(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && n.Add(1) <= 4 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		h.ServeHTTP(w, r)
	}))
	s.Generation, s.Tags = wire.V4, "@clause-call-id-whole or @clause-caller-by-role"
	rep, err := features.Run(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if rep.ReadableIDs || rep.Count(report.Passed) != len(rep.Scenarios) {
		t.Errorf("readable ids %v, %d of %d passed", rep.ReadableIDs, rep.Count(report.Passed), len(rep.Scenarios))
	}
}

// Who asks for a form of CallId gets that form alone.
func TestKeepCallIDs(t *testing.T) {
	t.Parallel()
	s := prompt(t, variant(t, "call_id_of_32"))
	s.KeepCallIDs, s.Tags = true, "@clause-v1-result-reject-acknowledged or @clause-call-id-whole"
	rep, err := features.Run(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if n := rep.Count(report.Passed); n > 0 || rep.ReadableIDs {
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
		if r := &rep.Scenarios[i]; (r.Status == report.Passed) == slices.Contains(r.Clauses, "call-id-whole") {
			t.Errorf("%s: is %s: %s", r.Name, r.Status, r.Message)
		}
	}
}

// A receiver whose answers are wrong is not said to have a short column.
func TestLongCallIDsAreNotBlamed(t *testing.T) {
	t.Parallel()
	refusing := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	for name, h := range map[string]http.Handler{"answers_204": variant(t, "answers_204"), "refusing": refusing} {
		s := prompt(t, h)
		s.Tags, s.Level = "@clause-call-id-whole", "should"
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
