package fault_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ringback/sim/fault"
	"ringback/sim/wire"
)

// rewrite is what faults make of a message, one after the other.
func rewrite(t testing.TB, m fault.Message, specs ...string) fault.Message {
	t.Helper()
	m.Query, m.Body = slices.Clone(m.Query), slices.Clone(m.Body)
	var p fault.Plan
	for _, s := range specs {
		parse(t, s).Apply(&p, m.Word, 1, 1, 1)
	}
	for _, r := range p.Rewrites {
		r.Rewrite(&m)
	}
	return m
}

func message(w wire.Word, query, body string) fault.Message {
	return fault.Message{Word: w, Query: []byte(query), Body: []byte(body), ContentType: "application/json"}
}

// Short stand-ins for a v1 event, a v4 command and a v4 end, with user data
// that looks like what the faults look for.
var (
	v1Event = message(wire.CallerStartCall, `sdkappid=14&command=caller_start_call&contenttype=json`,
		`{"UserId":"al","RoomId":"\"EventTime\":7,sdkappid=1","Event":"start_call","CallResult":"","EventTime":1000,"StartCallTs":990,"AcceptTs":0}`)
	v4Member = message(wire.AfterMemberChanged, `SdkAppid=14&CallbackCommand=Call.CallbackAfterMemberChanged`,
		`{"CallbackCommand":"Call.CallbackAfterMemberChanged","CallId":"}","UserList":[],"ChangedUserList":[{"User_Account":"bo","ActionType":"Reject"}],"EventTime":1000}`)
	v4End = message(wire.AfterEndCall, `SdkAppid=14&CallbackCommand=Call.CallbackAfterEndCall`,
		`{"CallbackCommand":"Call.CallbackAfterEndCall","CallRecord":{"CallId":"c","Caller_Account":"al","StartTime":100,"EndTime":130,"AcceptTime":0,"CalleeList_Account":["al","EventTime"]},"EventTime":130000}`)
)

// What each fault changes, as the old and the new text.
func TestRewrites(t *testing.T) {
	same := []string{}
	for spec, changes := range map[string]map[*fault.Message][]string{
		"wrong_app":                {&v1Event: {"sdkappid=14&", "sdkappid=15&"}, &v4End: {"SdkAppid=14", "SdkAppid=15"}},
		"wrong_app=99":             {&v1Event: {"sdkappid=14&", "sdkappid=99&"}, &v4End: {"SdkAppid=14", "SdkAppid=99"}},
		"unknown_command=later":    {&v1Event: {"command=caller_start_call", "command=later", `"Event":"start_call"`, `"Event":"later"`}, &v4Member: {"Call.CallbackAfterMemberChanged", "later"}},
		"unknown_field":            {&v4End: {`000}`, `000,"NewField":{"Since":"v5","List":[1,null,"x"]}}`}, &v4Member: {`1000}`, `1000,"NewField":{"Since":"v5","List":[1,null,"x"]}}`}},
		"bad_utf8":                 {&v1Event: {`"al"`, "\"\xffal\""}, &v4Member: {`"bo"`, "\"\xffbo\""}, &v4End: {`Caller_Account":"al"`, "Caller_Account\":\"\xffal\""}},
		"malformed":                {&v1Event: {`0}`, `0`}, &v4End: {`000}`, `000`}},
		"skew=2s":                  {&v1Event: {":1000", ":1002", ":990", ":992"}, &v4Member: {":1000", ":3000"}, &v4End: {":100,", ":102,", ":130,", ":132,", "130000", "132000"}},
		"skew=-1h":                 {&v1Event: {":1000", ":-2600", ":990", ":-2610"}, &v4Member: {":1000", ":-3599000"}},
		"skew:0%":                  {&v1Event: same},
		"skew@callee_receive_call": {&v1Event: same},
	} {
		for m, pairs := range changes {
			r := strings.NewReplacer(pairs...)
			got := rewrite(t, *m, spec)
			want := message(m.Word, r.Replace(string(m.Query)), r.Replace(string(m.Body)))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s of %s (-want +got):\n%s", spec, m.Word, diff)
			}
		}
	}
	for spec, want := range map[string]fault.Message{
		"no_query":     message(v1Event.Word, "", string(v1Event.Body)),
		"empty_body":   message(v1Event.Word, string(v1Event.Query), ""),
		"oversize=200": message(v1Event.Word, string(v1Event.Query), strings.Repeat(" ", 200-len(v1Event.Body))+string(v1Event.Body)),
		"oversize=20":  v1Event,
	} {
		if diff := cmp.Diff(want.Query, rewrite(t, v1Event, spec).Query, cmp.Transformer("text", toText)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", spec, diff)
		}
		if diff := cmp.Diff(want.Body, rewrite(t, v1Event, spec).Body, cmp.Transformer("text", toText)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", spec, diff)
		}
	}
	if got := rewrite(t, v4End, "content_type=text/plain"); got.ContentType != "text/plain" || !bytes.Equal(got.Body, v4End.Body) {
		t.Errorf("content_type: %+v", got)
	}
}

func toText(b []byte) string { return string(b) }

