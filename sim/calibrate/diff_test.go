package calibrate_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/calibrate"
	"ringback/sim/calibrate/diff"
	"ringback/sim/call"
	"ringback/sim/recording"
	"ringback/sim/wire"
)

// differences plays a recording again in a dialect.
func differences(d *wire.Dialect, exchanges []*recording.Exchange) *diff.Report {
	var words wire.Words
	for _, e := range exchanges {
		words = diff.Words(words, e)
	}
	x := diff.New(d, words)
	for _, e := range exchanges {
		x.Add("test.ndjson", e)
	}
	return x.Report()
}

func inWords(r *diff.Report) (list []string) {
	for _, x := range r.Differences {
		list = append(list, fmt.Sprintf("%s %s %s: %s -> %s", x.Word, x.What, x.Name, x.Recorded, x.Simulated))
	}
	return list
}

// What a simulator sent in a dialect does not differ from what it sends in the same
// dialect, whichever words a receiver subscribed to. Where these do not tell what happened
// in a call, it is left out.
func TestDiffNothing(t *testing.T) {
	for i := range soak(12, 400) {
		r := rand.New(rand.NewPCG(uint64(i), 7))
		d := randomDialect(r)
		tr := randomTraffic(r, d)
		if i%2 == 1 {
			for _, w := range wire.AllWords() {
				if r.IntN(2) == 0 {
					tr.words = append(tr.words, w)
				}
			}
		}
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			plan := cover(uint64(i), 100)
			if i%3 == 0 { // everyone has a phone of their own
				for j := range plan {
					for n, u := range append([]string{plan[j].setup.Caller}, plan[j].setup.Callees...) {
						phone := &call.Device{Platform: []string{"iOS", "Android", "Web"}[n%3], IP: fmt.Sprintf("10.0.%d.%d", j, n)}
						plan[j].setup.Devices = append(plan[j].setup.Devices, call.Owned{User: u, Device: phone})
					}
				}
			}
			got := differences(d, play(t, tr, plan).exchanges)
			for _, x := range got.Differences {
				t.Errorf("%+v", x)
			}
			if got.Calls == 0 || got.Calls != got.Alike || tr.words == nil && tr.pace == 0 && len(got.LeftOut) > 0 {
				t.Errorf("%d calls, %d alike, left out: %+v", got.Calls, got.Alike, got.LeftOut)
			}
		})
	}
}

// Another dialect differs in what its key is about.
func TestDiffDialect(t *testing.T) {
	for choice, want := range map[string]string{
		"status_command=word":         "not_answer parameter command: not_answer -> call_end",
		"status_per=participant":      "not_answer callback : sent -> not sent",
		"case=title":                  `not_answer field CallResult: "Not_answer" -> "not_answer"`,
		"ts=always":                   "not_answer field AcceptTs: 0 -> missing",
		"ts=known":                    "callee_receive_call field AcceptTs: missing -> 0",
		"event_result=empty":          `callee_not_answer_call field CallResult: "" -> "not_answer"`,
		"accept_action=Answer":        `Call.CallbackAfterMemberChanged field ChangedUserList[].ActionType: "Answer" -> "Accept"`,
		"hangup_action=Hang Up":       `Call.CallbackAfterMemberChanged field ChangedUserList[].ActionType: "Hang Up" -> "Hangup"`,
		"invite_actions=Invited":      `Call.CallbackAfterMemberChanged field ChangedUserList[].ActionType: "Invited" -> "Invite"`,
		"start_media_key=MediaType":   `Call.CallbackAfterStartCall field CallInfo.MediaType: "Audio" -> missing`,
		"user_account=number":         "Call.CallbackAfterStartCall field UserList[].User_Account: ",
		"callee_list=callees":         "Call.CallbackAfterEndCall field CallRecord.CalleeList_Account[]: ",
		"group_unanswered=normal_end": "normal_end callback : sent -> not sent",
		"empty_room_type=0":           "Call.CallbackAfterStartCall field CallInfo.RoomIdType: 0 -> 1",
		"v4_busy_action=Reject":       "Call.CallbackAfterMemberChanged callback : sent -> not sent",
		"query_order=sorted":          "caller_start_call parameter RequestID: ",
		"multi_call_type=multi":       `caller_start_call field CallType: "multi" -> "group"`,
	} {
		t.Run(choice, func(t *testing.T) {
			d := wire.Default()
			if err := d.Set(choice); err != nil {
				t.Fatal(err)
			}
			recorded := play(t, traffic{dialect: d, seed: 1, app: 1400000001, from: epoch, every: time.Minute}, cover(1, 60)).exchanges
			got := inWords(differences(wire.Default(), recorded))
			if !slices.ContainsFunc(got, func(x string) bool { return strings.HasPrefix(x, want) }) {
				t.Errorf("want %s, got\n%s", want, strings.Join(got, "\n"))
			}
		})
	}
}

