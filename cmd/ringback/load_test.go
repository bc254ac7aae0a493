package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"ringback/sim/load"
)

// interrupted runs a load against a receiver, and presses Ctrl-C when so many
// attempts have arrived there.
func interrupted(t *testing.T, after int64, answer http.HandlerFunc, args ...string) (stdout string) {
	t.Helper()
	signals := make(chan os.Signal, 1)
	var n atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if n.Add(1) == after {
			signals <- os.Interrupt
		}
		answer(w, r)
	}))
	defer s.Close()
	out, code := start(t, signals, append([]string{"load", "--target", s.URL}, args...)...)
	all, err := io.ReadAll(out)
	if err != nil {
		t.Fatal(err)
	}
	if got := <-code; got != exitInterrupted {
		t.Errorf("exit code %d, want %d", got, exitInterrupted)
	}
	return string(all)
}

// A load that is interrupted while the receiver hangs accounts for everything.
func TestLoadInterrupted(t *testing.T) {
	out := interrupted(t, 40, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"--callbacks", "1000/s", "--compress", "600x", "--ramp", "0s", "--timeout", "100ms", "--json")
	var r load.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := r.Balance(); err != nil {
		t.Error(err)
	}
	if r.Callbacks < 40 || r.Unfinished == 0 || r.Acked != 0 {
		t.Errorf("%d callbacks, %d unfinished, %d acknowledged", r.Callbacks, r.Unfinished, r.Acked)
	}
	for _, list := range []string{"series", "curve", "thresholds"} {
		if strings.Contains(out, `"`+list+`": null`) {
			t.Errorf("%s is null, want a list", list)
		}
	}
}

// A search that is interrupted tells what it had found by then.
func TestFindLimitInterrupted(t *testing.T) {
	page := filepath.Join(t.TempDir(), "limit.html")
	out := interrupted(t, 200, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"ErrorCode":0}`) },
		"--find-limit", "--duration", "500ms", "--threshold", "behind<1h", "--report", "html="+page)
	if !strings.Contains(out, "no limit was found: ") {
		t.Errorf("it said %q", out)
	}
	if html, err := os.ReadFile(page); err != nil || !strings.Contains(string(html), "Trials of the search") {
		t.Errorf("its page: %v", err)
	}
}