// Faults change what those before them left over, and nothing where nothing is
// left to change.
func TestRewritesCompose(t *testing.T) {
	for specs, want := range map[string]string{
		"unknown_field skew=2s":        `"EventTime":3000,"NewField"`,
		"skew=2s skew=-1s":             `"EventTime":2000}`,
		"oversize=400 unknown_field":   `"x"]}}`,
		"bad_utf8 skew=2s":             `"EventTime":3000}`,
		"malformed skew=2s":            `"EventTime":1000`, // not JSON any more
		"malformed malformed":          `"ActionType":"Reject"`,
		"empty_body bad_utf8 skew":     "",
		"empty_body unknown_field":     "",
		"empty_body malformed":         "",
		"empty_body oversize=3":        "   ",
		"empty_body unknown_command":   "",
		"no_query wrong_app":           `"EventTime":1000}`,
		"no_query unknown_command=new": `{"CallbackCommand":"new"`,
	} {
		got := rewrite(t, v4Member, strings.Fields(specs)...)
		if !strings.Contains(string(got.Body), want) || want == "" && len(got.Body) > 0 {
			t.Errorf("%s: %q, want %q in it", specs, got.Body, want)
		}
		if strings.HasPrefix(specs, "no_query") && len(got.Query) > 0 {
			t.Errorf("%s: the query is back: %q", specs, got.Query)
		}
	}
}

// anyEnd draws an EndCall body with any text in it.
func anyEnd(t *rapid.T) *wire.EndCall {
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{`"`, `\`, `{"EventTime":1}`, `,"StartTime":5`, "}", "会议室"}))
	at := rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(1, 1<<40))
	return &wire.EndCall{
		CallbackCommand: "Call.CallbackAfterEndCall", EventTime: at.Draw(t, "event"),
		CallRecord: wire.CallRecord{
			CallID: text.Draw(t, "call"), CallerAccount: text.Draw(t, "caller"), MediaType: "Audio", CallType: "SingleCall",
			StartTime: at.Draw(t, "start"), EndTime: at.Draw(t, "end"), AcceptTime: at.Draw(t, "accept"), CallResult: "Reject",
			CalleeList: rapid.SliceOfN(text, 1, 3).Draw(t, "list"), RoomID: text.Draw(t, "room"), RoomIDType: 2,
		},
	}
}

// Whatever text a body has, exactly its times are moved.
func TestSkewMovesTimesOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		end := anyEnd(t)
		by := rapid.SampledFrom([]time.Duration{time.Second, -90 * time.Second, 24 * time.Hour}).Draw(t, "by")
		m := fault.Message{Word: wire.AfterEndCall, Body: end.AppendTo(nil)}
		fault.Skew{By: by}.Rewrite(&m)
		r := &end.CallRecord
		for _, s := range []*int64{&r.StartTime, &r.EndTime, &r.AcceptTime} {
			if *s != 0 {
				*s += int64(by / time.Second)
			}
		}
		if end.EventTime != 0 {
			end.EventTime += by.Milliseconds()
		}
		if want := end.AppendTo(nil); !bytes.Equal(m.Body, want) {
			t.Fatalf("got  %s\nwant %s", m.Body, want)
		}
	})
}

// Whatever text a body has, it says the same with a key more or with spaces in
// front; it is not UTF-8 by one byte, and not JSON without its brace.
func TestRewritesKeepTheRest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		end := anyEnd(t)
		body := end.AppendTo(nil)
		fresh := func() *fault.Message {
			return &fault.Message{Word: wire.AfterEndCall, Body: slices.Clone(body), Query: []byte("SdkAppid=1&CallbackCommand=x")}
		}
		more, wide, bad, torn := fresh(), fresh(), fresh(), fresh()
		fault.UnknownField{}.Rewrite(more)
		fault.Oversize{Bytes: len(body) + 5}.Rewrite(wide)
		fault.BadUTF8{}.Rewrite(bad)
		fault.Malformed{}.Rewrite(torn)
		for _, m := range []*fault.Message{more, wide} {
			var back wire.EndCall
			if err := json.Unmarshal(m.Body, &back); err != nil || !bytes.Equal(back.AppendTo(nil), body) {
				t.Fatalf("%s says something else than %s, %v", m.Body, body, err)
			}
		}
		if utf8.Valid(bad.Body) || !bytes.Equal(bytes.Replace(bad.Body, []byte("\xff"), nil, 1), body) {
			t.Fatalf("%q is not %q with a wrong byte", bad.Body, body)
		}
		if json.Valid(torn.Body) || !bytes.Equal(append(torn.Body, '}'), body) {
			t.Fatalf("%q is not %q without its brace", torn.Body, body)
		}
	})
}

// Faults take any bytes that another fault left over.
func FuzzRewrite(f *testing.F) {
	f.Add([]byte("sdkappid=1&command=x"), v1Event.Body)
	f.Add([]byte("&&=&sdkappid"), []byte(`[{"a":[1,{"EventTime":1e9}]},null]`))
	f.Add([]byte(""), []byte(`{"EventTime":99999999999999999999999}`))
	f.Fuzz(func(t *testing.T, query, body []byte) {
		for _, i := range fault.List() {
			m := fault.Message{Word: wire.StatusNormalEnd, Query: slices.Clone(query), Body: slices.Clone(body)}
			var p fault.Plan
			parse(t, i.Example[:strings.IndexAny(i.Example+"@", "@")]).Apply(&p, m.Word, 1, 1, 1)
			for _, r := range p.Rewrites {
				r.Rewrite(&m)
				r.Rewrite(&m)
			}
		}
	})
}
