package report

import (
	"encoding/xml"
	"strings"
	"testing"

	"ringback/fixtures/golden"
	"ringback/sim/text"
)

func TestJUnit(t *testing.T) {
	got := written(t, sampleReport().WriteJUnit)
	golden.Compare(t, "junit.xml", got)
	validJUnit(t, got)
}

// What a reader of the file must find, read back with other types than those
// that wrote it.
func TestJUnitReadBack(t *testing.T) {
	type testcase struct {
		Name    string    `xml:"name,attr"`
		Class   string    `xml:"classname,attr"`
		Failure *struct{} `xml:"failure"`
		Skipped *struct{} `xml:"skipped"`
	}
	var doc struct {
		Suites []struct {
			Cases     []testcase `xml:"testcase"`
			SystemOut string     `xml:"system-out"`
		} `xml:"testsuite"`
	}
	r := fullReport()
	if err := xml.Unmarshal([]byte(written(t, r.WriteJUnit)), &doc); err != nil {
		t.Fatal(err)
	}
	want := map[string]Status{}
	for i := range r.Scenarios {
		want[junitName(r.Scenarios[i].Name)] = r.Scenarios[i].Status
	}
	seen := map[string]bool{}
	for _, suite := range doc.Suites {
		for _, c := range suite.Cases {
			status := Passed
			switch {
			case c.Failure != nil:
				status = Failed
			case c.Skipped != nil:
				status = Skipped
			case strings.Contains(suite.SystemOut, "WARNED  "+c.Name+"\n"):
				status = Warned
			}
			if status != want[c.Name] {
				t.Errorf("%s: %s, want %s", c.Name, status, want[c.Name])
			}
			if key := c.Class + " " + c.Name; c.Class == "" || seen[key] {
				t.Errorf("class and name twice, or no class: %s", key)
			} else {
				seen[key] = true
			}
		}
	}
	if len(seen) != len(r.Scenarios) {
		t.Errorf("%d cases of %d scenarios", len(seen), len(r.Scenarios))
	}
}

// Whatever a receiver answers, each report stays what it is.
func FuzzReports(f *testing.F) {
	f.Add("plain", `{"ErrorCode":0}`)
	f.Add("]]>\x00\x1b\ufffe\xff", "</script>\u202e\r\n::error::")
	f.Fuzz(func(t *testing.T, message, body string) {
		r := sampleReport()
		s := &r.Scenarios[1]
		s.Name, s.Message, s.Step, s.Feature, s.File, s.Rerun = body, message, message, message, body, body
		x := s.History[len(s.History)-7].Exchange
		x.Answer, x.Body, x.Reason, x.URL, x.User = body, message, message, body, body
		s.Findings[0].Cause, s.Findings[0].Found, s.Findings[0].Text = body, message, message
		validJUnit(t, written(t, r.WriteJUnit))
		written(t, r.WriteHTML)
		validJSON(t, written(t, r.WriteJSON))
		if out := onTerminal(t, r, TerminalOptions{Verbose: true}); strings.ContainsFunc(out, func(r rune) bool { return r != '\n' && r != '\t' && text.Unprintable(r) }) {
			t.Errorf("the terminal gets control characters: %q", out)
		}
		for line := range strings.Lines(written(t, r.WriteAnnotations)) {
			if !strings.HasPrefix(line, "::error ") && !strings.HasPrefix(line, "::warning ") {
				t.Errorf("forged line %q", line)
			}
		}
	})
}
