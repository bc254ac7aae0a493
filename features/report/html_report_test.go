package report

import (
	"encoding/json"
	"io"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"ringback/fixtures/golden"
)

func TestHTML(t *testing.T) {
	got := written(t, sampleReport().WriteHTML)
	// How it looks is judged in a browser.
	style := regexp.MustCompile(`(?s)<style>.*</style>`)
	golden.Compare(t, "report.html", style.ReplaceAllString(got, "<style></style>"))
}

// Nothing in the page comes from elsewhere, and nothing in it runs.
func TestHTMLIsAlone(t *testing.T) {
	page := written(t, fullReport().WriteHTML)
	if !strings.Contains(page, `http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline';`) {
		t.Error("no Content-Security-Policy")
	}
	for _, re := range []string{`<script`, `<img`, `<link`, `<iframe`, `<object`, `<[^>]*\ssrc=`, `@import`, `url\(`, `<[^>]*\son[a-z]+=`, `javascript:`} {
		if found := regexp.MustCompile(re).FindString(page); found != "" {
			t.Errorf("%s in the page", found)
		}
	}
	for _, href := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if !strings.HasPrefix(href[1], "https://trtc.io/document/") && !strings.Contains(page, `id="`+strings.TrimPrefix(href[1], "#")+`"`) {
			t.Errorf("link to %q, which is nowhere", href[1])
		}
	}
}

// Hundreds of scenarios make a page that opens at once, even if all failed.
func TestHTMLSize(t *testing.T) {
	for name, tt := range map[string]struct {
		report *Report
		most   int
	}{"passed": {passedReport(300), 1 << 20}, "failed": {failedReport(300), 1 << 20}, "long": {fullReport(), 1 << 20}} {
		if size := len(written(t, tt.report.WriteHTML)); size > tt.most {
			t.Errorf("%s: %d bytes, want at most %d", name, size, tt.most)
		}
	}
}

func TestShowBody(t *testing.T) {
	deep := strings.Repeat("[ ", 2500) + strings.Repeat("] ", 2500)
	for _, tt := range []struct{ name, body, kind, text, note string }{
		{"empty", "", "text", "", ""},
		{"json", `{"b":1.10,"a":12345678901234567890,"b":"\u4f60"}`, "JSON", "{\n  \"b\": 1.10,\n  \"a\": 12345678901234567890,\n  \"b\": \"\\u4f60\"\n}", ""},
		{"text", "<h1>no</h1>", "text", "<h1>no</h1>", ""},
		{"trailing", `{} x`, "text", "{} x", ""},
		{"deep", deep, "JSON", deep, ""},
		{"bidi in JSON", "{\"a\":\"\u202e\"}", "JSON", "{\n  \"a\": \"\\u202e\"\n}", ""},
		{"bytes", "a\x00\xff", "text", `a\x00\xff`, `Bytes that cannot be shown are written as \x and two digits.`},
		{"bytes in JSON", "\"\xff\"", "text", `"\xff"`, `Bytes that cannot be shown are written as \x and two digits.`},
		{"long", strings.Repeat("éè", 5_000), "text", strings.Repeat("éè", 4096), "Cut: the first 16384 of 20000 bytes are shown."},
		{"run", `{"a":"` + strings.Repeat("a", 300) + `"}`, "JSON", "{\n  \"a\": \"aaaa… (300 times \"a\")\"\n}", "A character that follows itself often is counted."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := showBody(tt.body, 0, 16<<10)
			if b.Kind != tt.kind || b.Text != tt.text || b.Note != tt.note || b.Size != len(tt.body) {
				t.Errorf("got %.300q, %q, %q, %d", b.Text, b.Kind, b.Note, b.Size)
			}
			if dumped := b.Hex != ""; dumped != strings.Contains(b.Note, "written as") {
				t.Errorf("bytes: %q", b.Hex)
			}
		})
	}
}

// No report repeats one character hundreds of times, whether it is of the request, of the
// answer or of what was found.
func TestLongRunsAreCounted(t *testing.T) {
	blanks, dashes := strings.Repeat(" ", 64<<10), strings.Repeat("-", 5000)
	x := &Exchange{Delivery: 1, Attempt: 1, Word: "normal_end", URL: "/cb", Body: blanks, Sent: 4 << 20, Status: 200, Answer: dashes, Verdict: "acked", Good: true}
	f := Finding{Cause: "bad input is acknowledged", Text: "the answer \"" + dashes + "\" has no ErrorCode", Delivery: 1, Attempt: 1, Level: "must"}
	r := &Report{Scenarios: []Result{{Name: "a", Message: f.Text, Findings: []Finding{f}, Status: Failed, Level: "must", History: []Moment{{Exchange: x}}}}}
	terminal := func(opts TerminalOptions) func(io.Writer) error {
		return func(w io.Writer) error { return r.WriteTerminal(w, opts) }
	}
	for name, write := range map[string]func(io.Writer) error{
		"terminal": terminal(TerminalOptions{}), "all failures": terminal(TerminalOptions{All: true}), "verbose": terminal(TerminalOptions{Verbose: true}),
		"HTML": r.WriteHTML, "JUnit": r.WriteJUnit, "annotations": r.WriteAnnotations,
	} {
		t.Run(name, func(t *testing.T) {
			got := written(t, write)
			for _, run := range []string{blanks[:101], dashes[:101]} {
				if strings.Contains(got, run) {
					t.Errorf("%.8q goes on", run)
				}
			}
			want := []string{"----… (5,000 times "}
			if name != "annotations" { // which do not show what was sent
				want = append(want, "… (65,536 spaces)", "the first 65536 of 4194304 bytes")
			}
			for _, w := range want {
				if !strings.Contains(got, w) {
					t.Errorf("no %q in\n%s", w, got)
				}
			}
		})
	}
}

// Laid out JSON means what it meant.
func FuzzShowBody(f *testing.F) {
	f.Add(`{"a":[1,2.50,"x"],"b":{}}`)
	f.Add("\"\x7f\"") // may stand in a JSON string as it is, and has no \x there
	f.Fuzz(func(t *testing.T, body string) {
		b := showBody(body, 0, 16<<10)
		if b.Kind != "JSON" || b.Note != "" {
			return
		}
		var before, after any
		if err := json.Unmarshal([]byte(b.Text), &after); err != nil {
			t.Fatalf("%q became %q: %v", body, b.Text, err)
		}
		if err := json.Unmarshal([]byte(body), &before); err != nil || !reflect.DeepEqual(before, after) {
			t.Errorf("%q became %q", body, b.Text)
		}
	})
}
