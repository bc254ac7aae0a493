package recording_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/recording"
	"ringback/sim/wire"
)

var (
	header = string(recording.AppendHeader(nil, recording.Header{Version: "0.2.0", Target: "http://127.0.0.1:3000/cb?token=hush"}))
	start  = time.Date(2026, 1, 31, 23, 59, 59, 123_456_000, time.UTC)
)

// readAll reads a recording to its end.
func readAll(t *testing.T, file string) (list []*recording.Exchange, flaws recording.Flaws, err error) {
	t.Helper()
	r := recording.NewReader(strings.NewReader(file))
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			return list, r.Flaws(), nil
		}
		if err != nil {
			return list, r.Flaws(), err
		}
		list = append(list, e)
	}
}

// exchanges are one of each kind.
func exchanges() []*recording.Exchange {
	ms := func(n int) time.Time { return start.Add(time.Duration(n) * time.Millisecond) }
	callback := &recording.Exchange{
		N: 1, Line: 2, At: ms(0), Source: "10.0.0.9:40112", Conn: 1,
		Head: []byte("POST /cb?token=hush&SdkAppid=1400000001&CallbackCommand=Call.CallbackAfterEndCall HTTP/1.1\r\nHost: h\r\nX-\xff: \x00\x7f\u2028é\r\n\r\n"),
		Body: []byte(`{"CallbackCommand":"Call.CallbackAfterEndCall","CallRecord":{"CallId":"a\"b"},"EventTime":1}`), Delivery: 1,
		Callback: recording.Callback{Generation: wire.V4, Word: "Call.CallbackAfterEndCall", Call: `a"b`, App: "1400000001"},
		Answer: recording.Answer{
			Line: 3, At: ms(2), Ended: ms(2), Latency: 1500 * time.Microsecond,
			Interim: []byte("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\nA: b\n\n"), Head: []byte("HTTP/1.1 200 OK\r\n\r\n"),
			Body: []byte("\"\\\r\n\t\b é"), Outcome: recording.Answered,
		},
	}
	chunked := &recording.Exchange{
		N: 2, Line: 4, At: ms(3), Source: "10.0.0.9:40113", Conn: 2, Head: []byte("PUT / HTTP/1.1\r\n\r\n"), Cut: 5, Delivery: 2,
		Body: []byte("hello world"), Coded: []byte("5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nT: 1\r\n\r\n"),
		Answer: recording.Answer{Line: 5, At: ms(4), Ended: ms(9), Head: []byte("HTTP/1.1 200 OK\r\n\r\n"), Body: []byte("ab"), Coded: []byte("3\r\nab"), Outcome: "cut_short", Detail: "it ends"},
	}
	refused := &recording.Exchange{
		N: 3, Line: 7, At: ms(10), Head: []byte("GET /health HTTP/1.1\r\n\r\n"), Body: nil, Unfinished: true,
		Answer: recording.Answer{Line: 8, At: ms(11), Ended: ms(11), Outcome: "refused", Detail: "127.0.0.1:3000"},
	}
	open := &recording.Exchange{N: 4, Line: 9, At: ms(12), Head: []byte("GET / HTTP/1.1\r\n\r\n")}
	return []*recording.Exchange{callback, chunked, refused, open}
}

func file(list []*recording.Exchange) string {
	b := []byte(header)
	for _, e := range list {
		b = recording.Append(b, e)
	}
	return string(b)
}

