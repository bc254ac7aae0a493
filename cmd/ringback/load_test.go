package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"ringback/cmd/cli"
	"ringback/fixtures/harness"
	"ringback/sim/delivery"
	"ringback/sim/load"
)

// A load that is interrupted while the receiver hangs accounts for everything.
func TestLoadInterrupted(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
	page := filepath.Join(t.TempDir(), "limit.html")
	out := interrupted(t, 100, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"ErrorCode":0}`) },
		"load", "--find-limit", "--threshold", "behind<1h", "--report", "html="+page)
	if !strings.Contains(out, "no limit was found: ") {
		t.Errorf("it said %q", out)
	}
	if html, err := os.ReadFile(page); err != nil || !strings.Contains(string(html), "Trials of the search") {
		t.Errorf("its page: %v", err)
	}
}

// What a run came to makes its exit code, the first that applies.
func TestLoadExitCodes(t *testing.T) {
	threshold := []load.ThresholdResult{{Expr: "dropped<10%", OK: true}}
	receiver, machine := load.Overload{DroppedReceiver: 9, DroppedMachine: 1, ReceiverShare: .9}, load.Overload{DroppedMachine: 10, MachineShare: .9}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for _, tt := range []struct {
		name   string
		ctx    context.Context
		report load.Report
		kept   bool
		want   int
		words  string
	}{
		{"all is well", nil, load.Report{Callbacks: 5, Acked: 5, Attempts: 5, AttemptsAcked: 5, Connected: 5}, true, cli.ExitOK, ""},
		{"a threshold broke", nil, load.Report{Callbacks: 5, Acked: 5, Attempts: 5, AttemptsAcked: 5, Connected: 5}, false, cli.ExitBroken, ""},
		{"dropped, the receiver's", nil, load.Report{Callbacks: 15, Acked: 5, Dropped: 10, Overload: receiver, Attempts: 5, AttemptsAcked: 5, Connected: 5}, true, cli.ExitBroken, "10 callbacks dropped: the receiver did not keep up for 90% of the time"},
		{"dropped, as a threshold allows", nil, load.Report{Callbacks: 15, Acked: 5, Dropped: 10, Overload: receiver, Thresholds: threshold, Attempts: 5, AttemptsAcked: 5, Connected: 5}, true, cli.ExitOK, ""},
		{"dropped, this machine's", nil, load.Report{Callbacks: 15, Acked: 5, Dropped: 10, Overload: machine, Attempts: 5, AttemptsAcked: 5, Connected: 5}, true, cli.ExitUsage, "10 callbacks dropped: this machine did not keep up for 90% of the time"},
		{"this machine's comes first", stopped, load.Report{Callbacks: 15, Dropped: 10, Unfinished: 5, Overload: machine}, false, cli.ExitUsage, "this machine"},
		{"stopped", stopped, load.Report{Callbacks: 15, Dropped: 10, Unfinished: 5, Overload: receiver}, false, cli.ExitInterrupted, ""},
		{"unreachable", nil, load.Report{Callbacks: 5, Abandoned: 5, Attempts: 5, AttemptsError: 5}, false, cli.ExitUnreachable, "no connection was ever made"},
		{"cut before any answer", nil, load.Report{Callbacks: 5, Unfinished: 5, Attempts: 5, AttemptsUnfinished: 5, DrainS: 3}, true, cli.ExitAbandoned, "5 callbacks had no end after a drain of 3s"},
		{"unfinished and abandoned", nil, load.Report{Callbacks: 5, Abandoned: 4, Unfinished: 1, Attempts: 5, AttemptsRejected: 5, Connected: 5}, true, cli.ExitAbandoned, "1 callback had no end"},
		{"abandoned", nil, load.Report{Callbacks: 5, Abandoned: 5, Attempts: 5, AttemptsRejected: 5, Connected: 5}, true, cli.ExitAbandoned, ""},
		{"nothing", nil, load.Report{About: load.About{WindowS: 10}}, false, cli.ExitNothing, "nothing was measured: no callback became due in the 10s of --duration"},
	} {
		var errs strings.Builder
		w := cli.Env{Stdout: io.Discard, Stderr: &errs}
		ctx := t.Context()
		if tt.ctx != nil {
			ctx = tt.ctx
		}
		err := (&loadFlags{duration: 10 * time.Second}).outcome(ctx, w, &loadRun{Config: &cli.Config{Endpoint: endpointOf(t, "http://127.0.0.1:1/cb")}}, &tt.report, tt.kept)
		caught := 0
		if ctx.Err() != nil {
			caught = cli.ExitInterrupted
		}
		if code := cli.ExitCode(&cobra.Command{}, err, nil, caught, w); code != tt.want || !strings.Contains(errs.String(), tt.words) {
			t.Errorf("%s: exit code %d, want %d; it said %q, want %q", tt.name, code, tt.want, errs.String(), tt.words)
		}
	}
}

// A search in which nothing became due has the exit code of such a load, and its reports.
func TestFindLimitOfNothing(t *testing.T) {
	t.Parallel()
	page := filepath.Join(t.TempDir(), "limit.html")
	var out, errs strings.Builder
	w := cli.Env{Stdout: &out, Stderr: &errs}
	why := fmt.Errorf("%w in the 8s of a trial", load.ErrNothingDue)
	files, _, err := cli.OpenReports(w, "", []string{"html=" + page}, []string{"html"}, "")
	if err != nil {
		t.Fatal(err)
	}
	limit := &load.Limit{Broke: why.Error(), Trials: []load.Trial{{Rate: 50, Broke: why.Error(), Report: new(load.Report)}}}
	err = new(loadFlags).found(t.Context(), w, &loadRun{files: files}, limit, why)
	if code := cli.ExitCode(&cobra.Command{}, err, nil, 0, w); code != cli.ExitNothing {
		t.Errorf("exit code %d: %v", code, err)
	}
	const sentence = "nothing was measured at 50 callbacks/s: no callback became due in the 8s of a trial"
	html, err := os.ReadFile(page)
	if err != nil || !strings.Contains(string(html), sentence) || !strings.Contains(out.String(), sentence) ||
		!strings.Contains(errs.String(), "nothing was measured: no callback became due in the 8s of a trial") {
		t.Errorf("it said %q and %q; its page: %v", out.String(), errs.String(), err)
	}
}

func endpointOf(t *testing.T, url string) *delivery.Endpoint {
	t.Helper()
	e := harness.Endpoint(t, url)
	return e
}

// Before a load its probe is asked for a call that will never be. Its CallId has the
// form of all others: a receiver that types CallIds would refuse anything else.
func TestLoadProbesAWellFormedCallID(t *testing.T) {
	t.Parallel()
	for form, pattern := range map[string]string{
		"uuid":     `^/calls/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`,
		"readable": `^/calls/rb-test-0000$`,
	} {
		var mu sync.Mutex
		asked := ""
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet {
				mu.Lock()
				defer mu.Unlock()
				if asked == "" {
					asked = r.URL.Path
				}
				http.NotFound(w, r)
				return
			}
			_, _ = io.Copy(io.Discard, r.Body)
			fmt.Fprint(w, `{"ErrorCode":0,"ErrorMessage":""}`)
		}))
		text, _ := trial{args: []string{
			"load", "--target", s.URL, "--probe", s.URL + "/calls/{CallId}", "--calls", "20/s", "--duration", "100ms", "--ramp", "0s", "--compress", "600x",
			"--run", "test", "--dialect", "call_id=" + form, "--probe-wait", "100ms",
		}}.ended()
		s.Close()
		if !regexp.MustCompile(pattern).MatchString(asked) || strings.Contains(text, "--probe: asked for a call that does not exist") {
			t.Errorf("call_id=%s: asked for %s\n%s", form, asked, text)
		}
	}
}
