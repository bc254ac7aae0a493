package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ringback/sim/load"
)

// A load that is interrupted while the receiver hangs accounts for everything.
func TestLoadInterrupted(t *testing.T) {
	out := interrupted(t, 40, hang,
		"load", "--callbacks", "1000/s", "--compress", "600x", "--ramp", "0s", "--timeout", "100ms", "--json")
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
		"load", "--find-limit", "--duration", "500ms", "--threshold", "behind<1h", "--report", "html="+page)
	if !strings.Contains(out, "no limit was found: ") {
		t.Errorf("it said %q", out)
	}
	if html, err := os.ReadFile(page); err != nil || !strings.Contains(string(html), "Trials of the search") {
		t.Errorf("its page: %v", err)
	}
}
