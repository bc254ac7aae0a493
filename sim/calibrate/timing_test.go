package calibrate_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/fixtures/golden"
	"ringback/sim"
	"ringback/sim/calibrate"
	"ringback/sim/recording"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// report calibrates exchanges of one file.
func reportOf(exchanges []*recording.Exchange) *calibrate.Report {
	c := calibrate.New(calibrate.Options{})
	c.Begin(&calibrate.File{Name: "monday.ndjson", Kind: calibrate.Recording, Numbered: true, Exact: true, Own: []string{"token"}})
	for _, e := range exchanges {
		c.Add(e)
	}
	c.End()
	return c.Report()
}

// The sections of the report besides the keys, for people and as JSON.
func TestTraffic(t *testing.T) {
	for name, tr := range map[string]traffic{
		"serial":  {dialect: wire.Default(), seed: 7, app: 1400000001, from: epoch, every: 10 * time.Second, order: sim.Serial},
		"overlap": {dialect: retrying("attempts=6", "v4_retry=v1"), seed: 7, app: 1400000001, from: epoch, every: time.Second, order: sim.Unordered},
	} {
		r := reportOf(play(t, tr, cover(7, 80)).exchanges)
		var b strings.Builder
		if err := (&calibrate.Report{Timing: r.Timing, Undocumented: r.Undocumented}).Print(&b, text.Style{}); err != nil {
			t.Fatal(err)
		}
		golden.Compare(t, "traffic_"+name+".txt", b.String())
	}
}

func retrying(choices ...string) *wire.Dialect {
	d := wire.Default()
	for _, c := range choices {
		if err := d.Set(c); err != nil {
			panic(err)
		}
	}
	return d
}

// at is a request of a callback of a call, made by hand: when it came, which callback it
// is, how long the answer took, and what it was.
type at struct {
	ms       int64
	call     string
	callback int64 // its EventTime, and the number of the exchange that came first
	took     int64 // in milliseconds
	outcome  string
}

func byHand(requests []at) (list []*recording.Exchange) {
	first := map[string]int64{}
	for i, r := range requests {
		e := &recording.Exchange{N: int64(i + 1), Line: i + 1, At: epoch.Time().Add(time.Duration(r.ms) * time.Millisecond)}
		e.Head = []byte("POST /?token=hush&sdkappid=1&command=caller_start_call&contenttype=json&clientip=10.0.0.1&optplatform=iOS HTTP/1.1\r\n\r\n")
		e.Body = fmt.Appendf(nil, `{"CallId":%q,"Event":"start_call","EventTime":%d}`, r.call, r.callback)
		e.Callback = e.Recognize()
		key := string(e.Body)
		if first[key] == 0 {
			first[key] = e.N
		}
		e.Delivery = first[key]
		took := time.Duration(r.took) * time.Millisecond
		e.Answer = recording.Answer{Latency: took, At: e.At.Add(took), Ended: e.At.Add(took), Outcome: recording.Answered}
		switch r.outcome {
		case "ok":
			e.Answer.Head, e.Answer.Body = []byte("HTTP/1.1 200 OK\r\n\r\n"), []byte(`{"ErrorCode":0}`)
		case "no":
			e.Answer.Head = []byte("HTTP/1.1 500 Oops\r\n\r\n")
		default:
			e.Answer.Outcome = recording.Outcome(r.outcome)
		}
		list = append(list, e)
	}
	return list
}

// A schedule is compared with both readings of the documents, and a callback is given up
// only if others came for a minute after it.
func TestSchedule(t *testing.T) {
	var seven, six []at
	now := int64(1000)
	for _, wait := range []int64{0, 0, 1000, 1000, 2000, 3000, 5000} {
		now += wait + 5
		seven = append(seven, at{now, "a", 1, 5, "no"})
	}
	six = append(six, at{1000, "a", 1, 100, "aborted"})
	now = 1100
	for _, wait := range []int64{1001, 1700, 2010, 3000} {
		now += wait
		six = append(six, at{now, "a", 1, 0, "no"})
	}
	six = append(six, at{now + 5000, "a", 1, 0, "ok"}, at{now + 5001, "a", 1, 0, "ok"})
	for _, c := range []struct {
		name     string
		requests []at
		want     string
	}{
		{"seven", append(seven, at{now + 100_000, "b", 2, 1, "ok"}), "2 callbacks, 1 repeated, 0 again, given up map[7:1], waits 0s 1/1, 1s 1/1, 1s 1/1, 2s 1/1, 3s 1/1, 5s 1/1, "},
		{"no more comes", seven, "1 callbacks, 1 repeated, 0 again, given up map[], waits 0s 1/1, 1s 1/1, 1s 1/1, 2s 1/1, 3s 1/1, 5s 1/1, "},
		{"six", six, "1 callbacks, 1 repeated, 1 again, given up map[], waits 1s 1/1, 1s 0/1, 2s 1/1, 3s 1/1, 5s 1/1, "},
		{"unknown answers", []at{{1, "a", 1, 0, ""}, {100_000, "b", 1, 0, "ok"}}, "2 callbacks, 0 repeated, 0 again, given up map[], waits "},
	} {
		s := reportOf(byHand(c.requests)).Timing.Schedules[0]
		got := fmt.Sprintf("%d callbacks, %d repeated, %d again, given up %v, waits ", s.Callbacks, s.Repeated, s.Again, s.GivenUp)
		for _, w := range s.Waits {
			got += fmt.Sprintf("%v %d/%d, ", time.Duration(*w.Documented)*time.Millisecond, w.Within, w.Seen.N)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", c.name, diff)
		}
	}
}

