package features_test

import (
	"bytes"
	stdcmp "cmp"
	"context"
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/features"
	"ringback/fixtures/receiver"
	"ringback/fixtures/receiver/broken"
	"ringback/sim/delivery"
	"ringback/sim/run"
)

// program plays a suite as a program does.
func program(ctx context.Context, s features.Suite, env map[string]string, reports ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = features.MainTo(ctx, &out, &errs, func(name string) string { return env[name] }, s, reports)
	return code, out.String(), errs.String()
}

// A program with steps of its own ends with the exit codes of verify, and says why.
func TestMainExitCodes(t *testing.T) {
	const scenario = "Scenario: s\nWhen alice calls bob\nThen my step %s\n"
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for name, test := range map[string]struct {
		does    string
		change  func(s *features.Suite)
		reports []string
		ctx     context.Context
		code    int
		says    string
	}{
		"passes":      {does: "passes", says: "PASS"},
		"fails":       {does: "fails", code: 1, says: "my database has 2 rows"},
		"is at fault": {does: "is pending", code: 2, says: "1 scenario is at fault"},
		"nothing":     {does: "skips", code: 5, says: "nothing was judged"},
		"none":        {does: "passes", change: func(s *features.Suite) { s.Tags = "@no" }, code: 5, says: "nothing was judged"},
		"no step":     {does: "passed", code: 2, says: `own/own.feature:4: no step reads "my step passed"`},
		"tags":        {does: "passes", change: func(s *features.Suite) { s.Tags = "(" }, code: 2, says: "tag expression"},
		"interrupted": {does: "passes", ctx: over, code: 130, says: "ringback: interrupted; there is no verdict"},
		"unreachable": {does: "passes", change: unreachable, code: 3, says: "the receiver cannot be reached"},
		"forbidden":   {does: "passes", change: forbidden, code: 1, says: "warning: the receiver refuses the first call: HTTP 403"},
		"kind":        {does: "passes", reports: []string{"junits=x.xml"}, code: 2, says: `report "junits=x.xml": want KIND=FILE, with one of ctrf, html, json, junit, markdown`},
		"no file":     {does: "passes", reports: []string{"junit"}, code: 2, says: "want KIND=FILE"},
		"no stream":   {does: "passes", reports: []string{"json=-"}, code: 2, says: `try: "junit=ringback.xml"`},
		"one file":    {does: "passes", reports: []string{"junit=x.xml", "html=./x.xml"}, code: 2, says: "another report is written to this file"},
		"folder":      {does: "passes", reports: []string{"junit=no/such/x.xml"}, code: 2, says: "there is no folder"},
	} {
		t.Run(name, func(t *testing.T) {
			s := withSteps(t, strings.Replace(scenario, "%s", test.does, 1), whatever)
			if test.change != nil {
				test.change(&s)
			}
			ctx := t.Context()
			if test.ctx != nil {
				ctx = test.ctx
			}
			code, out, errs := program(ctx, s, nil, test.reports...)
			if code != test.code || !strings.Contains(out+errs, test.says) {
				t.Errorf("it ends with %d, want %d, and to say %q:\n%s\n%s", code, test.code, test.says, out, errs)
			}
		})
	}
}

func unreachable(s *features.Suite) {
	s.Probe, s.NewSender, s.OwnSender = nil, nil, nil
	server := httptest.NewServer(nil)
	s.Target, _ = delivery.ParseEndpoint(server.URL + "/callback")
	server.Close()
}

func forbidden(s *features.Suite) {
	s.Probe, s.OwnSender = nil, nil
	s.NewSender = func() run.Sender { return answering(http.StatusForbidden) }
	s.Folders[0].Files = fstest.MapFS{"own.feature": {Data: []byte("Feature: Own\nScenario: s\nWhen alice calls bob\nThen every callback is acknowledged\n")}}
}

// answering is a sender to a receiver that answers with one status.
type answering int

func (answering) Close() {}

