package probe_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/fixtures/harness"
	"ringback/sim/probe"
)

func serve(t testing.TB, h http.HandlerFunc) string {
	s := harness.Serve(t, h)
	return s.URL
}

func ask(t testing.TB, o probe.Options, id string) (probe.Stored, error) {
	t.Helper()
	p, err := probe.New(o)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	return p.Ask(t.Context(), id)
}

func ptr[T any](v T) *T { return &v }

func Example() {
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"data":{"rows":1,"end":"normal_end"}}`)
	}))
	defer receiver.Close()
	p, err := probe.New(probe.Options{URL: receiver.URL + "/calls/{CallId}", Fields: []string{"count=data.rows", "result=data.end"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close()
	s, err := p.Ask(context.Background(), "rb-monday-0001")
	fmt.Println(s.Count, *s.Result, err)
	// Output: 1 normal_end <nil>
}

func TestAsk(t *testing.T) {
	for _, test := range []struct {
		body   string
		status int
		want   probe.Stored
		err    string
	}{
		{
			`{"count":1,"result":"normal_end","duration":9,"caller":"alice","members":["bob","alice"]}`, 200,
			probe.Stored{Count: 1, Result: ptr("normal_end"), Duration: ptr(9.0), Caller: ptr("alice"), Members: []string{"alice", "bob"}},
			"",
		},
		{`{"count":0}`, 200, probe.Stored{}, ""},
		{
			`{"count":1,"room":"Alice's Room","media":"Video","start":1767225600,"accept":0,"end":1767225612.0}`, 200,
			probe.Stored{Count: 1, Room: ptr("Alice's Room"), Media: ptr("Video"), Start: ptr(int64(1767225600)), Accept: ptr(int64(0)), End: ptr(int64(1767225612))},
			"",
		},
		{`{"count":1,"room":9007199254740993,"start":null}`, 200, probe.Stored{Count: 1, Room: ptr("9007199254740993")}, ""},
		{`{"count":1,"room":["a"]}`, 200, probe.Stored{}, `room (at room) is ["a"], want text`},
		{`{"count":1,"media":true}`, 200, probe.Stored{}, "media (at media) is true, want text"},
		{
			`{"count":1,"start":"2026-01-01T01:00:00+01:00"}`, 200,
			probe.Stored{},
			`start (at start) is the text "2026-01-01T01:00:00+01:00", want a whole number of seconds since 1970 in UTC: 1767225600`,
		},
		{`{"count":1,"accept":"1767225603"}`, 200, probe.Stored{}, "want a whole number of seconds since 1970 in UTC: the same without the quotes"},
		{`{"count":1,"end":1767225612000}`, 200, probe.Stored{}, "end (at end) is 1767225612000, want a whole number of seconds since 1970 in UTC: 1767225612, without the milliseconds"},
		{`{"count":1,"end":1767225612.5}`, 200, probe.Stored{}, "end (at end) is 1767225612.5, want a whole number"},
		{`{"count":1,"end":-2147483648}`, 200, probe.Stored{Count: 1, End: ptr(int64(-2147483648))}, ""}, // which is for a scenario to judge
		{`{"count":1,"end":-1767225612000}`, 200, probe.Stored{}, "end (at end) is -1767225612000, want a whole number"},
		{`{"count":2,"result":null,"members":[]}`, 200, probe.Stored{Count: 2, Members: []string{}}, ""},
		{`{"count":1,"caller":10001,"members":[10001]}`, 200, probe.Stored{Count: 1, Caller: ptr("10001"), Members: []string{"10001"}}, ""},
		{`not found`, 404, probe.Stored{}, ""},
		{`{}`, 200, probe.Stored{}, "count (at count) is missing in {}, want a whole number; --probe-field count=PATH says where it is"},
		{`{"count":"1"}`, 200, probe.Stored{}, `count (at count) is the text "1", want a whole number: the same without the quotes`},
		{`{"count":"one"}`, 200, probe.Stored{}, `count (at count) is the text "one", want a whole number`},
		{`{"count":null}`, 200, probe.Stored{}, "count (at count) is null, want a whole number"},
		{`{"count":7,"count":1,"members":["bob"],"result":"reject","members":[],"result":"cancel"}`, 200, probe.Stored{Count: 1, Result: ptr("cancel"), Members: []string{}}, ""},
		{`{"count":1.5}`, 200, probe.Stored{}, "want a whole number"},
		{`{"count":-1}`, 200, probe.Stored{}, "want a whole number"},
		{`{"count":1,"duration":"9"}`, 200, probe.Stored{}, "want a number of seconds: the same without the quotes"},
		{`{"count":1,"members":"bob"}`, 200, probe.Stored{}, `members (at members) is the text "bob", want a list of user ids`},
		{`{"count":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`, 200, probe.Stored{}, "not a JSON object"},
		{`{"count":1,"members":{}}`, 200, probe.Stored{}, "want a list"},
		{`{"count":1,"result":{}}`, 200, probe.Stored{}, "want text"},
		{`[{"id":1}]`, 200, probe.Stored{}, `not a JSON object but [{"id":1}]: want one like {"count":1,`},
		{`{"count":1`, 200, probe.Stored{}, "not a JSON object"},
		{``, 200, probe.Stored{}, "not a JSON object but empty: want"},
		{`{"count":1}`, 500, probe.Stored{}, "answered HTTP 500"},
		{`{"count":1}`, 204, probe.Stored{}, "answered HTTP 204"},
		{`{"count":1,"x":"` + strings.Repeat("x", 2<<20) + `"}`, 200, probe.Stored{}, "larger than"},
	} {
		at := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(test.status)
			_, _ = w.Write([]byte(test.body))
		})
		got, err := ask(t, probe.Options{URL: at + "/calls/{CallId}"}, "x")
		var broken *probe.Error
		if test.err == "" && err != nil || test.err != "" && (!errors.As(err, &broken) || !strings.Contains(err.Error(), test.err)) {
			t.Errorf("%.60s: error %v, want %q", test.body, err, test.err)
		}
		if diff := cmp.Diff(test.want, got); test.err == "" && diff != "" {
			t.Errorf("%.60s (-want +got):\n%s", test.body, diff)
		}
	}
}

// The id is escaped, headers are sent, and no redirect is followed.
func TestQuestion(t *testing.T) {
	var seen string
	at := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen = r.Method + " " + r.RequestURI + " " + r.Header.Get("Authorization")
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	})
	_, err := ask(t, probe.Options{URL: at + "/calls/{CallId}?full=1", Headers: []string{"Authorization: Bearer 1"}}, "a/b c")
	if seen != "GET /calls/a%2Fb%20c?full=1 Bearer 1" || err == nil || !strings.Contains(err.Error(), "302") {
		t.Errorf("%s, %v", seen, err)
	}
}

func TestNobodyThere(t *testing.T) {
	_, err := ask(t, probe.Options{URL: "http://127.0.0.1:1/{CallId}?token=hush"}, "x")
	var broken *probe.Error
	if !errors.As(err, &broken) || strings.Contains(err.Error(), "hush") {
		t.Errorf("%v", err)
	}
	_, err = ask(t, probe.Options{URL: "http://169.254.169.254/{CallId}"}, "x")
	if err == nil || !strings.Contains(err.Error(), "link-local") {
		t.Errorf("%v", err)
	}
}

// A receiver that takes too long for an answer, or for the rest of it, is said to, and is
// not down.
func TestSlowAnswer(t *testing.T) {
	for name, begun := range map[string]string{"no head": "", "half of the body": `{"count":`} {
		at := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if begun != "" {
				io.WriteString(w, begun)
				w.(http.Flusher).Flush()
			}
			<-r.Context().Done()
		})
		_, err := ask(t, probe.Options{URL: at + "/{CallId}", Timeout: 20 * time.Millisecond}, "x")
		var broken *probe.Error
		if !errors.As(err, &broken) || broken.Down || err.Error() != "probe: no answer within 20ms" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for want, o := range map[string]probe.Options{
		"want {CallId}":       {URL: "http://127.0.0.1/calls"},
		"want an address":     {URL: "ftp://127.0.0.1/{CallId}"},
		"want NAME=PATH":      {URL: "http://127.0.0.1/{CallId}", Fields: []string{"rows=count"}},
		"want THEIRS=ours":    {URL: "http://127.0.0.1/{CallId}", Results: []string{"=cancel"}},
		"did you mean cancel": {URL: "http://127.0.0.1/{CallId}", Results: []string{"gone=cancl"}},
		"gone already":        {URL: "http://127.0.0.1/{CallId}", Results: []string{"gone=offline", "off=cancel,Offline"}},
		"want Name: value":    {URL: "http://127.0.0.1/{CallId}", Headers: []string{"Bearer"}},
		"like http://127.0.":  {URL: "{CallId}"},
	} {
		if _, err := probe.New(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", o, err, want)
		}
	}
}

// A receiver may store after it has acknowledged.
func TestUntil(t *testing.T) {
	var asked atomic.Int32
	at := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		n := asked.Add(1)
		if n == 1 {
			http.Error(w, "not yet", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintf(w, `{"count":%d}`, max(0, n-3))
	})
	p, err := probe.New(probe.Options{URL: at + "/{CallId}"})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	s, ok, err := p.Until(t.Context(), "x", time.Minute, func(s probe.Stored) bool { return s.Count == 1 }, nil)
	if !ok || err != nil || s.Count != 1 {
		t.Errorf("%+v, %t, %v", s, ok, err)
	}
	s, ok, err = p.Until(t.Context(), "x", 0, func(s probe.Stored) bool { return s.Count == 1 }, nil)
	if ok || err != nil || s.Count < 2 {
		t.Errorf("too late: %+v, %t, %v", s, ok, err)
	}
}

// A word of the receiver's own stands for what it is said to, and for nothing else;
// ours go on meaning what they mean.
func TestResults(t *testing.T) {
	p, err := probe.New(probe.Options{
		URL: serve(t, func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `{"count":1,"result":%q}`, path.Base(r.URL.Path))
		}) + "/{CallId}",
		Results: []string{"FAILED=interrupt, offline,Offline", "a=b=CallBusy", "cancel=reject", "FAILED=not_answer"},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for stored, want := range map[string]string{
		"FAILED": "not_answer interrupt offline", "failed": "", "a=b": "call_busy", "cancel": "reject",
		"reject": "reject", "Interrupt": "interrupt", "NormalEnd": "normal_end", "other": "",
	} {
		s, err := p.Ask(t.Context(), stored)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, word := range probe.Results() {
			if s.ResultIs(word) {
				got = append(got, word)
			}
		}
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", stored, diff)
		}
	}
	for result, want := range map[string]string{"Offline": "FAILED", "call_busy": "a=b", "reject": "cancel", "cancel": ""} {
		if got := p.Word(result); got != want {
			t.Errorf("%s is %q, want %q", result, got, want)
		}
	}
}

// Either generation's spelling of a result is the same.
func TestSameResult(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"normal_end", "NormalEnd", true},
		{"not_answer", "NotAnswer", true},
		{"call-busy", "Call Busy", true},
		{"cancel", "canceled", false},
		{"", "cancel", false},
	} {
		if got := probe.SameResult(test.a, test.b); got != test.want {
			t.Errorf("%q and %q: %t", test.a, test.b, got)
		}
	}
}