// What callbacks of a call do to each other.
func TestOrder(t *testing.T) {
	r := reportOf(byHand([]at{
		{0, "a", 10, 100, "ok"},
		{50, "a", 11, 10, "no"}, // while the first has no answer
		{70, "a", 12, 1, "ok"},  // while the second waits for its retry
		{90, "a", 11, 1, "ok"},
		{95, "b", 5, 500, "no"},
		{99, "c", 5, 500, "ok"},
		{700, "b", 5, 1, "ok"},
		{800, "b", 4, 2000, "aborted"}, // after a retry, with an earlier EventTime
		{100_000, "b", 9, 1, "ok"},     // more than a minute later: no pair
	})).Timing
	place := func(line int) *calibrate.Place { return &calibrate.Place{File: "monday.ndjson", Line: line} }
	want := calibrate.Order{
		Pairs: 3, Overlap: calibrate.Seen{N: 1, Place: place(2)}, Passed: calibrate.Seen{N: 1, Place: place(3)},
		Waited: calibrate.Seen{N: 1, Place: place(8)}, Back: calibrate.Seen{N: 1, Place: place(8)},
	}
	if diff := cmp.Diff(want, r.Order); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(calibrate.InFlight{Max: 3, Place: place(6), PerCall: 2}, r.InFlight); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if r.Timeout.N != 1 || r.Timeout.Min != 2*time.Second || r.Patience.Max != 500*time.Millisecond {
		t.Errorf("timeout %v, patience %v", r.Timeout, r.Patience)
	}
}

// What the documents do not have is named once, with its types, where it is first and a
// masked example; what they have, in any dialect, is not.
func TestUndocumented(t *testing.T) {
	for _, k := range wire.Keys() {
		for _, v := range k.Values {
			tr := traffic{dialect: retrying(k.Name + "=" + v), seed: 3, app: 1400000001, from: epoch, every: 20 * time.Second}
			for _, u := range reportOf(play(t, tr, cover(3, 60)).exchanges).Undocumented {
				if u.What != "header" && !(u.What == "parameter" && u.Name == "Zone") {
					t.Errorf("%s=%s: %+v", k.Name, v, u)
				}
			}
		}
	}
	exchange := func(n int64, head, query, body string) *recording.Exchange {
		e := &recording.Exchange{N: n, Line: int(n), At: epoch.Time(), Head: []byte("POST /?token=hush&" + query + " HTTP/1.1\r\nHost: a\r\n" + head + "\r\n"), Body: []byte(body)}
		e.Callback, e.Delivery = e.Recognize(), n
		return e
	}
	v4 := "SdkAppid=1&contenttype=json&ClientIP=1.2.3.4&OptPlatform="
	got := reportOf([]*recording.Exchange{
		exchange(1, "", v4+"iOS&CallbackCommand=Call.CallbackAfterEndCall", `{"CallbackCommand":"Call.CallbackAfterEndCall","CallRecord":{"CallId":"7","CallResult":3,"Region":"zürich-1"},"Trace":{"id":"abc"}}`),
		exchange(2, "", v4+"iOS&CallbackCommand=Call.CallbackAfterEndCall", `{"CallRecord":{"CallId":"8","CallResult":"Kicked_Out","Region":null,"CalleeList_Account":["a",7]}}`),
		exchange(3, "X-Sign: deadBEEF0123\r\n", v4+"HarmonyOS&CallbackCommand=Call.CallbackAfterHold&Sign=00ff", `{"CallId":"9","Extra":[1]}`),
		exchange(4, "", "sdkappid=1&command=call_end&contenttype=json&clientip=::1&optplatform=iOS", `{"CallId":"9","CallResult":"user 12345 left","TotalNum":2,"UserList":[]}`),
	}).Undocumented
	var lines []string
	for _, u := range got {
		lines = append(lines, fmt.Sprintf("%s %v %s of %s: %d, like %q, line %d", u.What, u.Types, u.Name, u.In, u.N, u.Example, u.Place.Line))
	}
	want := []string{
		`word [] Call.CallbackAfterHold of v4: 1, like "Call.CallbackAfterHold", line 3`,
		`value [] CallRecord.CallResult of Call.CallbackAfterEndCall: 1, like "Kicked_Out", line 2`,
		`value [] CallResult of v1 status: 1, like "xxxx 99999 xxxx", line 4`,
		`value [] CallbackCommand of v4: 1, like "Call.CallbackAfterHold", line 3`,
		`value [] OptPlatform of v4: 1, like "HarmonyOS", line 3`,
		`type [number] CallRecord.CallResult of Call.CallbackAfterEndCall: 1, like "9", line 1`,
		`type [number] CallRecord.CalleeList_Account[] of Call.CallbackAfterEndCall: 1, like "9", line 2`,
		`field [string null] CallRecord.Region of Call.CallbackAfterEndCall: 2, like "xxxxxx-9", line 1`,
		`field [object] Trace of Call.CallbackAfterEndCall: 1, like "{\"xx\":\"xxx\"}", line 1`,
		`field [array] Extra of other v4: 1, like "[9]", line 3`,
		`field [array] UserList of v1 status: 1, like "[]", line 4`,
		`parameter [] Sign of v4: 1, like "99xx", line 3`,
		`header [] X-Sign of v4: 1, like "xxxxXXXX9999", line 3`,
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func asJSON(t testing.TB, v any) string {
	t.Helper()
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
