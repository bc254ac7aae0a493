package features_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"ringback/features"
)

// behind acknowledges at once, and has a worker store one callback after the other,
// each of which takes its time.
func behind(t *testing.T, each time.Duration) http.Handler {
	t.Helper()
	front, back := reference(t), reference(t)
	queue := make(chan *http.Request, 100_000)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for r := range queue {
			time.Sleep(each)
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

// A receiver that stores with a worker that is far behind is judged by what it will
// have stored.
func TestStoringWorker(t *testing.T) {
	t.Parallel()
	s := against(t, behind(t, 2*time.Millisecond))
	s.Tags = "@clause-calls-at-once-apart or @clause-calls-at-once-acknowledged or @clause-v1-members-after-change or @clause-v4-members-after-change"
	wantPassed(t, s, func(*features.Result) bool { return true })
}

// leavingOut serves what another handler does, without what is zero or empty in the
// JSON of what is stored, as Go's omitempty has it.
func leavingOut(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			h.ServeHTTP(w, r)
			return
		}
		got := httptest.NewRecorder()
		h.ServeHTTP(got, r)
		var row map[string]any
		if err := json.Unmarshal(got.Body.Bytes(), &row); err == nil {
			for key, v := range row {
				list, isList := v.([]any)
				if v == 0.0 || v == "" || isList && len(list) == 0 {
					delete(row, key)
				}
			}
		}
		w.WriteHeader(got.Code)
		_ = json.NewEncoder(w).Encode(row)
	})
}

// A receiver whose JSON leaves out zeros and empty lists is judged whole.
func TestLeavingOut(t *testing.T) {
	t.Parallel()
	s := against(t, leavingOut(reference(t)))
	wantPassed(t, s, func(*features.Result) bool { return true })
	if want := []string{"count", "duration", "members", "result"}; !slices.Equal(s.Probe.LeftOut(), want) {
		t.Errorf("left out are %v, want %v", s.Probe.LeftOut(), want)
	}
}
