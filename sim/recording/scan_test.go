package recording

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/journal"
	"ringback/sim/wire"
)

// FuzzScan: a line that scan reads means what encoding/json says that it means.
func FuzzScan(f *testing.F) {
	e := &Exchange{
		N: 12, At: time.Date(2026, 2, 28, 23, 59, 59, 999_999_000, time.UTC), Source: "[::1]:1", Conn: 3, Delivery: 7, Cut: 9, Unfinished: true,
		Head: []byte("POST / HTTP/1.1\r\n\t\"\\\x00\x7f é\u2028"), Coded: []byte("2\r\n"), Callback: Callback{wire.V4, "w", "c", "1"},
	}
	f.Add(AppendRequest(nil, e, false))
	e.Coded, e.Body, e.At = nil, []byte("\xff"), time.Date(2028, 2, 29, 0, 0, 0, 0, time.UTC)
	f.Add(AppendRequest(nil, e, true))
	f.Add(AppendAnswer(nil, 1, e.At, &Answer{Latency: time.Second, Head: []byte("\b\f\u00ff"), Outcome: Answered, Detail: "x"}, false))
	f.Add([]byte(`{"n":01}`))
	f.Add([]byte(`{"t":"2026-02-29T00:00:00.000000Z"}`))
	f.Add([]byte(`{"coded":"\u00FF","coded":""}`))
	f.Add([]byte(`{"kind":"exchange","part":"answer","outcome":"\/\u0041"}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		line = bytes.TrimSpace(line)
		var fast, slow entry
		if _, ok := fast.scan(line, nil); !ok {
			return
		}
		if err := json.Unmarshal(line, &slow); err != nil {
			t.Fatalf("scan reads %q: %v", line, err)
		}
		if diff := cmp.Diff(slow, fast, cmp.Comparer(func(a, b journal.Text) bool { return string(a) == string(b) })); diff != "" {
			t.Errorf("%s: -encoding/json +scan:\n%s", line, diff)
		}
	})
}

// What this package writes is read without encoding/json, but for bytes that are no text.
func TestScans(t *testing.T) {
	e := &Exchange{N: 1, At: time.Now(), Conn: 1, Source: "s", Head: []byte("POST /\r\n\x00\"\\é"), Body: []byte("{}"), Delivery: 1, Callback: Callback{wire.V1, "w", "c", "1"}}
	for _, line := range [][]byte{
		AppendRequest(nil, e, true),
		AppendAnswer(nil, 1, e.At, &Answer{Latency: 1000, Head: []byte("HTTP/1.1 200\r\n"), Body: []byte("\x7f\t"), Cut: 1, Outcome: Answered, Detail: "d"}, false),
	} {
		if _, ok := new(entry).scan(bytes.TrimSpace(line), nil); !ok {
			t.Errorf("%s", line)
		}
	}
}

// FuzzContent: what is read of a body is what its tokens are.
func FuzzContent(f *testing.F) {
	for _, body := range []string{
		`{"CallId":"c","CallResult":"normal_end"}`, `{"CallInfo":{"x":[1,{"CallId":"no"}],"CallId":"c"},"CallbackCommand":"a\u0041"}`,
		`{"CallRecord" : {"CallId"	:
"c"}, "CallResult" :null}`, `{"CallId":{"CallId":"d"},"a":["CallId",{"CallInfo":{"CallId":"e"}}]}`, `{"x":"\"CallId\":","CallId":"\ud800"}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if !json.Valid(body) || bytes.Contains(body, []byte(`\u00`)) || strings.Count(string(body), "{")+strings.Count(string(body), "[") > 15 {
			return // keys with escapes are no keys of ours
		}
		var want content
		values, _ := wire.Values(body)
		for _, v := range values {
			text := body[v.From:v.To]
			if text[0] == '"' && body[bytes.IndexFunc(body, func(r rune) bool { return !strings.ContainsRune(" \t\r\n", r) })] != '"' {
				want.note([]byte(v.In), []byte(v.Key), text[1:len(text)-1])
			}
		}
		if diff := cmp.Diff(want, read(body), cmp.AllowUnexported(content{})); diff != "" {
			t.Errorf("%s: -tokens +read:\n%s", body, diff)
		}
	})
}

func BenchmarkReader(b *testing.B) {
	e := &Exchange{
		At: time.Now(), Conn: 1, Source: "127.0.0.1:40112",
		Head:     []byte("POST /cb?sdkappid=1400000001&command=call_end&contenttype=json&clientip=127.0.0.1&optplatform=iOS HTTP/1.1\r\nHost: 127.0.0.1:3000\r\nUser-Agent: x\r\nContent-Type: application/json\r\nContent-Length: 264\r\n\r\n"),
		Body:     []byte(`{"UserId":"alice","RoomId":"460185761","TotalNum":2,"MediaType":"audio","CallType":"single","CallId":"bf129f8f-b089-4bc7-ada5-54a6605ef159","Role":"caller","Event":"start_call","CallResult":"","EventTime":1767225600,"StartCallTs":1767225600,"AcceptTs":0,"EndTs":0}`),
		Callback: Callback{wire.V1, "caller_start_call", "bf129f8f-b089-4bc7-ada5-54a6605ef159", "1400000001"}, Delivery: 1,
		Answer: Answer{Latency: time.Millisecond, Head: []byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 40\r\n\r\n"), Body: []byte(`{"ErrorCode":0,"ErrorMessage":"Success"}`), Outcome: Answered},
	}
	file := AppendHeader(nil, Header{})
	const n = 1000
	for e.N = 1; e.N <= n; e.N++ {
		file = Append(file, e)
	}
	b.ReportAllocs()
	for b.Loop() {
		r := NewReader(bytes.NewReader(file))
		for {
			if _, err := r.Next(); err != nil {
				break
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/exchange")
}

func BenchmarkRecognize(b *testing.B) {
	e := &Exchange{
		Head: []byte("POST /cb?sdkappid=1400000001&command=call_end&contenttype=json&clientip=127.0.0.1&optplatform=iOS HTTP/1.1\r\nHost: 127.0.0.1:3000\r\n\r\n"),
		Body: []byte(`{"UserId":"alice","RoomId":"460185761","TotalNum":2,"MediaType":"audio","CallType":"single","CallId":"bf129f8f-b089-4bc7-ada5-54a6605ef159","Role":"caller","Event":"start_call","CallResult":"normal_end","EventTime":1767225600,"StartCallTs":1767225600,"AcceptTs":0,"EndTs":0}`),
	}
	b.ReportAllocs()
	for b.Loop() {
		_ = e.Recognize()
		_ = KeyOf(e)
	}
}
