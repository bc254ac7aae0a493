package features_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/features"
	"ringback/features/report"
	"ringback/fixtures"
	"ringback/fixtures/receiver"
	"ringback/sim/wire"
)

const token = "xxxxyyyy"

// signed is the suite with signed requests for a receiver.
func signed(t *testing.T, h http.Handler) features.Suite {
	s := against(t, h)
	s.Sign, s.Level = token, "should"
	return s
}

// A receiver that checks signatures passes all of the suite, and refuses no request
// for its signature but in the scenarios about that.
func TestSignedSuite(t *testing.T) {
	if testing.Short() {
		t.Skip("the whole suite")
	}
	t.Parallel()
	var mu sync.Mutex
	refused := map[string]int{}
	r, err := receiver.New(receiver.Config{SDKAppID: "1400000001", Token: token, Log: func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		for _, why := range []string{"Sign: ", "RequestTime: "} {
			if strings.Contains(fmt.Sprintf(format, args...), why) {
				refused[why]++
			}
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	play := func(tags string) {
		s := signed(t, r)
		s.Tags = tags
		rep, err := features.Run(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		for _, sc := range rep.Scenarios {
			if sc.Status != report.Passed {
				t.Errorf("%s: %s: %s", sc.Name, sc.Status, sc.Message)
			}
		}
	}
	play(strings.TrimPrefix(ofEachClause(t)+" and not @extension-sign", " and "))
	if len(refused) > 0 {
		t.Errorf("refused for their signatures: %v", refused)
	}
	play("@extension-sign")
	if refused["Sign: "] == 0 || refused["RequestTime: "] == 0 {
		t.Errorf("refused for their signatures: %v, want some for each", refused)
	}
}

// Receivers that are wrong in how they check signatures warn in the scenarios about
// that, and in no others.
func TestSignsBroken(t *testing.T) {
	t.Parallel()
	checks := func(change func(*http.Request)) http.Handler {
		r, err := receiver.New(receiver.Config{SDKAppID: "1400000001", Token: token})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { r.Close() })
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			change(req)
			r.ServeHTTP(w, req)
		})
	}
	now := func(req *http.Request) { // makes a request one that is signed now
		req.URL.RawQuery = string(wire.AppendSignature(append(wire.Unsigned([]byte(req.URL.RawQuery)), '&'), token, time.Now().Unix()))
	}
	for _, test := range []struct {
		name   string
		h      http.Handler
		breaks []string
	}{
		{"checks no signature", reference(t), []string{"sign-checked", "sign-fresh"}},
		{"takes a signature for optional", checks(func(req *http.Request) {
			if !req.URL.Query().Has("Sign") {
				now(req)
			}
		}), []string{"sign-checked"}},
		{"asks for a signature and does not compare it", checks(func(req *http.Request) {
			if at, ok := wire.SignedAt([]byte(req.URL.RawQuery)); ok && time.Since(time.Unix(at, 0)) < time.Minute {
				now(req)
			}
		}), []string{"sign-checked"}},
		{"takes a signature of another time", checks(func(req *http.Request) {
			at, ok := wire.SignedAt([]byte(req.URL.RawQuery))
			if !ok || time.Since(time.Unix(at, 0)) > time.Minute {
				return
			}
			for before := range int64(600) {
				if strings.HasPrefix(string(wire.AppendSignature(nil, token, at-before)), "Sign="+req.URL.Query().Get("Sign")+"&") {
					now(req)
					return
				}
			}
		}), []string{"sign-checked"}},
		{"never looks at the time", checks(func(req *http.Request) {
			at, ok := wire.SignedAt([]byte(req.URL.RawQuery))
			if ok && strings.Contains(req.URL.RawQuery, string(wire.AppendSignature(nil, token, at))) {
				now(req)
			}
		}), []string{"sign-fresh"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := signed(t, test.h)
			s.Tags, s.Level = "@extension-sign or @clause-v1-result-normal-end-acknowledged", ""
			rep, err := features.Run(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, sc := range rep.Scenarios {
				switch sc.Status {
				case report.Warned:
					got = append(got, sc.Clauses...)
				case report.Passed:
				default:
					t.Errorf("%s: %s: %s", sc.Name, sc.Status, sc.Message)
				}
			}
			slices.Sort(got)
			if diff := cmp.Diff(test.breaks, slices.Compact(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// The extension is shown only where it is asked for: otherwise it is neither in the
// list nor in the totals.
func TestExtensionIsApart(t *testing.T) {
	without, err := features.List(features.Suite{})
	if err != nil {
		t.Fatal(err)
	}
	with := listed(t)
	if len(with) <= len(without) {
		t.Fatalf("%d scenarios with --sign, %d without", len(with), len(without))
	}
	for _, s := range without {
		if slices.Contains(s.Tags, "@extension-sign") {
			t.Errorf("%s is selected without --sign", s.Name)
		}
	}
	total := 0
	for _, c := range fixtures.Clauses() {
		if c.Extension == "" {
			total++
		}
	}
	for _, sign := range []string{"", token} {
		s := against(t, reference(t))
		s.Sign, s.Tags = sign, "@clause-ack-within-timeout"
		rep, err := features.Run(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if err := rep.WriteJSON(&b); err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf(`"total": %d`, total); !strings.Contains(b.String(), want) {
			t.Errorf("sign %q: the report lacks %s", sign, want)
		}
	}
}