// same compares exchanges; an empty part and none are the same.
func same(t *testing.T, want, got any) {
	t.Helper()
	empty := cmp.FilterValues(func(a, b []byte) bool { return len(a) == 0 && len(b) == 0 }, cmp.Comparer(func(a, b []byte) bool { return true }))
	if diff := cmp.Diff(want, got, empty); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// What is written is read again, to the byte.
func TestRoundTrip(t *testing.T) {
	want := exchanges()
	got, flaws, err := readAll(t, file(want))
	if err != nil {
		t.Fatal(err)
	}
	same(t, want, got)
	same(t, recording.Flaws{Lost: 1, Line: 9}, flaws)
	if !recording.Begins([]byte(header)) || recording.Begins([]byte(`{"v":1,"kind":"run"}`)) {
		t.Error("a recording is known by its first line")
	}
}

// A line that another program wrote means the same.
func TestOtherForm(t *testing.T) {
	want := exchanges()[:3]
	text := file(want)
	for _, form := range [][2]string{{",", ", "}, {`"more":true`, `"more": true,"more":true`}, {`/`, `\/`}, {"\n", "\r\n\n"}, {`}` + "\n", `,"since":"a later version","x":[{"y":1}]}` + "\n"}} {
		var lines []string
		for line := range strings.Lines(text) {
			if strings.Contains(line, `"head":`) && form[0] != "\n" && form[0] != "}\n" {
				line = strings.Replace(line, `"head"`, ` "head"`, 1)
			}
			if form[0] == "\n" || form[0] == "}\n" {
				line = strings.Replace(line, form[0], form[1], 1)
			}
			lines = append(lines, line)
		}
		got, flaws, err := readAll(t, strings.Join(lines, ""))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range got {
			e.Line, e.Answer.Line = 0, 0
		}
		plain := exchanges()[:3]
		for _, e := range plain {
			e.Line, e.Answer.Line = 0, 0
		}
		same(t, plain, got)
		same(t, recording.Flaws{}, flaws)
	}
}

// What comes in pieces is put together.
func TestPieces(t *testing.T) {
	at := start
	b := []byte(header)
	b = recording.AppendRequest(b, &recording.Exchange{N: 1, At: at, Conn: 3, Source: "s", Head: []byte("POST /?command=call_end&sdkapp")}, true)
	b = recording.AppendRequest(b, &recording.Exchange{N: 2, At: at, Head: []byte("GET / HTTP/1.1\r\n\r\n")}, false)
	b = recording.AppendAnswer(b, 2, at, &recording.Answer{Head: []byte("HTTP/1.1 100 Co")}, true)
	b = recording.AppendAnswer(b, 1, at, &recording.Answer{Head: []byte("HTTP/1.1 400 No\r\n\r\n"), Outcome: recording.Answered}, false) // before the request is whole
	b = recording.AppendRequest(b, &recording.Exchange{N: 1, At: at, Head: []byte("id=5 HTTP/1.1\r\n\r\n"), Coded: []byte("2\r\na")}, true)
	b = recording.AppendAnswer(b, 2, at.Add(time.Second), &recording.Answer{Head: []byte("ntinue\r\n\r\nHTTP/1.1 200\r\n\r\n"), Body: []byte("ab")}, true)
	b = recording.AppendAnswer(b, 2, at.Add(2*time.Second), &recording.Answer{Body: []byte("c"), Cut: 7, Outcome: recording.Answered}, false)
	b = recording.AppendRequest(b, &recording.Exchange{
		N: 1, At: at, Coded: []byte("b\r\n0\r\n\r\n"), Delivery: 1,
		Callback: recording.Callback{Generation: wire.V1, Word: "call_end"},
	}, false)
	got, flaws, err := readAll(t, string(b))
	if err != nil {
		t.Fatal(err)
	}
	same(t, recording.Flaws{}, flaws)
	same(t, []*recording.Exchange{
		{
			N: 1, Line: 2, At: at, Conn: 3, Source: "s", Head: []byte("POST /?command=call_end&sdkappid=5 HTTP/1.1\r\n\r\n"),
			Body: []byte("ab"), Coded: []byte("2\r\nab\r\n0\r\n\r\n"), Delivery: 1, Callback: recording.Callback{Generation: wire.V1, Word: "call_end"},
			Answer: recording.Answer{Line: 5, At: at, Ended: at, Head: []byte("HTTP/1.1 400 No\r\n\r\n"), Outcome: recording.Answered},
		},
		{
			N: 2, Line: 3, At: at, Head: []byte("GET / HTTP/1.1\r\n\r\n"),
			Answer: recording.Answer{
				Line: 4, At: at, Ended: at.Add(2 * time.Second), Interim: []byte("HTTP/1.1 100 Continue\r\n\r\n"), Head: []byte("HTTP/1.1 200\r\n\r\n"),
				Body: []byte("abc"), Cut: 7, Outcome: recording.Answered,
			},
		},
	}, got)
}

// What disks, editors and people do to a file is said, and nothing is made up.
func TestFlaws(t *testing.T) {
	list := exchanges()[:3]
	whole := file(list)
	lines := strings.SplitAfter(whole, "\n")
	without := func(i int) string { return strings.Join(append(append([]string{}, lines[:i]...), lines[i+1:]...), "") }
	for name, test := range map[string]struct {
		file string
		want recording.Flaws
		n    []int64
	}{
		"whole":             {whole, recording.Flaws{}, []int64{1, 2, 3}},
		"a torn tail":       {whole[:len(whole)-20], recording.Flaws{Torn: int64(len(lines[7]) - 20), Lost: 1, Line: 8}, []int64{1, 2, 3}},
		"no request":        {without(1), recording.Flaws{Missing: 1, Orphans: 1, Line: 2}, []int64{2, 3}},
		"no answer":         {without(2), recording.Flaws{Lost: 1, Line: 7}, []int64{1, 2, 3}},
		"an answer twice":   {strings.Join(append(lines[:3:3], lines[2:]...), ""), recording.Flaws{Orphans: 1, Line: 4}, []int64{1, 2, 3}},
		"a request twice":   {strings.Join(append(lines[:3:3], lines[1:]...), ""), recording.Flaws{Repeated: 1, Orphans: 1, Line: 4}, []int64{1, 2, 3}},
		"two in one":        {whole + whole, recording.Flaws{Joined: 1, Line: 9}, []int64{1, 2, 3, 4, 5, 6}},
		"of a later kind":   {whole + `{"kind":"weather","n":7}` + "\n", recording.Flaws{Unknown: 1, Line: 9}, []int64{1, 2, 3}},
		"the header alone":  {header, recording.Flaws{}, nil},
		"lost by a restart": {without(2) + `{"n":1,"t":"2026-01-01T00:00:00Z","kind":"exchange","part":"answer","outcome":"lost"}` + "\n", recording.Flaws{Lost: 1, Line: 8}, []int64{1, 2, 3}},
	} {
		got, flaws, err := readAll(t, test.file)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var n []int64
		for _, e := range got {
			n = append(n, e.N)
		}
		if diff := cmp.Diff(test.n, n); diff != "" {
			t.Errorf("%s: numbers: %s", name, diff)
		}
		if diff := cmp.Diff(test.want, flaws); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
		if flaws.Any() != (flaws != recording.Flaws{}) {
			t.Errorf("%s: %+v", name, flaws)
		}
	}
	for text, want := range map[string]string{
		"":                                   "line 1: want a recording",
		"hello\n":                            "line 1: want a recording",
		`{"v":1,"kind":"run"}` + "\n":        "line 1: want a recording",
		strings.TrimSpace(header):            "line 1: want a recording",
		strings.Replace(header, "1", "2", 1): "line 1: recording format 2: this Ringback reads format 1",
		header + "{\n":                       "line 2: want a line of a recording in JSON",
		header + `{"n":0,"kind":"exchange","part":"request"}` + "\n": "line 2: want n from 1, and no negative numbers",
		whole + strings.Replace(header, "1", "2", 1):                 "line 9: recording format 2",
		header + strings.Repeat(" ", 65<<20):                         "line 2: it is longer than 64 MiB, the most that is read",
	} {
		_, _, err := readAll(t, text)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.40q: %v, want %s", text, err, want)
		}
	}
}

