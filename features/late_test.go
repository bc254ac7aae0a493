package features_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ringback/features"
	"ringback/features/report"
)

// behind acknowledges at once, and has a worker store one callback after the other,
// each of which takes its time.
func behind(t *testing.T, takes func(*http.Request) time.Duration) http.Handler {
	t.Helper()
	front, back := reference(t), reference(t)
	queue := make(chan *http.Request, 100_000)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for r := range queue {
			time.Sleep(takes(r))
			back.ServeHTTP(httptest.NewRecorder(), r)
		}
	}()
	t.Cleanup(func() {
		close(queue)
		<-done
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			back.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		later := httptest.NewRequest(r.Method, r.URL.String(), bytes.NewReader(body))
		later.Header = r.Header.Clone()
		r.Body = io.NopCloser(bytes.NewReader(body))
		got := httptest.NewRecorder()
		front.ServeHTTP(got, r)
		if got.Code == http.StatusOK {
			queue <- later
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(got.Code)
		_, _ = w.Write(got.Body.Bytes())
	})
}

// showing serves what another handler does, with other rows where it shows what is
// stored; nil is none.
func showing(h http.Handler, other func(row map[string]any) map[string]any) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			h.ServeHTTP(w, r)
			return
		}
		got := httptest.NewRecorder()
		h.ServeHTTP(got, r)
		var row map[string]any
		if json.Unmarshal(got.Body.Bytes(), &row) == nil {
			row = other(row)
		}
		if row == nil {
			http.NotFound(w, r)
			return
		}
		w.WriteHeader(got.Code)
		_ = json.NewEncoder(w).Encode(row)
	})
}

// endsOnly shows nothing of a call before its end is stored, and then no members.
func endsOnly(h http.Handler) http.Handler {
	return showing(h, func(row map[string]any) map[string]any {
		if row["count"] == 0.0 {
			return nil
		}
		delete(row, "members")
		return row
	})
}

// A receiver that stores with a worker that is far behind is judged by what it will
// have stored, whether it shows each change or ends alone, and though nothing that it
// shows changes for longer than others are waited for.
func TestStoringWorker(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		receiver func(http.Handler) http.Handler
		tags     string
	}{
		"changes": {
			func(h http.Handler) http.Handler { return h },
			"@clause-calls-at-once-apart or @clause-v1-members-after-change or @clause-v4-members-after-change",
		},
		"ends": {
			endsOnly,
			"@clause-calls-at-once-apart or @clause-duplicate-at-once or @clause-duplicate-stored-once or @clause-duplicate-late-harmless or @clause-distinct-of-one-moment",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "ends" {
				sameUnderRace(t)
			}
			unlessStalled(t, func() (wrong []string) {
				s := against(t, test.receiver(behind(t, func(*http.Request) time.Duration { return 4 * time.Millisecond })))
				s.Tags, s.Poll = test.tags, 2*brief
				rep, err := features.Run(t.Context(), s)
				if err != nil {
					t.Fatal(err)
				}
				for i := range rep.Scenarios {
					r := &rep.Scenarios[i]
					if r.Status != report.Passed && (r.Status != report.Skipped || !strings.Contains(r.Message, "the probe shows no members")) {
						wrong = append(wrong, fmt.Sprintf("%s: is %s at %q: %s", r.Name, r.Status, r.Step, r.Message))
					}
				}
				if n := rep.Count(report.Passed); n < 10 {
					wrong = append(wrong, fmt.Sprintf("%d scenarios passed", n))
				}
				return wrong
			})
		})
	}
}

// A worker that stalls while the pre-flight measures it is found to fall behind all the
// same: else what it stores would be waited for as for others.
func TestStallingWorker(t *testing.T) {
	t.Parallel()
	unlessStalled(t, func() (wrong []string) {
		ends, caughtUp := 0, atomic.Bool{}
		worker := behind(t, func(r *http.Request) time.Duration {
			if isEnd(r) {
				ends++
			}
			if isEnd(r) && ends == 2 { // that of the call by which it is measured how long one takes
				return time.Second
			}
			return 15 * time.Millisecond
		})
		s := against(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return
			}
			if bytes.Contains(body, []byte("erin")) { // who calls behind what a late receiver is to catch up with
				caughtUp.Store(true)
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			worker.ServeHTTP(w, r)
		}))
		s.Tags = "@clause-v1-result-cancel-acknowledged"
		wantPassed(t, s, func(*report.Result) bool { return true })
		if !caughtUp.Load() {
			wrong = append(wrong, "the receiver was not found to fall behind")
		}
		return wrong
	})
}

// leavingOut serves what another handler does, without what is zero or empty in the
// JSON of what is stored, as Go's omitempty has it.
func leavingOut(h http.Handler) http.Handler {
	return showing(h, func(row map[string]any) map[string]any {
		for key, v := range row {
			list, isList := v.([]any)
			if v == 0.0 || v == "" || isList && len(list) == 0 {
				delete(row, key)
			}
		}
		return row
	})
}

// A receiver whose JSON leaves out zeros and empty lists is judged whole.
func TestLeavingOut(t *testing.T) {
	sameUnderRace(t)
	t.Parallel()
	s := against(t, leavingOut(reference(t)))
	s.Tags = ofEachClause(t)
	wantPassed(t, s, func(*report.Result) bool { return true })
	if want := []string{"accept", "count", "duration", "end", "members", "result", "start"}; !slices.Equal(s.Probe.LeftOut(), want) {
		t.Errorf("left out are %v, want %v", s.Probe.LeftOut(), want)
	}
}
