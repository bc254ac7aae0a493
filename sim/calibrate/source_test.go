package calibrate_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/fixtures/golden"
	"ringback/sim/calibrate"
	"ringback/sim/recording"
	"ringback/sim/text"
)

// list is what a file says, an exchange a line.
func list(t *testing.T, name string, r io.Reader) string {
	t.Helper()
	var b strings.Builder
	s, err := calibrate.Open(name, r)
	if err != nil {
		t.Fatal(err)
	}
	err = s.Each(func(e *recording.Exchange) error {
		a := &e.Answer
		fmt.Fprintf(&b, "%d, line %d: %s %s %s %.8s, delivery %d, from %s\n", e.N, e.Line, e.At.UTC().Format(time.RFC3339Nano), e.Generation, e.Word, e.Call, e.Delivery, e.Source)
		fmt.Fprintf(&b, "  %s%s\n", strings.ReplaceAll(string(e.Head), "\r\n", "\n  "), e.Body)
		fmt.Fprintf(&b, "  %s after %v %s\n  %s%s\n", a.Outcome, a.Latency, a.Detail, strings.ReplaceAll(string(a.Head), "\r\n", "\n  "), a.Body)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&b, "%s, numbered %v, exact %v, missing %d, %q\n", s.Kind, s.Numbered, s.Exact, s.Missing, s.Flaws)
	return b.String()
}

// The files are as mitmproxy, Chrome and Firefox export them and as an ngrok agent lists
// them, and a log of no one's in particular.
func TestSources(t *testing.T) {
	for _, name := range []string{"mitmproxy.har", "chrome.har", "firefox.har", "ngrok.json", "log.ndjson"} {
		file, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		said := list(t, name, bytes.NewReader(file))
		golden.Compare(t, name+".txt", said)

		for _, packed := range [][]byte{pack(t, file, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }), pack(t, file, func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) })} {
			if diff := cmp.Diff(said, list(t, name, bytes.NewReader(packed))); diff != "" {
				t.Errorf("%s, packed:\n%s", name, diff)
			}
		}
	}
}

