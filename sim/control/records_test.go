package control_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/control"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// The record of a call is there 5 simulated seconds after its end, for its own
// app, and for calls of the last 7 days.
func TestRecordsAppear(t *testing.T) {
	a := newAPI(t)
	id := a.place(`{"outcome":"reject","ring":"3s"}`)
	v1, v4 := `{"callId":"`+id+`"}`, `{"CallId":"`+id+`"}`
	seen := func() string {
		t.Helper()
		one, other := a.ask("v1/records/get_record_by_callId", v1, nil), a.ask("v4/call_record_http_srv/get_record_by_callid", v4, nil)
		v1Page, v4Page := a.good("v1/records/get_records_by_filter", `{"startTimestamp":0}`), a.good("v4/call_record_http_srv/get_record_by_filter", `{}`)
		switch {
		case one.code == 0 && other.code == 0 && strings.Contains(v1Page, id) && strings.Contains(v4Page, id):
			return "there"
		case one.code == 999 && strings.Contains(one.words, "the record does not exist") &&
			other.code == 101050 && strings.Contains(other.words, `no call "`+id+`" ended`) &&
			v1Page == `{"totalNum":0,"page":1,"callRecordList":[]}` && v4Page == `{"TotalNum":0,"Page":1,"CallRecordList":[]}`:
			return "not there"
		}
		return fmt.Sprintf("%v, %v, %s, %s", one, other, v1Page, v4Page)
	}
	for _, step := range []struct{ advance, want string }{
		{"2999ms", "not there"}, // still ringing
		{"1ms", "not there"},    // just over
		{"4999ms", "not there"},
		{"1ms", "there"},
		{"167h59m52s", "there"}, // 7 days after its start
		{"1ms", "not there"},
	} {
		a.advance(step.advance)
		if got := seen(); got != step.want {
			t.Errorf("%s later: %s, want %s", step.advance, got, step.want)
		}
	}
	other := a.place(`{"sdkappid":1400000002,"outcome":"reject","ring":"3s"}`)
	a.advance("1m")
	a.bad("v1/records/get_record_by_callId", `{"callId":"`+other+`"}`, 999)
	a.bad("v4/call_record_http_srv/get_record_by_callid", `{"CallId":"`+other+`"}`, 101050)
	for path, body := range map[string]string{
		"v1/records/get_record_by_callId": `{"callId":"` + other + `"}`, "v4/call_record_http_srv/get_record_by_callid": `{"CallId":"` + other + `"}`,
	} {
		if r := a.ask(path, body, of(t, otherApp)); !strings.Contains(r.data, other) {
			t.Errorf("%s: %d %s", path, r.code, r.words)
		}
	}
	for path, body := range map[string]string{"v1/records/get_records_by_filter": `{"startTimestamp":0}`, "v4/call_record_http_srv/get_record_by_filter": `{}`} {
		if got := a.good(path, body); strings.Contains(got, other) {
			t.Errorf("%s shows the record of another app: %s", path, got)
		}
		if r := a.ask(path, body, of(t, otherApp)); !strings.Contains(r.data, other) || strings.Contains(r.data, id) {
			t.Errorf("%s, asked by the other app: %s", path, r.data)
		}
	}
}

// The v4 record (68930, 68931): the same as in the EndCall callback.
func TestV4Record(t *testing.T) {
	a := newAPI(t)
	a.good("v4/call_config/set_callback", `{"Url":"`+goodAddress+`","CallbackCommandList":["Call.CallbackAfterEndCall"]}`)
	id := a.place(`{"caller":"user1","callees":["user5","user2"],"outcome":"normal_end","ring":"3s","talk":"27s","room":"roomid-1434"}`)
	a.advance("1m")
	want := `{"CallRecord":{"CallId":"` + id + `","Caller_Account":"user1","MediaType":"Audio","CallType":"MultiCall","StartTime":1767225600,"EndTime":1767225630,` +
		`"AcceptTime":1767225603,"CallResult":"NormalEnd","CalleeList_Account":["user1","user5","user2"],"RoomId":"roomid-1434","RoomIdType":2}}`
	got := a.good("v4/call_record_http_srv/get_record_by_callid", `{"CallId":"`+id+`"}`)
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	a.backend.Read(func(s *journal.State) {
		body := string(s.Call(id).Deliveries[0].Request.Body())
		if record := strings.TrimPrefix(strings.TrimSuffix(got, "}"), "{"); !strings.Contains(body, record) {
			t.Errorf("the callback says %s", body)
		}
	})
	if got := a.good("v4/call_record_http_srv/get_record_by_filter", `{}`); got != `{"TotalNum":1,"Page":1,"CallRecordList":[`+want[len(`{"CallRecord":`):len(want)-1]+`]}` {
		t.Errorf("the filter finds %s", got)
	}
}