// An exchange that has no end for long does not hold the others up, whose memory would
// grow: it comes when it has one.
func TestLate(t *testing.T) {
	const n = 30_000
	b := []byte(header)
	request := func(n int64) {
		b = recording.AppendRequest(b, &recording.Exchange{N: n, At: start, Head: []byte("GET / HTTP/1.1\r\n\r\n")}, false)
	}
	answer := func(n int64) {
		b = recording.AppendAnswer(b, n, start, &recording.Answer{Head: []byte("HTTP/1.1 200 OK\r\n\r\n"), Outcome: recording.Answered}, false)
	}
	request(1)
	for i := int64(2); i < n; i++ {
		request(i)
		answer(i)
	}
	answer(1)
	request(n)
	answer(n)
	got, flaws, err := readAll(t, string(b))
	if err != nil || flaws.Any() || len(got) != n {
		t.Fatalf("%d, %+v, %v", len(got), flaws, err)
	}
	want := int64(2)
	for i, e := range got {
		switch {
		case i == n-2 && e.N == 1:
			want--
		case e.N != want:
			t.Fatalf("%d is number %d, want %d", i, e.N, want)
		}
		want++
	}

	b = []byte(header) // and requests that never have an end are not kept for ever
	for i := range int64(200_000) {
		request(i + 1)
	}
	r := recording.NewReader(bytes.NewReader(b))
	e, err := r.Next()
	if err != nil || e.N != 1 || r.Lines() > 50_000 {
		t.Errorf("%+v, %v after %d lines", e, err, r.Lines())
	}
}

