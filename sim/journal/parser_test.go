package journal_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ringback/sim/journal"
)

// linesOf are the lines of the journals that the tests have.
func linesOf(t testing.TB) (lines [][]byte) {
	t.Helper()
	for _, pattern := range []string{"../store/testdata/*.ndjson", "../../fixtures/damage/testdata/*.ndjson"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, bytes.Split(data, []byte("\n"))...)
		}
	}
	return append(lines, unusual...)
}

// unusual are lines which a reader of the usual form alone would get wrong.
var unusual = [][]byte{
	[]byte(`{"seq":5,"t":"2026-01-01T00:00:00.000Z","kind":"attempt","call":"a","delivery":1,"attempt":1}` + "\n"),
	[]byte(`{"seq":5,"t":"2026-01-01T00:00:00.000Z","kind":"attempt","call":"a","delivery":1,"attempt":1,"attempt":2}`),
	[]byte(`{"seq":05,"t":"2026-01-01T00:00:00.000Z","kind":"attempt","call":"a","delivery":1,"attempt":1}`),
	[]byte(`{"seq":5,"t":"2026-01-01T00:00:00Z","kind":"attempt","call":"a","delivery":1,"attempt":1}`),
	[]byte(`{"seq":5,"t":"2026-01-01T00:00:00.000+01","kind":"attempt","call":"a","delivery":1,"attempt":1}`),
	[]byte(`{"seq":5,"t":"2026-01-01T00:00:00.000Z","kind":"attempt","call":"\u0061","delivery":1,"attempt":1e0}`),
	[]byte(`{"seq":5,"t":"2026-01-01T00:00:00.000Z","kind":"attempt","call":"a","delivery":99999999999999999999,"attempt":1}`),
	[]byte(`{"seq":5,"t":"2026-01-01T00:00:00.000Z","kind":"accepted","call":"a","by":"b","first":true,"step":1,"new":7}`),
	[]byte(`{"seq":5,"t":"2026-01-01T00:00:00.000Z","kind":"accepted","call":"a","by":"b` + "\x01" + `"}`),
	[]byte(`{"seq":5,"t":"2026-01-01T00:00:00.000Z","kind":"ended","call":"a","result":"nonsense"}`),
	[]byte(`{"seq":5,"t":"2026-01-01T00:00:00.000Z","kind":"timed_out","call":"a","users":["b","c"],"step":2}`),
	[]byte(`{"seq":5,"t":"2026-01-01T00:00:00.000Z","kind":"answer","call":"a","delivery":1,"attempt":1,"verdict":{"is":"timeout","reason":"x"},"then":"retry","due":"2026-01-01T00:00:01.000Z"}`),
	[]byte(`{"seq":5,"t":"2026-01-01T00:00:00.000Z","kind":"answer","call":"a","delivery":1,"attempt":1,"verdict":{"is":"acked","status":200,"reason":"x"},"body":"{\"a\":\"\\n\u00e4\"}\n","then":"acked","took_us":12}`),
	[]byte(`{"seq":5,"t":"2026-01-01T00:00:00.000Z","kind":"answer","call":"a","delivery":1,"attempt":1,"verdict":{"is":"acked","status":200,"reason":"x"},"body":"\ta\q","then":"acked"}`),
	[]byte(`{"seq":5,"t":"2026-01-01T00:00:00.000Z","kind":"answer","call":"a","delivery":1,"attempt":1,"verdict":{"is":"acked","status":200,"reason":"x"},"body":"` + "\xff" + `\\","then":"acked"}`),
	[]byte(`{"seq":5,"t":"2026-01-01T00:00:00.000Z","kind":"answer","call":"a","delivery":1,"attempt":1,"verdict":{"is":"acked","status":200,"reason":"x"},"body":{"base64":"/w=="},"then":"acked"}`),
	[]byte(`{"seq":5,"t":"2026-01-01T00:00:00.000Z","kind":"callback","call":"a","delivery":1,"generation":"v1","word":"normal_end","faults":["a","b"],"state":"waiting","due":"2026-01-01T00:00:01.000Z","event_time":"2026-01-01T00:00:00.000Z","url":"/","body":""}`),
	[]byte(`{"seq":5,"t":"2026-01-01T00:00:00.000Z","kind":"callback","call":"a","delivery":1,"generation":"v9","word":"normal_end","state":"queued","event_time":"2026-01-01T00:00:00.000Z","url":"/","body":""}`),
	[]byte(`{"seq":5`), []byte(`{`), nil,
}

// FuzzParser: a parser reads what ParseLine reads, whatever the line is.
func FuzzParser(f *testing.F) {
	for _, l := range linesOf(f) {
		f.Add(l)
	}
	var p journal.Parser
	f.Fuzz(func(t *testing.T, line []byte) {
		want, wantErr := journal.ParseLine(line)
		again := bytes.Clone(line)
		got, err := p.Parse(again)
		clear(again) // its memory is the caller's
		if (err == nil) != (wantErr == nil) || err != nil && err.Error() != wantErr.Error() {
			t.Fatalf("%q: got error %v, want %v", line, err, wantErr)
		}
		if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%q (-want +got):\n%s", line, d)
		}
	})
}

// TestParserKnowsUsualLines: lines as journals have them are read by heart, which shows in
// that their CallIds are the same memory.
func TestParserKnowsUsualLines(t *testing.T) {
	usual := map[string]int{}
	for _, l := range linesOf(t) {
		e, err := journal.ParseLine(l)
		if err != nil || e == nil || e.Call == "" {
			continue
		}
		var p journal.Parser
		a, errA := p.Parse(l)
		b, errB := p.Parse(l)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if unsafe.StringData(a.Call) == unsafe.StringData(b.Call) {
			usual[a.Kind()]++
		}
	}
	for _, kind := range []string{"callback", "attempt", "answer", "ringing", "accepted", "rejected", "left", "ended"} {
		if usual[kind] == 0 {
			t.Errorf("no line %s is known by heart", kind)
		}
	}
}
