package journal_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

func Example() {
	// A journal is read line by line; what it adds up to is its state.
	const lines = `{"v":1,"kind":"run","version":"0.1.0","seed":1,"epoch":"2026-01-01T00:00:00.000Z","run":"test","dialect":{},"flags":{}}
{"seq":1,"t":"2026-01-01T00:00:00.000Z","kind":"started","call":"rb-test-0001","by":"alice","setup":{"number":1,"sdkappid":1400000001,"caller":"alice","callees":["bob"],"media":"audio","type":"single","room":"1","room_type":1,"device":{"platform":"iOS","ip":"127.0.0.1"}},"generation":"v1"}
{"seq":2,"t":"2026-01-01T00:00:30.000Z","kind":"timed_out","call":"rb-test-0001","users":["bob"]}
{"seq":3,"t":"2026-01-01T00:00:30.000Z","kind":"ended","call":"rb-test-0001","result":"not_answer"}
`
	state := journal.NewState(journal.Keep)
	for line := range strings.Lines(lines) {
		event, err := journal.ParseLine([]byte(line))
		if err == nil {
			err = state.Apply(event)
		}
		if err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println(state.Call("rb-test-0001").Result, state.Now)
	// Output: not_answer 2026-01-01T00:00:30.000Z
}

// over is a call that is over. Its id is on the line, not in it.
var over = call.Call{
	Number: 1, App: 1400000001, Phase: call.Over, Result: call.Reject, Room: "1", RoomType: call.DigitRoom,
	StartAt: 1767225600000, EndAt: 1767225603000, Device: phone, Acting: phone,
	Members: []call.Member{{ID: "alice", Device: phone, Since: 1767225600000, Status: call.Talking, Rang: true}},
}

var phone = &call.Device{Platform: "iOS", IP: "127.0.0.1"}

// events is one event of each kind, as an engine makes them.
func events() []journal.Event {
	return []journal.Event{
		{Data: &journal.Run{V: 1, Version: "0.1.0", Seed: 7, Epoch: 1767225600000, Token: "test", Dialect: wire.Default().Map(), Flags: map[string]string{"target": "/cb?a=1&b=2"}}},
		{Seq: 1, At: 1767225600000, Data: &journal.Registered{App: 1400000001, Generation: wire.Both, URL: "/cb?a=1&b=2", Typed: true, Words: wire.AllWords()}},
		{Seq: 2, At: 1767225600000, Data: &journal.Faults{On: []string{"drop=10%"}}},
		{Seq: 3, At: 1767225600000, Call: "rb-test-0001", Data: &journal.Fact{
			Fact: call.Fact{Kind: call.Started, By: "alice", Setup: &call.Setup{
				Number: 1, App: 1400000001, Caller: "alice", Callees: []string{"bob"}, Room: "1", RoomTag: call.DigitRoom,
				Device: &call.Device{Platform: "iOS", IP: "127.0.0.1"},
			}},
			Generation: wire.V1, Plan: []call.Step{{After: call.Span(3e9), Action: call.Action{Do: call.DoAccept, By: "bob"}}},
		}},
		{Seq: 4, At: 1767225600000, Call: "rb-test-0001", Data: &journal.Callback{
			Delivery: 1, Generation: wire.V1, Via: wire.V1, Word: wire.CallerStartCall, User: "alice", EventTime: 1767225600000,
			URL: journal.Text("/cb?a=1&b=2&sdkappid=1"), Body: journal.Text(`{"UserId":"<alice> & \"bob\""}`),
		}},
		{Seq: 4, At: 1767225600000, Call: "rb-test-0001", Data: &journal.Callback{
			Delivery: 2, Generation: wire.V1, Via: wire.V1, Word: wire.CalleeReceiveCall, User: "bob", EventTime: 1767225600000, Hold: delivery.UntilEnd,
			URL: journal.Text("/cb?a=1"), Body: journal.Text(`{}`), Faults: &delivery.Faults{
				Names: []string{"late", "slow"}, AfterEnd: call.Span(5e9), ContentType: "text/plain", Race: 1, Replay: 2,
				Transport: delivery.Transport{LoseTail: 1, Spread: 1e9, Reset: true, HangUp: true, Attempts: 1},
			},
		}},
		{Seq: 4, At: 1767225600000, Call: "rb-test-0001", Data: &journal.Released{Delivery: 2, Due: 1767225605000}},
		{Seq: 5, At: 1767225600000, Call: "rb-test-0001", Data: &journal.Attempt{Delivery: 1, Attempt: 1}},
		{Seq: 6, At: 1767225600000, Call: "rb-test-0001", Data: &journal.Answer{
			Delivery: 1, Attempt: 1, Verdict: delivery.Verdict{Class: delivery.NotJSON, Status: 200, Detail: `"<html>"`},
			Body: journal.Text("<html>\xff"), Then: delivery.ThenRetry, Due: 1767225600000,
		}},
		{Seq: 7, At: 1767225603000, Call: "rb-test-0001", Data: &journal.Refused{Step: 1, Action: call.Action{Do: call.DoAccept, By: "bob"}, Why: "bob cannot accept"}},
		{Seq: 8, At: 1767225603000, More: true, Data: &journal.Unregistered{App: 1400000001, Generation: wire.V1}},
		{Seq: 9, At: 1767225603000, Call: "rb-test-0001", Data: &journal.Withdrawn{Delivery: 1}},
		{Seq: 9, At: 1767225603000, Call: "rb-test-0001", Data: &journal.Dropped{Delivery: 2}},
		{Seq: 10, At: 1767225603000, Data: &journal.Warned{About: "random", Text: "app 1400000001 sends a random above 4294967295"}},
		{Seq: 10, At: 1767225603000, Data: &journal.Clock{Pace: "10x", Paused: true}},
		{Seq: 10, At: 1767225603000, Data: &journal.Reset{Registrations: true}},
		{Seq: 11, At: 1767225603000, Call: "rb-test-0001", More: true, Data: &journal.SavedRecord{Record: over}},
		{Seq: 11, At: 1767225603000, Call: "rb-test-0001", More: true, Data: &journal.SavedCall{
			State: over, Generation: wire.V1, Callbacks: 1, Deliveries: []journal.SavedDelivery{{
				ID: 1, Generation: wire.V1, Via: wire.Both, Word: wire.StatusReject, User: "alice", State: delivery.Acked, Attempts: 1,
				Last: &delivery.Verdict{Status: 200}, Address: "http://127.0.0.1:3000/cb", URL: journal.Text("/cb?sdkappid=1"), Body: journal.Text("{}"),
				EventTime: 1767225600000, Faults: &delivery.Faults{Names: []string{"reorder"}},
				Tries: []delivery.Try{{Attempt: 1, Began: 1767225600000, Ended: 1767225600000, Verdict: &delivery.Verdict{Status: 200}, Answer: "{}"}},
			}},
		}},
		{Seq: 11, At: 1767225603000, Data: &journal.Snapshot{
			Placed: 1, Made: 1, Totals: journal.Totals{Callbacks: 1, Attempts: 1, Acked: 1, Connected: 1}, Faults: []string{"drop"},
			Saved:   map[string]int{"saved_record": 1, "saved_call": 1},
			Targets: []journal.Registered{{App: 1400000001, Generation: wire.V1, URL: "http://127.0.0.1:3000/cb", Words: journal.Words{wire.StatusReject}}},
		}},
	}
}

// What is written reads back equal, each event on a line of its own.
func TestLinesRoundTrip(t *testing.T) {
	for _, e := range events() {
		line, err := e.AppendLine(nil)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Count(string(line), "\n") != 1 || !strings.HasSuffix(string(line), "}\n") {
			t.Errorf("not one line: %s", line)
		}
		got, err := journal.ParseLine(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if diff := cmp.Diff(e, *got); diff != "" {
			t.Errorf("%s(-want +got):\n%s", line, diff)
		}
	}
}

// The pages of help show a line of each kind; those here are what they show.
func TestHelpLines(t *testing.T) {
	var pages []byte
	for _, topic := range []string{"journal", "faults"} {
		page, err := os.ReadFile("../../cmd/ringback/help/" + topic + ".md")
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, page...)
	}
	kinds := map[string]bool{}
	s := bufio.NewScanner(bytes.NewReader(pages))
	for s.Scan() {
		if !strings.HasPrefix(s.Text(), `{"`) || !strings.Contains(s.Text(), `"kind":`) {
			continue
		}
		e, err := journal.ParseLine(s.Bytes())
		if err != nil || e == nil {
			t.Fatalf("%s: %v", s.Text(), err)
		}
		if line, err := e.AppendLine(nil); err != nil || string(line) != s.Text()+"\n" {
			t.Errorf("the page says\n%s\na journal says\n%s%v", s.Text(), line, err)
		}
		kinds[e.Kind()] = true
	}
	for _, e := range events() {
		if !kinds[e.Kind()] {
			t.Errorf("help journal shows no line of kind %s", e.Kind())
		}
	}
}

func TestParseLineErrors(t *testing.T) {
	for line, want := range map[string]string{
		`{`:                                  "unexpected end",
		`{"seq":1}`:                          "has no kind",
		`{"v":9,"kind":"run"}`:               "this Ringback reads format 1",
		`{"seq":1,"t":"x","kind":"attempt"}`: "want RFC 3339",
		`{"seq":1,"t":"2026-01-01T00:00:00Z","kind":"answer","verdict":{"is":"odd"}}`: "odd",
	} {
		if _, err := journal.ParseLine([]byte(line)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", line, err, want)
		}
	}
	if e, err := journal.ParseLine([]byte(`{"seq":1,"t":"2026-01-01T00:00:00Z","kind":"from_the_future"}`)); e != nil || err != nil {
		t.Errorf("an unknown kind: got %v, %v; want it skipped", e, err)
	}
}

// An event that cannot follow the ones before is an error that names it.
func TestApplyErrors(t *testing.T) {
	for _, test := range []struct {
		e    journal.Event
		want string
	}{
		{journal.Event{Seq: 8, Call: "rb-test-0009", Data: &journal.Fact{Fact: call.Fact{Kind: call.Accepted, By: "bob"}}}, "not there"},
		{journal.Event{Seq: 8, Call: "rb-test-0001", Data: &journal.Fact{Fact: call.Fact{Kind: call.Accepted, By: "zoe"}}}, "zoe"},
		{journal.Event{Seq: 8, Call: "rb-test-0001", Data: &journal.Fact{Fact: call.Fact{Kind: call.Started}}}, "exists already"},
		{journal.Event{Seq: 8, Call: "rb-test-0002", Data: &journal.Fact{Fact: call.Fact{Kind: call.Started}}}, "no setup"},
		{journal.Event{Seq: 8, Call: "rb-test-0001", Data: &journal.Attempt{Delivery: 9}}, "delivery 9"},
		{journal.Event{Seq: 8, Call: "rb-test-0001", Data: &journal.Answer{Delivery: 1}}, "not in flight"},
		{journal.Event{Seq: 8, Call: "rb-test-0001", Data: &journal.Released{Delivery: 1}}, "delivery 1 is not held back"},
		{journal.Event{Seq: 8, Call: "rb-test-0009", Data: &journal.Released{Delivery: 1}}, "not there"},
		{journal.Event{Seq: 8, Data: &journal.Registered{Generation: wire.V1, URL: "ftp://x"}}, "ftp://x"},
		{journal.Event{Data: &journal.Run{Dialect: map[string]string{"attempts": "9"}}}, "attempts"},
	} {
		st := journal.NewState(journal.Keep)
		for _, e := range events() {
			if err := st.Apply(&e); err != nil {
				t.Fatal(err)
			}
		}
		err := st.Apply(&test.e)
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), test.e.Kind()) {
			t.Errorf("%s: got %v, want it to name %s", test.e.Kind(), err, test.want)
		}
	}
}