// library is a backend with records of many kinds. The n-th call, from 0, starts
// at n minutes.
func library(t *testing.T) (a *api, ids []string) {
	a = newAPI(t)
	for i := range 21 {
		group := ""
		if i%3 == 1 {
			group = `,"group":true`
		}
		outcome := []string{"normal_end", "reject", "not_answer", "call_busy", "cancel", "interrupt", ""}[i%7]
		if outcome != "" {
			outcome = `,"outcome":"` + outcome + `"`
		}
		id := a.place(fmt.Sprintf(`{"caller":"c%d","callees":["d%d"]%s%s}`, i, i, outcome, group))
		if outcome == "" { // the phone dies
			a.act(id, call.Action{Do: call.DoAccept, By: fmt.Sprintf("d%d", i)})
			a.act(id, call.Action{Do: call.DoPullBattery, By: fmt.Sprintf("d%d", i)})
		}
		ids = append(ids, id)
		a.advance("1m")
	}
	a.advance("1m")
	return a, ids
}

// Under multi_call_type=multi records have the third call type of v1, also in a
// journal that was cut down, and it can be asked for.
func TestMultiCallType(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.ndjson")
	change := func(c *control.Config) {
		with(t, "multi_call_type=multi")(c)
		c.Journal, c.CompactAt = path, 1
	}
	a := newAPI(t, change)
	many := a.place(`{"callees":["bob","carol"],"outcome":"normal_end"}`)
	ofIM := a.place(`{"caller":"dave","callees":["erin","frank"],"outcome":"normal_end","chat_group":"@TGS#1"}`)
	a.advance("1m")
	a.close()
	if b, err := os.ReadFile(path); err != nil || !strings.Contains(string(b), `"kind":"snapshot"`) {
		t.Fatalf("the journal was not cut down: %v", err)
	}
	a = newAPI(t, change)
	for kind, want := range map[string]string{"multi": many, "group": ofIM, "single": ""} {
		got := a.good("v1/records/get_records_by_filter", `{"startTimestamp":0,"callType":"`+kind+`"}`)
		if want == "" && strings.Contains(got, "callId") || want != "" && (!strings.Contains(got, `"callId":"`+want+`"`) || !strings.Contains(got, `"callType":"`+kind+`"`) || !strings.Contains(got, `"totalNum":1`)) {
			t.Errorf("%s: %s", kind, got)
		}
	}
}

// Each filter finds what it says.
func TestFilters(t *testing.T) {
	a, ids := library(t)
	const minute, first = 60, int64(epoch) / 1000
	for name, test := range map[string]struct {
		v1, v4 string
		want   func(i int) bool
	}{
		"all":         {`"startTimestamp":0`, ``, func(int) bool { return true }},
		"long ago":    {`"startTimestamp":0,"endTimestamp":1`, `"StartTime":0,"EndTime":1`, func(int) bool { return false }},
		"null":        {`"startTimestamp":0,"endTimestamp":null,"callResult":null,"page":null`, `"StartTime":null,"CallType":null,"NumberPerPage":100`, func(int) bool { return true }},
		"empty words": {`"startTimestamp":0,"callResult":"","callType":""`, `"CallResult":"","CallType":""`, func(int) bool { return true }},
		"single":      {`"startTimestamp":0,"callType":"single"`, `"CallType":"SingleCall"`, func(i int) bool { return i%3 != 1 }},
		"group":       {`"startTimestamp":0,"callType":"group"`, `"CallType":"MultiCall"`, func(i int) bool { return i%3 == 1 }},
		"reject":      {`"startTimestamp":0,"callResult":"reject"`, `"CallResult":"Reject"`, func(i int) bool { return i%7 == 1 }},
		"offline":     {`"startTimestamp":0,"callResult":"offline"`, `"CallResult":"Offline"`, func(i int) bool { return i%7 == 6 }},
		"both":        {`"startTimestamp":0,"callResult":"cancel","callType":"group"`, `"CallResult":"Cancel","CallType":"MultiCall"`, func(i int) bool { return i%7 == 4 && i%3 == 1 }},
		"from a second": {
			fmt.Sprintf(`"startTimestamp":%d`, first+5*minute), fmt.Sprintf(`"StartTime":%d`, first+5*minute),
			func(i int) bool { return i >= 5 },
		},
		"after a second": {
			fmt.Sprintf(`"startTimestamp":%d`, first+5*minute+1), fmt.Sprintf(`"StartTime":%d`, first+5*minute+1),
			func(i int) bool { return i >= 6 },
		},
		"up to a second": {
			fmt.Sprintf(`"startTimestamp":0,"endTimestamp":%d`, first+5*minute), fmt.Sprintf(`"EndTime":%d`, first+5*minute),
			func(i int) bool { return i <= 5 },
		},
		"between": {
			fmt.Sprintf(`"startTimestamp":%d,"endTimestamp":%d`, first+5*minute, first+7*minute-1),
			fmt.Sprintf(`"StartTime":%d,"EndTime":%d`, first+5*minute, first+7*minute-1),
			func(i int) bool { return i == 5 || i == 6 },
		},
	} {
		t.Run(name, func(t *testing.T) {
			a.t = t
			want := []string{}
			for i, id := range ids {
				if test.want(i) {
					want = append(want, id)
				}
			}
			v4 := test.v4
			if !strings.Contains(v4, "NumberPerPage") {
				v4 = strings.TrimPrefix(v4+`,"NumberPerPage":100`, ",")
			}
			for path, body := range map[string]string{"v1/records/get_records_by_filter": test.v1, "v4/call_record_http_srv/get_record_by_filter": v4} {
				total, _, got := readPage(t, a.good(path, "{"+body+"}"))
				slices.Sort(got)
				if diff := cmp.Diff(want, got); diff != "" || total != len(want) {
					t.Errorf("%s {%s}: %d in all (-want +got):\n%s", path, body, total, diff)
				}
			}
		})
	}
}