func TestRecognize(t *testing.T) {
	for _, test := range []struct {
		line, body string
		want       recording.Callback
	}{
		{"POST /cb?sdkappid=1400000001&command=call_end&contenttype=json HTTP/1.1", `{"CallId":"c","CallResult":"normal_end"}`, recording.Callback{Generation: wire.V1, Word: "normal_end", Call: "c", App: "1400000001"}},
		{"POST /cb?sdkappid=1&command=call_end HTTP/1.1", `{"CallId":"c","CallResult":"Normal_end"}`, recording.Callback{Generation: wire.V1, Word: "normal_end", Call: "c", App: "1"}},
		{"POST /cb?sdkappid=1&command=reject HTTP/1.1", `{"CallId":"c"}`, recording.Callback{Generation: wire.V1, Word: "reject", Call: "c", App: "1"}},
		{"POST /cb?sdkappid=1&command=caller_start_call HTTP/1.1", `{"CallId":"c\u0041\"","CallResult":""}`, recording.Callback{Generation: wire.V1, Word: "caller_start_call", Call: `cA"`, App: "1"}},
		{"POST /cb?sdkappid=1&command=caller_sneezed HTTP/1.1", `{"CallId":"c"}`, recording.Callback{Generation: wire.V1, Word: "caller_sneezed", Call: "c", App: "1"}},
		{"POST /?SdkAppid=2&CallbackCommand=Call.CallbackAfterStartCall HTTP/1.1", `{"CallInfo":{"x":[1,{"CallId":"no"}],"CallId":"c"}}`, recording.Callback{Generation: wire.V4, Word: "Call.CallbackAfterStartCall", Call: "c", App: "2"}},
		{"POST /?SdkAppid=2 HTTP/1.1", `{"CallbackCommand":"Call.CallbackAfterEndCall","CallRecord":{"CallId":"c"}}`, recording.Callback{Generation: wire.V4, Word: "Call.CallbackAfterEndCall", Call: "c", App: "2"}},
		{"POST /?CallbackCommand=State%2EStateChange&a HTTP/1.1", `{"CallId":"c`, recording.Callback{Generation: wire.V4, Word: "State.StateChange"}},
		{"GET /cb?sdkappid=1&command=call_end HTTP/1.1", "", recording.Callback{}},
		{"POST /cb?command=make HTTP/1.1", "{}", recording.Callback{}},
		{"POST /cb HTTP/1.1", `{"CallId":"c"}`, recording.Callback{}},
		{"hello", "", recording.Callback{}},
	} {
		e := recording.Exchange{Head: []byte(test.line + "\r\nHost: h\r\n\r\n"), Body: []byte(test.body)}
		if diff := cmp.Diff(test.want, e.Recognize()); diff != "" {
			t.Errorf("%s %s: -want +got:\n%s", test.line, test.body, diff)
		}
	}
}

