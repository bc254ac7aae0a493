package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"ringback/fixtures/golden"
)

func onTerminal(t *testing.T, r *Report, opts TerminalOptions) string {
	t.Helper()
	return written(t, func(w io.Writer) error { return r.WriteTerminal(w, opts) })
}

func TestTerminal(t *testing.T) {
	for name, opts := range map[string]TerminalOptions{
		"plain": {}, "color": {Color: true}, "verbose": {Verbose: true}, "all": {All: true},
	} {
		t.Run(name, func(t *testing.T) {
			got := onTerminal(t, sampleReport(), opts)
			golden.Compare(t, "terminal_"+name+".txt", strings.ReplaceAll(got, "\x1b", "<ESC>"))
		})
	}
}

func TestTerminalAllPassed(t *testing.T) {
	r := passedReport(112)
	r.Clauses = r.Clauses[:1]
	got := onTerminal(t, r, TerminalOptions{})
	if lines := strings.Count(got, "\n"); lines >= 10 {
		t.Errorf("%d lines, want less than 10:\n%s", lines, got)
	}
	want := "112 scenarios: 112 passed   1 of 1 must clauses covered   2.1s\n" +
		"PASS: no scenario broke the contract; status-only: answers were judged, what was stored was not (--probe)\n"
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// A receiver that fails everywhere must not bury what matters.
func TestTerminalManyFailed(t *testing.T) {
	r := failedReport(100)
	got := onTerminal(t, r, TerminalOptions{})
	if n := strings.Count(got, "  request  POST"); n != 1 || strings.Count(got, "\n") > 40 {
		t.Errorf("%d exchanges, want 1 on a screen:\n%s", n, got)
	}
	for name, opts := range map[string]TerminalOptions{"all": {All: true}, "verbose": {Verbose: true}} {
		if n := strings.Count(onTerminal(t, r, opts), "  request  POST"); n != 100 {
			t.Errorf("%s: %d failures in full, want 100", name, n)
		}
	}
}

// The words of the verdict claim no more than was judged.
func TestVerdictClaims(t *testing.T) {
	failed, warned, both := failedReport(1), passedReport(1), failedReport(1)
	both.Scenarios = append(both.Scenarios, sampleWarned())
	warned.Scenarios = append(warned.Scenarios, sampleWarned())
	for _, tt := range []struct {
		name   string
		report *Report
		want   string
	}{
		{"passed", passedReport(1), "PASS: no scenario broke the contract; "},
		{"warned", warned, "PASS: no scenario broke the contract, but 1 warned (--level should counts them); "},
		{"failed", failed, "FAIL: 1 scenario broke the contract; "},
		{"both", both, "FAIL: 1 scenario broke the contract, and 1 warned (--level should counts them); "},
	} {
		for probe, judged := range map[bool]string{
			false: "status-only: answers were judged, what was stored was not (--probe)\n",
			true:  "answers were judged, and what was stored (--probe)\n",
		} {
			t.Run(fmt.Sprint(tt.name, probe), func(t *testing.T) {
				tt.report.Probe = probe
				got := onTerminal(t, tt.report, TerminalOptions{})
				if !strings.HasSuffix(got, tt.want+judged) {
					t.Errorf("ends with %q, want %q", got[max(0, len(got)-200):], tt.want+judged)
				}
				page := written(t, tt.report.WriteHTML)
				tt.report.Unasked = true
				if got := onTerminal(t, tt.report, TerminalOptions{}); strings.HasSuffix(got, "; no scenario that was judged asked what was stored\n") == probe {
					t.Errorf("with a probe, asked %t, it ends with %q", probe, got[max(0, len(got)-200):])
				}
				tt.report.Unasked = false
				if all := strings.ToLower(got + page); strings.Contains(all, "idempoten") {
					t.Error("claims idempotence")
				}
				if !strings.Contains(page, strings.TrimSpace(judged)) {
					t.Error("the page does not say what was judged")
				}
			})
		}
	}
}

// Where nothing was judged, no report is green, and each says so.
func TestNothingJudged(t *testing.T) {
	skipped := passedReport(0)
	skipped.Scenarios = []Result{sampleSkipped("a", "why"), sampleSkipped("b", "why")}
	for want, r := range map[string]*Report{
		"nothing was judged: no scenario is selected":   passedReport(0),
		"nothing was judged: 2 scenarios skipped (why)": skipped,
	} {
		if got := onTerminal(t, r, TerminalOptions{}); !strings.HasSuffix(got, "\nNONE: "+want+"\n") && got != "NONE: "+want+"\n" {
			t.Errorf("the terminal ends with %q, want %q", got[max(0, len(got)-200):], want)
		}
		for name, parts := range map[string]struct {
			write func(io.Writer) error
			want  []string
		}{
			"HTML":        {r.WriteHTML, []string{">None<", want}},
			"JUnit":       {r.WriteJUnit, []string{`errors="1"`, `<error message="` + want}},
			"JSON":        {r.WriteJSON, []string{`"verdict": "none"`}},
			"annotations": {r.WriteAnnotations, []string{"::error title=ringback verify::" + want}},
		} {
			got := written(t, parts.write)
			for _, part := range parts.want {
				if !strings.Contains(got, part) {
					t.Errorf("%s: %q is missing from\n%s", name, part, got)
				}
			}
			if strings.Contains(strings.ToLower(got), ">pass<") {
				t.Errorf("%s: says pass", name)
			}
		}
	}
}

// A scenario that is at fault is said to be in each report, is no verdict on the
// receiver and hides none.
func TestAtFault(t *testing.T) {
	for _, failed := range []bool{false, true} {
		r := passedReport(2)
		r.Scenarios[1] = sampleAtFault()
		verdict, outcome := "none", "1 scenario is at fault, which says nothing of the receiver; so there is no verdict"
		if failed {
			r.Scenarios = append(r.Scenarios, sampleDiff())
			verdict, outcome = "fail", "1 scenario is at fault, which says nothing of the receiver; 1 other broke the contract"
		}
		if r.Verdict() != verdict || r.outcomeWords() != outcome {
			t.Errorf("%s: %s, want %s: %s", r.Verdict(), r.outcomeWords(), verdict, outcome)
		}
		for _, c := range r.Causes() {
			if slices.ContainsFunc(c.Scenarios, func(s *Result) bool { return s.Status == Errored }) {
				t.Errorf("the receiver is blamed: %s", c.Words)
			}
		}
		const why = "bob cannot accept: the call is over"
		for name, parts := range map[string]struct {
			write func(io.Writer) error
			want  []string
		}{
			"terminal":    {func(w io.Writer) error { return r.WriteTerminal(w, TerminalOptions{}) }, []string{`ERROR  bob answers\x1b[31m late`, "at the step: at 5s bob answers", why, "1 at fault", outcome}},
			"verbose":     {func(w io.Writer) error { return r.WriteTerminal(w, TerminalOptions{Verbose: true}) }, []string{"ERROR  bob", "at the step: at 5s bob answers", why}},
			"HTML":        {r.WriteHTML, []string{`<a href="#at-fault">at fault</a>`, "Scenarios at fault", why, outcome}},
			"JUnit":       {r.WriteJUnit, []string{`errors="1"`, `<error message="` + why, `type="scenario"`}},
			"JSON":        {r.WriteJSON, []string{`"verdict": "` + verdict, `"status": "error"`, why}},
			"annotations": {r.WriteAnnotations, []string{"::error file=own/late.feature,line=21,title=the scenario is at fault::at 5s bob answers: " + why}},
		} {
			got := written(t, parts.write)
			for _, part := range parts.want {
				if !strings.Contains(got, part) {
					t.Errorf("%s: %q is missing from\n%s", name, part, got)
				}
			}
			if strings.Contains(got, "nothing was judged") || strings.Contains(strings.ToLower(got), ">pass<") {
				t.Errorf("%s: says that nothing was judged, or pass", name)
			}
		}
	}
}

func TestSkippedCoversNothing(t *testing.T) {
	r := passedReport(1)
	r.Scenarios = append(r.Scenarios, sampleSkipped("a", "why"), Result{Status: Errored, Level: "must", Clauses: []string{"v1-retry-once"}})
	for level, want := range map[string][2]int{"must": {1, 4}, "should": {0, 1}, "": {1, 5}} {
		if covered, total := r.covered(level); covered != want[0] || total != want[1] {
			t.Errorf("%q: %d of %d, want %d of %d", level, covered, total, want[0], want[1])
		}
	}
}

// cmp writes some of its blanks as non-breaking ones, by the run.
func TestMessageSettlesDiff(t *testing.T) {
	s := Result{Message: "(-want +got):\n-\u00a0\t\"a\u00a0b\"\n\u00a0\u00a0\tx\n"}
	if got, want := s.message(), "(-want +got):\n- \t\"a\u00a0b\"\n  \tx"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A line in between is one of its own, and a terminal's progress goes on below it.
func TestProgressPrint(t *testing.T) {
	s := samplePassed("a", 1)
	for tty, want := range map[bool]string{
		false: "hm\n",
		true:  "\r1 of 40\rhm     \n\r1 of 40\r2 of 40",
	} {
		got := written(t, func(w io.Writer) error {
			p := NewProgress(w, 40, tty)
			p.Done(&s)
			p.Print("hm")
			p.Done(&s)
			return nil
		})
		if got != want {
			t.Errorf("on a terminal %t: %q, want %q", tty, got, want)
		}
	}
}

func TestProgress(t *testing.T) {
	s, bad := samplePassed("a", 1), sampleDiff()
	for name, tty := range map[string]bool{"log": false, "terminal": true} {
		t.Run(name, func(t *testing.T) {
			got := written(t, func(w io.Writer) error {
				p := NewProgress(w, 40, tty)
				for range 39 {
					p.Done(&s)
				}
				p.Done(&bad)
				p.Close()
				return nil
			})
			if tty {
				if strings.Contains(got, "\n") || !strings.HasSuffix(got, "\r"+strings.Repeat(" ", 18)+"\r") {
					t.Errorf("does not take its line back: %q", got)
				}
				if !strings.Contains(got, "\r40 of 40, 1 failed") {
					t.Errorf("does not count: %q", got)
				}
				return
			}
			if lines := strings.Split(got, "\n"); len(lines) != 10 || lines[0] != "4 of 40" || strings.ContainsAny(got, "\r\x1b") {
				t.Errorf("want nine short lines, got %q", got)
			}
		})
	}
}