// readPage reads a page of either generation.
func readPage(t *testing.T, data string) (total, page int, ids []string) {
	t.Helper()
	var p struct {
		TotalNum, Page int
		CallRecordList []struct{ CallId string }
	}
	if err := json.Unmarshal([]byte(data), &p); err != nil {
		t.Fatal(err)
	}
	ids = []string{}
	for _, r := range p.CallRecordList {
		ids = append(ids, r.CallId)
	}
	return p.TotalNum, p.Page, ids
}

// Pages follow each other without a gap, in the order in which the calls ended.
func TestPages(t *testing.T) {
	a, ids := library(t)
	for path, body := range map[string]string{
		"v1/records/get_records_by_filter":             `{"startTimestamp":0,"numberPerPage":%d,"page":%d}`,
		"v4/call_record_http_srv/get_record_by_filter": `{"NumberPerPage":%d,"Page":%d}`,
	} {
		for _, per := range []int{1, 2, 10, 20, 21, 1000} {
			var all []string
			for n := 1; n == 1 || len(all) == (n-1)*per; n++ {
				total, page, got := readPage(t, a.good(path, fmt.Sprintf(body, per, n)))
				if total != len(ids) || page != n || len(got) > per {
					t.Fatalf("%s, page %d of %d: %d in all, page %d, %d on it", path, n, per, total, page, len(got))
				}
				all = append(all, got...)
			}
			if diff := cmp.Diff(ids, all); diff != "" {
				t.Errorf("%s, pages of %d (-want +got):\n%s", path, per, diff)
			}
		}
		if total, page, got := readPage(t, a.good(path, fmt.Sprintf(body, 1000, 2147483647))); total != len(ids) || page != 2147483647 || len(got) != 0 {
			t.Errorf("%s: the last page of all has %d", path, len(got))
		}
	}
	if _, page, got := readPage(t, a.good("v4/call_record_http_srv/get_record_by_filter", `{}`)); page != 1 || len(got) != 10 {
		t.Errorf("v4's pages have %d records", len(got))
	}
	if _, page, got := readPage(t, a.good("v1/records/get_records_by_filter", `{"startTimestamp":0}`)); page != 1 || len(got) != len(ids) {
		t.Errorf("v1's pages have %d records", len(got))
	}
}

// v1's pages have 100 records if nothing else is said.
func TestV1PageSize(t *testing.T) {
	a := newAPI(t)
	for i := range 101 {
		place := sim.Place{Generation: wire.V4, Setup: call.Setup{
			App: appID, Caller: fmt.Sprint("a", i), Callees: []string{fmt.Sprint("b", i)}, Device: &call.Device{Platform: "iOS", IP: "127.0.0.1"},
		}}
		id := ""
		if err := a.backend.Do(place, func(fx []sim.Effect) { id = sim.Placed(fx) }); err != nil {
			t.Fatal(err)
		}
		a.act(id, call.Action{Do: call.DoEndByServer})
	}
	a.advance("5s")
	if total, _, got := readPage(t, a.good("v1/records/get_records_by_filter", `{"startTimestamp":0}`)); total != 101 || len(got) != 100 {
		t.Errorf("%d of %d records", len(got), total)
	}
}