// The same bytes are the same delivery, also when they are signed anew.
func TestDeliveries(t *testing.T) {
	var known recording.Deliveries
	n := int64(0)
	first := func(target, body string) int64 {
		n++
		return known.First(&recording.Exchange{N: n, Head: []byte("POST " + target + " HTTP/1.1\r\nX-Attempt: " + fmt.Sprint(n) + "\r\n\r\n"), Body: []byte(body)})
	}
	for _, test := range []struct {
		target, body string
		want         int64
	}{
		{"/cb?a=1", "x", 1},
		{"/cb?a=1", "x", 1},
		{"/cb?a=1", "y", 3},
		{"/cb?a=2", "x", 4},
		{"/cb?a=1", "", 0},
		{"/cb?a=1&Sign=abc&RequestTime=1", "x", 1},
		{"/cb?a=1", "x", 1},
	} {
		if got := first(test.target, test.body); got != test.want {
			t.Errorf("%+v is %d", test, got)
		}
	}
	for i := range 150_000 {
		first("/", fmt.Sprint(i))
	}
	if got := first("/", "60000"); got != 8+60_000 {
		t.Errorf("one of the latest is %d", got)
	}
}

func TestMessage(t *testing.T) {
	e := recording.Exchange{Head: []byte("POST /a?b=c HTTP/1.1\r\nHost: h\r\nX: 1\r\nx:  2 \r\n\r\n")}
	method, target, protocol := e.RequestLine()
	if method != "POST" || target != "/a?b=c" || protocol != "HTTP/1.1" || string(e.Query()) != "b=c" || recording.Field(e.Head, "x") != "1" {
		t.Error(method, target, protocol, string(e.Query()))
	}
	var fields []string
	for name, value := range recording.Fields(e.Head) {
		fields = append(fields, name+"="+value)
	}
	if diff := cmp.Diff([]string{"Host=h", "X=1", "x=2"}, fields); diff != "" {
		t.Error(diff)
	}
	for head, want := range map[string]int{"HTTP/1.1 204\r\n\r\n": 204, "HTTP/1.0 200 OK\n\n": 200, "": 0, "HTTP/1.1 x\r\n": 0, "HTTP/1.1 99 OK\r\n": 0} {
		if got := (&recording.Answer{Head: []byte(head)}).Status(); got != want {
			t.Errorf("%q: %d", head, got)
		}
	}
}

// FuzzReader reads anything: what it hands on can be written and read again, and
// says the same.
func FuzzReader(f *testing.F) {
	whole := file(exchanges())
	f.Add([]byte(whole))
	f.Add([]byte(whole[:len(whole)/2] + whole))
	f.Add([]byte(strings.ReplaceAll(whole, ",", " ,")))
	f.Fuzz(func(t *testing.T, data []byte) {
		first, _, err := readAll(t, string(data))
		if err != nil {
			return
		}
		var kept []*recording.Exchange
		for _, e := range first {
			if e.Joined > 0 || e.At.Year() < 1 || e.Answer.At.Year() < 1 || e.At.Year() > 9999 || e.Answer.Ended.Year() > 9999 {
				return
			}
			if e.Answer.Outcome != recording.Unknown {
				e.Line, e.Answer.Line = 0, 0
				e.At, e.Answer.At, e.Answer.Ended = e.At.Truncate(time.Microsecond), e.Answer.At.Truncate(time.Microsecond), e.Answer.Ended.Truncate(time.Microsecond)
				kept = append(kept, e)
			}
		}
		again, _, err := readAll(t, file(kept))
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, file(kept))
		}
		if len(again) != len(kept) {
			t.Fatalf("%d exchanges, %d again\n%s", len(kept), len(again), file(kept))
		}
	})
}
