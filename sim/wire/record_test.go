package wire_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/call"
	"ringback/sim/wire"
)

// recordSamples are the vendor's samples of records and of a running call.
var recordSamples = []struct {
	name, json string
	into       any
}{
	{
		"60137 record", `{
			"callId": "2ae7d549-c441-4a9b-87c0-61810fe19582", "sdkAppId": 88888888, "mediaType": "video", "roomId": "123456", "startCallTs": 1688705638,
			"acceptTs": 1688705641, "endTs": 1688705668, "caller": "alice", "totalUserNumber": 2, "callType": "single", "callResult": "normal_end",
			"callees": ["bob1", "bob2"]
		}`, new(wire.V1Record),
	},
	{
		"60136 record of a filter", `{
			"callId": "2ae7d549-c441-4a9b-87c0-61810fe19581", "sdkAppId": 88888888, "mediaType": "video", "roomId": "456", "startCallTs": 1688709003,
			"acceptTs": 1688709003, "endTs": 1689150030, "caller": "123", "totalUserNumber": 0, "callType": "single", "callResult": "offline",
			"callees": ["111", "123"]
		}`, new(wire.V1Record),
	},
	{
		"68930 record", `{
			"CallId": "04c9a0ac-8e38-4a19-be45-349c5ce7911b", "Caller_Account": "user1", "MediaType": "Audio", "CallType": "MultiCall",
			"StartTime": 1739868165, "EndTime": 1740064224, "AcceptTime": 1739872743, "CallResult": "NormalEnd",
			"CalleeList_Account": ["user1", "user5", "user2"], "RoomId": "roomid-1434", "RoomIdType": 2
		}`, new(wire.CallRecord),
	},
	{
		"68932 call", `{"CallId": "055662e1-bc8a-469c-a334-1126c8c17d58", "MediaType": "Audio", "ChatGroupId": "", "RoomId": "", "RoomIdType": 0}`,
		new(wire.CallInfo),
	},
}

// The samples decode without a key left over, and are written again with the
// same keys in the same order.
func TestRecordSamples(t *testing.T) {
	for _, s := range recordSamples {
		if err := decode([]byte(s.json), s.into); err != nil {
			t.Errorf("%s: %v", s.name, err)
			continue
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, []byte(s.json)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(compact.String(), string(reference(t, s.into))); diff != "" {
			t.Errorf("%s, written again (-page +got):\n%s", s.name, diff)
		}
	}
}

// A v4 record is what the EndCall callback said of the call, in each dialect;
// the v1 record says the same in its own words.
func TestRecordsAreLikeCallbacks(t *testing.T) {
	for _, choice := range []string{"callee_list=with_caller", "callee_list=callees", "heartbeat_result=Interrupt", "empty_room_type=0", "case=title"} {
		d := dialect(t, choice)
		enc, records := wire.NewEncoder(d), 0
		for _, s := range scenes {
			for _, st := range show(t, s, d) {
				for _, cb := range st.callbacks {
					if cb.callback.Word != wire.AfterEndCall {
						continue
					}
					records++
					var end wire.EndCall
					if err := decode([]byte(cb.body), &end); err != nil {
						t.Fatal(err)
					}
					got := enc.Record(&cb.call)
					if diff := cmp.Diff(end.CallRecord, got); diff != "" {
						t.Errorf("%s, %q (-callback +record):\n%s", choice, s.name, diff)
					}
					v1 := enc.V1Record(&cb.call)
					want := wire.V1Record{
						CallID: got.CallID, SDKAppID: cb.call.App, MediaType: v1.MediaType, RoomID: got.RoomID,
						StartCallTs: got.StartTime, AcceptTs: got.AcceptTime, EndTs: got.EndTime, Caller: got.CallerAccount,
						TotalUserNumber: len(cb.call.Members), CallType: enc.V1Kind(&cb.call), CallResult: enc.V1Result(cb.call.Result), Callees: got.CalleeList,
					}
					if diff := cmp.Diff(want, v1); diff != "" {
						t.Errorf("%s, %q (-v4 +v1):\n%s", choice, s.name, diff)
					}
				}
			}
		}
		if records < 5 {
			t.Errorf("%s: only %d records", choice, records)
		}
	}
}

// One record does not change another of the same encoder.
func TestRecordsShareNothing(t *testing.T) {
	a := &call.Call{ID: "a", Members: []call.Member{{ID: "alice"}, {ID: "bob"}}}
	b := &call.Call{ID: "b", Members: []call.Member{{ID: "carol"}, {ID: "dave"}}}
	enc := wire.NewEncoder(wire.Default())
	list := []wire.CallRecord{enc.Record(a), enc.Record(b)}
	old := []wire.V1Record{enc.V1Record(a), enc.V1Record(b)}
	if diff := cmp.Diff([]string{"alice", "bob"}, list[0].CalleeList); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"alice", "bob"}, old[0].Callees); diff != "" {
		t.Error(diff)
	}
	users := enc.Users(a)
	enc.Users(b)
	if diff := cmp.Diff([]wire.User{{Account: wire.Account{ID: "alice"}, Status: "Waiting"}, {Account: wire.Account{ID: "bob"}, Status: "Waiting"}}, users); diff != "" {
		t.Error(diff)
	}
}