func TestFilterErrors(t *testing.T) {
	a := newAPI(t)
	for body, words := range map[string]string{
		`{}`:                                                 "startTimestamp: is missing",
		`{"startTimestamp":null}`:                            "startTimestamp: is null, want a whole number",
		`{"StartTimestamp":0}`:                               "startTimestamp: is missing; there is StartTimestamp",
		`{"startTimestamp":"0"}`:                             "startTimestamp: is a text, want a whole number",
		`{"startTimestamp":-1}`:                              "startTimestamp: is -1",
		`{"startTimestamp":1.5}`:                             "startTimestamp: is 1.5",
		`{"startTimestamp":1688709003000}`:                   "startTimestamp: is 1688709003000, want seconds since 1970, not milliseconds",
		`{"startTimestamp":0,"endTimestamp":"x"}`:            "endTimestamp: is a text",
		`{"startTimestamp":0,"endTimestamp":1688709003000}`:  "endTimestamp: is 1688709003000, want seconds",
		`{"startTimestamp":2,"endTimestamp":1}`:              "endTimestamp: is before startTimestamp",
		`{"startTimestamp":0,"numberPerPage":0}`:             "numberPerPage: is 0, want a whole number from 1 to 1000",
		`{"startTimestamp":0,"numberPerPage":1001}`:          "numberPerPage: is 1001",
		`{"startTimestamp":0,"numberPerPage":"10"}`:          "numberPerPage: is a text",
		`{"startTimestamp":0,"page":0}`:                      "page: is 0",
		`{"startTimestamp":0,"page":-1}`:                     "page: is -1",
		`{"startTimestamp":0,"page":9223372036854775808}`:    "page: is 9223372036854775808",
		`{"startTimestamp":0,"callResult":"NormalEnd"}`:      `callResult: is "NormalEnd", want one of normal_end, cancel, reject, not_answer, call_busy, interrupt, offline`,
		`{"startTimestamp":0,"callResult":1}`:                "callResult: is a number, want a text",
		`{"startTimestamp":0,"callType":"SingleCall"}`:       `callType: is "SingleCall", want one of single, group`,
		`{"startTimestamp":0,"page":0,"numberPerPage":0}`:    "numberPerPage: is 0", // one thing after the other
		`{"startTimestamp":0,"callType":["single","group"]}`: "callType: is a list, want a text",
	} {
		a.bad("v1/records/get_records_by_filter", body, 70001, words)
	}
	for body, words := range map[string]string{
		`{"StartTime":"0"}`:             "StartTime: is a text",
		`{"StartTime":1740531683000}`:   "StartTime: is 1740531683000, want seconds since 1970",
		`{"StartTime":2,"EndTime":1}`:   "EndTime: is before StartTime",
		`{"NumberPerPage":0}`:           "NumberPerPage: is 0",
		`{"NumberPerPage":1001}`:        "NumberPerPage: is 1001",
		`{"Page":0}`:                    "Page: is 0",
		`{"CallResult":"normal_end"}`:   `CallResult: is "normal_end", want one of NormalEnd, Cancel, Reject, NotAnswer, CallBusy, Interrupt, Offline`,
		`{"CallType":"single"}`:         `CallType: is "single", want one of SingleCall, MultiCall`,
		`{"CallType":{},"Page":"none"}`: "CallType: is an object",
	} {
		a.bad("v4/call_record_http_srv/get_record_by_filter", body, 100002, words)
	}
}

// What a filter may name are the words that records have.
func TestFilterDialects(t *testing.T) {
	a := newAPI(t, with(t, "heartbeat_result=Interrupt", "case=title"))
	id := a.place(`{}`)
	a.act(id, call.Action{Do: call.DoAccept, By: "bob"})
	a.act(id, call.Action{Do: call.DoPullBattery, By: "bob"})
	a.advance("2m")
	a.bad("v1/records/get_records_by_filter", `{"startTimestamp":0,"callResult":"interrupt"}`, 70001, "Normal_end, ")
	a.bad("v4/call_record_http_srv/get_record_by_filter", `{"CallResult":"Offline"}`, 100002, "NotAnswer, CallBusy, Interrupt")
	for path, body := range map[string]string{
		"v1/records/get_records_by_filter":             `{"startTimestamp":0,"callResult":"Interrupt","callType":"Single"}`,
		"v4/call_record_http_srv/get_record_by_filter": `{"CallResult":"Interrupt","CallType":"SingleCall"}`,
	} {
		if total, _, got := readPage(t, a.good(path, body)); total != 1 || got[0] != id {
			t.Errorf("%s: %d, %v", path, total, got)
		}
	}
}