// A call leaves the state when it has been over for long enough, with its
// deliveries.
func TestFinishedCallsAreForgotten(t *testing.T) {
	st := journal.NewState(2)
	seq := uint64(0)
	apply := func(id string, d journal.Data) {
		seq++
		if err := st.Apply(&journal.Event{Seq: seq, Call: id, Data: d}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 5 {
		id := fmt.Sprint("call-", i)
		apply(id, &journal.Fact{Fact: call.Fact{Kind: call.Started, By: "alice", Setup: &call.Setup{
			Number: uint64(i + 1), Caller: "alice", Callees: []string{"bob"}, Device: &call.Device{},
		}}})
		apply(id, &journal.Fact{Fact: call.Fact{Kind: call.Ended, Result: call.Reject}})
		apply(id, &journal.Callback{Delivery: uint64(i + 1), Word: wire.StatusReject, Generation: wire.V1})
		apply(id, &journal.Attempt{Delivery: uint64(i + 1), Attempt: 1})
		apply(id, &journal.Answer{Delivery: uint64(i + 1), Attempt: 1})
	}
	if len(slices.Collect(st.Calls())) != 1 || len(st.Deliveries) != 1 {
		t.Errorf("%d calls and %d deliveries are left, want the last one of each", len(slices.Collect(st.Calls())), len(st.Deliveries))
	}
	if st.Totals.Acked != 5 {
		t.Errorf("totals %+v", st.Totals)
	}
}

// Whatever a damaged journal holds, folding it ends in a state or an error.
func FuzzApply(f *testing.F) {
	var all []byte
	for _, e := range events() {
		all, _ = e.AppendLine(all)
	}
	f.Add(string(all))
	f.Fuzz(func(t *testing.T, text string) {
		st := journal.NewState(10)
		for line := range strings.Lines(text) {
			e, err := journal.ParseLine([]byte(line))
			if err != nil || e == nil {
				continue
			}
			if st.Apply(e) != nil {
				return
			}
		}
	})
}