func pack(t *testing.T, file []byte, with func(io.Writer) io.WriteCloser) []byte {
	var b bytes.Buffer
	w := with(&b)
	if _, err := w.Write(file); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const journalText = `{"v":1,"kind":"run","version":"0.1.0","seed":1,"epoch":"2026-01-01T00:00:00.000Z","run":"test","dialect":{},"flags":{}}
{"seq":1,"t":"2026-01-01T00:00:00.000Z","kind":"registered","sdkappid":1400000001,"generation":"v1","url":"/cb","typed":true,"words":"all"}
{"seq":2,"t":"2026-01-01T00:00:00.000Z","kind":"callback","call":"rb-test-0001","more":true,"delivery":1,"generation":"v1","via":"v1","word":"caller_start_call","user":"alice","state":"queued","event_time":"2026-01-01T00:00:00.000Z","url":"/cb?sdkappid=1400000001&command=caller_start_call","body":"{\"CallId\":\"rb-test-0001\",\"EventTime\":1767225600}"}
{"seq":3,"t":"2026-01-01T00:00:00.000Z","kind":"attempt","call":"rb-test-0001","delivery":1,"attempt":1}
{"seq":4,"t":"2026-01-01T00:00:02.000Z","kind":"answer","call":"rb-test-0001","delivery":1,"attempt":1,"verdict":{"is":"timeout","reason":"no complete answer in time"},"then":"retry","due":"2026-01-01T00:00:02.000Z"}
{"seq":5,"t":"2026-01-01T00:00:02.000Z","kind":"attempt","call":"rb-test-0001","delivery":1,"attempt":2}
{"seq":6,"t":"2026-01-01T00:00:02.000Z","kind":"answer","call":"rb-test-0001","delivery":1,"attempt":2,"verdict":{"is":"error_code","status":200,"detail":"7","reason":"ErrorCode is 7, want 0"},"body":"{\"ErrorCode\":7}","then":"retry","due":"2026-01-01T00:00:03.000Z"}
{"seq":7,"t":"2026-01-01T00:00:03.000Z","kind":"attempt","call":"rb-test-0001","delivery":1,"attempt":3}
`

// A journal shows its attempts: one that timed out is a client that closes its
// connection, as a recorder sees it.
func TestJournal(t *testing.T) {
	golden.Compare(t, "journal.ndjson.txt", list(t, "journal.ndjson", strings.NewReader(journalText+`{"seq":8,"t":`)))
}

// The exchanges of a recording have its own numbers, those of other files are counted,
// and what is missing or torn is said.
func TestNumbers(t *testing.T) {
	var b []byte
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	b = recording.AppendHeader(b, recording.Header{Target: "http://127.0.0.1:3000/"})
	b = recording.Append(b, &recording.Exchange{N: 1, At: at, Head: []byte("POST / HTTP/1.1\r\n\r\n"), Body: []byte("{}"), Delivery: 1})
	b = recording.Append(b, &recording.Exchange{N: 3, At: at, Head: []byte("POST / HTTP/1.1\r\n\r\n"), Body: []byte("{}"), Delivery: 1})
	log := `{"url":"/cb?command=x","body":{"CallId":"7"}}` + "\n"
	var got []string
	for _, f := range []string{string(b), log, string(b) + "torn", log} {
		in, err := calibrate.Open("file", strings.NewReader(f))
		if err != nil {
			t.Fatal(err)
		}
		if err := in.Each(func(e *recording.Exchange) error {
			got = append(got, fmt.Sprintf("%d of %d", e.N, e.Delivery))
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(in.Missing, in.Flaws))
	}
	want := []string{
		"1 of 1", "3 of 1", "1 [2 exchanges without an end: the file ends before it, or the recorder was killed]", "1 of 1", "0 []",
		"1 of 1", "3 of 1", "1 [4 bytes of a torn last line left out 2 exchanges without an end: the file ends before it, or the recorder was killed]", "1 of 1", "0 []",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Errors name the file and the line, and show what was expected.
func TestWrongFiles(t *testing.T) {
	const entry = `{"startedDateTime":"2026-01-01T00:00:00Z","time":1,"request":{"method":"POST","url":"/"}}`
	for _, c := range []struct{ file, want string }{
		{"", "f: it is empty: want a recording of ringback record, a journal, a HAR file"},
		{"\n \n", "f: it is empty"},
		{"<html>", `f: it begins with "<html>": want a recording`},
		{`[{"url":"/"}]`, `f: it begins with "[{\"url\":\"/\"}]": want a recording`},
		{"\x1f\x8b\x00\x00", "f: "},
		{`{"a":1}` + "\n", `f: line 1: url is missing: want a JSON object like {"time":"2026`},
		{`{"url":"/"}` + "\n\nx\n", `f: line 3: "x": want a JSON object like`},
		{`{"url":"/","time":"yesterday"}` + "\n", `f: line 1: time "yesterday": want a time like 2026-01-01T00:00:00.000Z, or seconds or milliseconds`},
		{`{"url":"/","time":-4}` + "\n", `f: line 1: time "-4": want`},
		{`{"url":"/","body":7}` + "\n", `f: line 1: body "7": want a text or a JSON object`},
		{`{"url":"/","response":true}` + "\n", `f: line 1: response "true": want a text or a JSON object`},
		{`{"url":"/","headers":["a"]}` + "\n", `f: line 1: headers "[\"a\"]": want an object like`},
		{`{"url":"/","headers":{"a":1}}` + "\n", `f: line 1: headers "{\"a\":1}": want an object like`},
		{`{"url":"/","status":"ok"}` + "\n", `f: line 1: status is of the JSON type string: want a JSON object like`},
		{`{"log":{"version":"1.2"}}`, "f: line 1: entries is missing"},
		{`{"log":{"entries":{}}}`, "f: line 1: entries: want ["},
		{"{\"log\":{\n\"entries\":[\n" + entry + ",\n{}]}}", "f: line 4: entries[1]: request.url is missing: want the address"},
		{"{\"log\":{\n\"entries\":[\n" + strings.Replace(entry, "2026-01", "x", 1), `f: line 3: entries[0]: startedDateTime "x-01T00:00:00Z": want a time like`},
		{"{\"log\":{\n\"entries\":[\n" + entry, "f: line 3: the HAR file ends here, before its last bracket: it was cut short"},
		{"{\"log\":{\n\"entries\":[\n" + entry + "\n,{]", "f: line 4: entries[1]: no JSON: invalid character ']'"},
		{"{\"log\":{\n\"entries\":[\n" + strings.Replace(entry, `"/"`, `"/","postData":{"text":"é","encoding":"latin1"}`, 1), `f: line 3: entries[0]: request.postData.text: encoding "latin1": want base64 or none`},
		{`{"requests":[{"start":"2026-01-01T00:00:00Z"}]}`, "f: line 1: requests[0]: request.raw is missing: want the request's bytes in base64"},
		{`{"requests":[{"start":"2026-01-01T00:00:00Z","request":{"raw":"aGk="},"response":{"raw":"aGk="}}]}`, "f: line 1: requests[0]: response.raw: its first line has no status"},
		{`{"v":1,"kind":"recording","version":"","target":""}` + "\n" + `{"n":0,"kind":"exchange","part":"request"}` + "\n", "f: line 2: "},
		{`{"v":1,"kind":"run","run":"x","seed":1}` + "\n{}\n", "f: journal: line 2: "},
	} {
		s, err := calibrate.Open("f", strings.NewReader(c.file))
		if err == nil {
			err = s.Each(func(*recording.Exchange) error { return nil })
		}
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%.60q: %v, want %s", c.file, err, c.want)
		}
	}
	// An error of who reads is returned as it is.
	mine := errors.New("enough")
	s, err := calibrate.Open("f", strings.NewReader(`{"url":"/"}`))
	if err == nil {
		err = s.Each(func(*recording.Exchange) error { return mine })
	}
	if err != mine { //nolint:errorlint // it must be the same
		t.Errorf("%v, want %v", err, mine)
	}
}

// Whatever a file holds, it is read or refused, its exchanges are numbered in order and
// have a head that ends, and it can be calibrated and anonymized.
func FuzzSources(f *testing.F) {
	for _, name := range []string{"mitmproxy.har", "chrome.har", "firefox.har", "ngrok.json", "log.ndjson"} {
		file, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file)
		f.Add(file[:len(file)/2])
	}
	f.Add([]byte(journalText))
	f.Add([]byte(`{"url":"/","time":7,"status":200,"took_ms":1e300}`))
	f.Add([]byte(`{"v":1,"kind":"recording","version":"","target":""}` + "\n" + `{"n":1,"t":"9999-01-01T00:00:00Z","kind":"exchange","part":"request","cut":9223372036854775807,"more":true}` + "\n" +
		`{"n":1,"t":"0002-01-01T00:00:00Z","kind":"exchange","part":"request","cut":9223372036854775807}` + "\n" + `{"n":1,"t":"9999-01-01T00:00:00Z","kind":"exchange","part":"answer","latency_us":9223372036854775807}` + "\n"))
	f.Add([]byte(`{"v":1,"kind":"recording","version":"","target":""}` + "\n" + `{"n":1,"t":"2026-01-01T00:00:00Z","kind":"exchange","part":"request","head":"POST / HTTP/1.1\r\n\r\n"}` + "\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		s, err := calibrate.Open("f", bytes.NewReader(file))
		if err != nil {
			return
		}
		last, n, shared := int64(0), 0, []byte(nil)
		c, a := calibrate.New(calibrate.Options{}), calibrate.NewAnonymizer([32]byte{})
		_ = c.Read(s, func(s *calibrate.Source, e *recording.Exchange) error {
			shared, n = a.Append(shared, s, e), n+1
			if e.N <= last && s.Kind != calibrate.Recording {
				t.Errorf("exchange %d after %d", e.N, last)
			}
			last = e.N
			if s.Kind == calibrate.HAR || s.Kind == calibrate.Log || s.Kind == calibrate.Journal {
				if n := bytes.Count(e.Head, []byte("\r\n\r\n")); n != 1 || !bytes.HasSuffix(e.Head, []byte("\r\n\r\n")) {
					t.Errorf("a head with %d ends: %q", n, e.Head)
				}
				if method, target, protocol := e.RequestLine(); method == "" && protocol == "" || !strings.HasPrefix(target, "/") {
					t.Errorf("a head that begins with %q %q %q", method, target, protocol)
				}
			}
			return nil
		})
		if err := c.Report().Print(io.Discard, text.Style{}); err != nil {
			t.Error(err)
		}
		asJSON(t, c.Report())
		if n == 0 {
			return
		}
		if s, err = calibrate.Open("shared", bytes.NewReader(shared)); err == nil {
			err = s.Each(func(*recording.Exchange) error { n--; return nil })
		}
		if err != nil || n != 0 {
			t.Errorf("%v, %d left out of %q", err, n, shared)
		}
	})
}