// What a service does otherwise is found, where it is and no more often.
func TestDiffEdited(t *testing.T) {
	tr := traffic{dialect: wire.Default(), seed: 1, app: 1400000001, from: epoch, every: time.Minute}
	body := func(word, was, is string) func([]*recording.Exchange) []*recording.Exchange {
		return func(list []*recording.Exchange) []*recording.Exchange {
			for _, e := range list {
				if e.Word == word {
					e.Body = bytes.ReplaceAll(e.Body, []byte(was), []byte(is))
				}
			}
			return list
		}
	}
	head := func(word, was, is string) func([]*recording.Exchange) []*recording.Exchange {
		return func(list []*recording.Exchange) []*recording.Exchange {
			for _, e := range list {
				if e.Word == word {
					e.Head = bytes.ReplaceAll(e.Head, []byte(was), []byte(is))
				}
			}
			return list
		}
	}
	later := func(word string, by time.Duration) func([]*recording.Exchange) []*recording.Exchange {
		return func(list []*recording.Exchange) []*recording.Exchange {
			for i := 0; i+1 < len(list); i++ {
				if list[i].Word == word {
					list[i], list[i+1] = list[i+1], list[i]
					list[i+1].At = list[i].At.Add(by)
					break
				}
			}
			return list
		}
	}
	for name, c := range map[string]struct {
		edit func([]*recording.Exchange) []*recording.Exchange
		want []string
	}{
		"nothing":         {body("", "", ""), nil},
		"a field more":    {body("caller_start_call", `"Role"`, `"Version":2,"Role"`), []string{"caller_start_call field Version: 2 -> missing"}},
		"a field less":    {body("caller_start_call", `"MediaType":"audio",`, ``), []string{`caller_start_call field MediaType: missing -> "audio"`}},
		"another type":    {body("reject", `"TotalNum":2`, `"TotalNum":"2"`), []string{`reject field TotalNum: "2" -> 2`}},
		"another unit":    {body("Call.CallbackAfterEndCall", `"EndTime":17`, `"EndTime":70017`), []string{`Call.CallbackAfterEndCall field CallRecord.EndTime: 7001767225`}},
		"keys in order":   {body("reject", `"TotalNum":2,"MediaType":"audio"`, `"MediaType":"audio","TotalNum":2`), []string{"reject field the order of keys: UserId, RoomId, MediaType, TotalNum, "}},
		"another order":   {later("callee_accept_call", time.Second), []string{"caller_call_accepted order : before callee_accept_call -> behind callee_accept_call"}},
		"order by chance": {later("callee_accept_call", time.Millisecond), nil},
		"no JSON":         {body("reject", `{"UserId"`, `{{"UserId"`), []string{"reject field the body: no JSON object -> a JSON object"}},
		"a parameter":     {head("reject", "&contenttype=json", "&contenttype=json&v=2"), []string{"reject parameter v: … -> missing"}},
		"parameters":      {head("reject", "clientip=127.0.0.1&optplatform=iOS", "optplatform=iOS&clientip=127.0.0.1"), []string{"reject parameter the order of parameters: "}},
		"a content type":  {head("reject", "application/json", "text/plain"), []string{"reject header Content-Type: text/plain -> application/json"}},
	} {
		t.Run(name, func(t *testing.T) {
			plan := []planned{}
			r := rand.New(rand.NewPCG(1, 1))
			for i, kind := range []string{"normal_end", "reject"} {
				plan = append(plan, newCall(kinds[kind], wire.V1, 2*i, r), newCall(kinds[kind], wire.V4, 2*i+1, r))
			}
			got := inWords(differences(tr.dialect, c.edit(play(t, tr, plan).exchanges)))
			for i := range got {
				if i < len(c.want) && strings.HasPrefix(got[i], c.want[i]) {
					got[i] = c.want[i]
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// With the choices that a calibration finds nothing differs either: what it can't tell makes
// no difference.
func TestDiffCalibrated(t *testing.T) {
	for i := range soak(10, 200) {
		r := rand.New(rand.NewPCG(uint64(i), 7))
		d := randomDialect(r)
		recorded := play(t, randomTraffic(r, d), cover(uint64(i), 100))
		found := wire.Default()
		for _, choice := range calibrated(calibrate.Options{}, recorded.exchanges...).Choices() {
			if err := found.Set(choice); err != nil {
				t.Fatal(err)
			}
		}
		if got := inWords(differences(found, recorded.exchanges)); len(got) > 0 {
			t.Errorf("%d: %v: %v", i, d.Map(), got)
		}
	}
}
