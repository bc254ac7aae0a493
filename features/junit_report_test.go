package features

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"ringback/fixtures/golden"
)

func TestJUnit(t *testing.T) {
	got := written(t, sampleReport().WriteJUnit)
	golden.Compare(t, "report/junit.xml", got)
	wellFormed(t, got)
}

func wellFormed(t *testing.T, doc string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(doc))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("no XML: %v\n%q", err, doc)
		}
	}
}

// What a reader of the file must find, read back with other types than those
// that wrote it.
func TestJUnitReadBack(t *testing.T) {
	type testcase struct {
		Name      string    `xml:"name,attr"`
		Class     string    `xml:"classname,attr"`
		Failure   *struct{} `xml:"failure"`
		Skipped   *struct{} `xml:"skipped"`
		SystemOut string    `xml:"system-out"`
	}
	var doc struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Skipped  int `xml:"skipped,attr"`
		Suites   []struct {
			Tests int        `xml:"tests,attr"`
			Cases []testcase `xml:"testcase"`
		} `xml:"testsuite"`
	}
	r := fullReport()
	if err := xml.Unmarshal([]byte(written(t, r.WriteJUnit)), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Tests != len(r.Scenarios) || doc.Failures != r.Count(Failed) || doc.Skipped != r.Count(Skipped) {
		t.Errorf("counts %d, %d, %d", doc.Tests, doc.Failures, doc.Skipped)
	}
	want := map[string]Status{}
	for i := range r.Scenarios {
		want[inline(r.Scenarios[i].Name)] = r.Scenarios[i].Status
	}
	seen := map[string]bool{}
	for _, suite := range doc.Suites {
		if suite.Tests != len(suite.Cases) {
			t.Errorf("a suite of %d says %d", len(suite.Cases), suite.Tests)
		}
		for _, c := range suite.Cases {
			status := Passed
			switch {
			case c.Failure != nil:
				status = Failed
			case c.Skipped != nil:
				status = Skipped
			case c.SystemOut != "":
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
		wellFormed(t, written(t, r.WriteJUnit))
		written(t, r.WriteHTML)
		validJSON(t, written(t, r.WriteJSON))
		if text := onTerminal(t, r, TerminalOptions{Verbose: true}); strings.ContainsFunc(text, unprintable) {
			t.Errorf("the terminal gets control characters: %q", text)
		}
		for line := range strings.Lines(written(t, r.WriteAnnotations)) {
			if !strings.HasPrefix(line, "::error ") && !strings.HasPrefix(line, "::warning ") {
				t.Errorf("forged line %q", line)
			}
		}
	})
}