func (status answering) Send(_ *delivery.Request, _ delivery.Transport, a *delivery.Answer) {
	*a = delivery.Answer{Connected: true, Status: int(status), Took: time.Millisecond}
}

// A summary that cannot be written is no fault of the run, as under verify.
func TestMainSummary(t *testing.T) {
	s := withSteps(t, "Scenario: s\nWhen alice calls bob\nThen my step passes\n", whatever)
	code, _, errs := program(t.Context(), s, map[string]string{"GITHUB_STEP_SUMMARY": filepath.Join(t.TempDir(), "no", "such")})
	if code != 0 || !strings.HasPrefix(errs, "ringback: warning: GITHUB_STEP_SUMMARY: ") {
		t.Errorf("it ends with %d: %s", code, errs)
	}
}

// One's own scenarios and Ringback's are in one report, and fail each for its own reason.
func TestMainReports(t *testing.T) {
	h, closer, err := broken.New("counts_duplicates", receiver.Config{SDKAppID: "1400000001"})
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	s := prompt(t, h)
	own := withSteps(t, "@clause-own-rows\nScenario: My rows\nWhen alice calls bob\nThen my step fails\nScenario: Fine\nWhen alice calls bob\nThen my step passes\n", whatever)
	s.Folders, s.Steps = own.Folders, own.Steps
	s.Tags = "@clause-duplicate-stored-once or @my-rows or @fine"
	dir := t.TempDir()
	junit, summary := filepath.Join(dir, "junit.xml"), filepath.Join(dir, "summary.md")
	if err := os.WriteFile(summary, []byte("before\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	code, out, errs := program(t.Context(), s, map[string]string{"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": summary},
		"junit="+junit, "html="+filepath.Join(dir, "x.html"), "json="+filepath.Join(dir, "x.json"), "ctrf="+filepath.Join(dir, "x.ctrf"), "markdown="+filepath.Join(dir, "x.md"))
	if code != 1 || errs != "" {
		t.Errorf("it ends with %d:\n%s", code, errs)
	}
	for _, want := range []string{"::error file=own/own.feature,line=3", `again: go test . # with features.Suite.Tags "@my-rows"`} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not print %q:\n%s", want, out)
		}
	}
	for _, name := range []string{"junit.xml", "x.html", "x.json", "x.ctrf", "x.md", "summary.md"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.Contains(string(data), "my database has 2 rows") || strings.HasPrefix(string(data), "before") != (name == "summary.md") {
			t.Errorf("%s: %v\n%.500s", name, err, data)
		}
	}
	// No flags are named, which a program in Go has not.
	for _, name := range []string{"junit.xml", "x.html", "x.json", "x.md", "summary.md"} {
		data, _ := os.ReadFile(filepath.Join(dir, name))
		_, page, _ := strings.Cut(string(data), "</style>") // whose variables look like flags
		out += stdcmp.Or(page, string(data))
	}
	if flags := regexp.MustCompile(`.*[ "'(]--[a-z].*`).FindAllString(out, -1); flags != nil {
		t.Errorf("a program in Go reads of flags:\n%s", strings.Join(flags, "\n"))
	}
	var doc struct {
		Suites []struct {
			Name  string `xml:"name,attr"`
			Cases []struct {
				Name    string    `xml:"name,attr"`
				Failure *struct{} `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	data, err := os.ReadFile(junit)
	if err == nil {
		err = xml.Unmarshal(data, &doc)
	}
	if err != nil {
		t.Fatal(err)
	}
	failed := map[string]bool{}
	for _, suite := range doc.Suites {
		for _, c := range suite.Cases {
			if suite.Name == "Own" {
				failed[c.Name] = c.Failure != nil
			} else if c.Failure != nil {
				failed["ours"] = true
			}
		}
	}
	if diff := cmp.Diff(map[string]bool{"My rows": true, "Fine": false, "ours": true}, failed); diff != "" {
		t.Errorf("what failed (-want +got):\n%s", diff)
	}
}