// The words of results and kinds in records.
func TestRecordWords(t *testing.T) {
	type words struct{ V1, V4 string }
	for choice, want := range map[string][]words{
		"case=lower": {
			{"normal_end", "NormalEnd"},
			{"cancel", "Cancel"},
			{"reject", "Reject"},
			{"not_answer", "NotAnswer"},
			{"call_busy", "CallBusy"},
			{"interrupt", "Interrupt"},
			{"offline", "Offline"},
		},
		"case=title": {
			{"Normal_end", "NormalEnd"},
			{"Cancel", "Cancel"},
			{"Reject", "Reject"},
			{"Not_answer", "NotAnswer"},
			{"Call_busy", "CallBusy"},
			{"Interrupt", "Interrupt"},
			{"Offline", "Offline"},
		},
		"heartbeat_result=Interrupt": {
			{"normal_end", "NormalEnd"},
			{"cancel", "Cancel"},
			{"reject", "Reject"},
			{"not_answer", "NotAnswer"},
			{"call_busy", "CallBusy"},
			{"interrupt", "Interrupt"},
			{"interrupt", "Interrupt"},
		},
	} {
		enc := wire.NewEncoder(dialect(t, choice))
		var got []words
		for r := call.NormalEnd; r <= call.Offline; r++ {
			got = append(got, words{enc.V1Result(r), enc.V4Result(r)})
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", choice, diff)
		}
	}
}

// The kinds of calls, and that each is among those that can be asked for.
func TestKindNames(t *testing.T) {
	single, group, ofIM := new(call.Call), &call.Call{Kind: call.Group}, &call.Call{Kind: call.Group, Special: &call.Special{Extra: &call.Extra{ChatGroup: "@TGS#1"}}}
	for choices, want := range map[string]string{
		"":                                 "single group group",
		"multi_call_type=multi":            "single multi group",
		"multi_call_type=multi case=title": "Single Multi Group",
	} {
		enc := wire.NewEncoder(dialect(t, strings.Fields(choices)...))
		var v1 []string
		for _, c := range []*call.Call{single, group, ofIM} {
			v1 = append(v1, enc.V1Kind(c))
			if !slices.Contains(enc.V1Kinds(), enc.V1Kind(c)) || !slices.Contains(enc.V4Kinds(), enc.V4Kind(c)) {
				t.Errorf("%s: %s and %s are not among %q and %q", choices, enc.V1Kind(c), enc.V4Kind(c), enc.V1Kinds(), enc.V4Kinds())
			}
		}
		if got := strings.Join(v1, " "); got != want {
			t.Errorf("%q: %s, want %s", choices, got, want)
		}
		if got := enc.V4Kind(single) + enc.V4Kind(group) + enc.V4Kind(ofIM); got != "SingleCallMultiCallMultiCall" {
			t.Errorf("%q: %s", choices, got)
		}
	}
}
