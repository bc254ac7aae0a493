package report

import (
	"strings"
	"testing"

	"ringback/fixtures/golden"
)

func TestMarkdown(t *testing.T) {
	golden.Compare(t, "report.md", written(t, sampleReport().WriteMarkdown))
}

// A summary is one that GitHub takes, however much failed, and none of a receiver's
// words end a block of code or begin a tag.
func TestMarkdownBounds(t *testing.T) {
	r := failedReport(3000)
	for i := range r.Scenarios {
		f := &r.Scenarios[i].Findings[0]
		f.Cause, f.Found = strings.Repeat("x", i%7)+"cause "+string(rune('a'+i%26))+strings.Repeat("y", i/26), ""
		f.Text = "before ```` and\n``` after <script>"
	}
	summary := written(t, r.WriteMarkdown)
	if len(summary) > maxMarkdown+4<<10 {
		t.Errorf("%d bytes", len(summary))
	}
	if !strings.Contains(summary, "more causes: `--report html=FILE` has them") {
		t.Error("what is left out is not said")
	}
	outside, fence := true, ""
	for line := range strings.Lines(summary) {
		line = strings.TrimRight(line, "\n")
		switch {
		case outside && strings.HasPrefix(line, "```"):
			outside, fence = false, line
		case !outside && line == fence:
			outside = true
		case outside && strings.Contains(line, "script"):
			t.Fatalf("%q stands outside a block of code", line)
		}
	}
	if !outside {
		t.Error("a block of code does not end")
	}
}
