package recording_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/call"
	"ringback/sim/recording"
	"ringback/sim/wire"
)

// Bodies of either generation and any dialect are read, and what can't be is nothing.
func TestSaid(t *testing.T) {
	for name, c := range map[string]struct {
		generation wire.Generation
		word, body string
		want       recording.Said
	}{
		"v1": {wire.V1, "callee_accept_call", `{"UserId":"bob","RoomId":"4711","TotalNum":2,"MediaType":"video","CallType":"single","CallId":"c","Role":"callee","Event":"accept_call","CallResult":"","EventTime":1772442003,"StartCallTs":1772442000,"AcceptTs":1772442003,"EndTs":0}`, recording.Said{
			Event: "accept_call", User: "bob", Total: 2, Media: call.Video, Kind: "single", Room: "4711", At: 1772442003000, StartAt: 1772442000000, AcceptAt: 1772442003000,
		}},
		"v1, titles and numbers": {wire.V1, "normal_end", `{"UserId":10001,"RoomId":4711,"TotalNum":"3","MediaType":"Audio","CallType":"Multi","Role":"Caller","CallResult":"Normal_end","EventTime":"1772442003"}`, recording.Said{
			User: "10001", Caller: "10001", Total: 3, Kind: "Multi", Group: true, Room: "4711", Result: call.NormalEnd, At: 1772442003000,
		}},
		"v1, milliseconds": {wire.V1, "reject", `{"UserId":"a","EventTime":1772442003000}`, recording.Said{User: "a"}},
		"StartCall": {wire.V4, "Call.CallbackAfterStartCall", `{"CallbackCommand":"Call.CallbackAfterStartCall","CallInfo":{"CallId":"c","MediaType":"Video","ChatGroupId":"g","RoomId":"r","RoomIdType":2},"UserList":[{"User_Account":10001,"Status":"Calling"},{"User_Account":"bob","Status":"Waiting"}],"EventTime":1772442000123}`, recording.Said{
			User: "10001", Caller: "10001", Members: []string{"10001", "bob"}, Talking: []string{"10001"}, Media: call.Video, Chat: "g", Room: "r", RoomType: call.StringRoom, At: 1772442000123,
		}},
		"MemberChanged": {wire.V4, "Call.CallbackAfterMemberChanged", `{"CallId":"c","UserList":[{"User_Account":"alice","Status":"Calling"}],"ChangedUserList":[{"User_Account":"bob","ActionType":"Hang Up"},{"User_Account":"carol","ActionType":"Hang Up"}],"EventTime":1772442000123}`, recording.Said{
			User: "bob", Members: []string{"alice"}, Talking: []string{"alice"}, Changed: []string{"bob", "carol"}, Action: "Hang Up", At: 1772442000123,
		}},
		"EndCall": {wire.V4, "Call.CallbackAfterEndCall", `{"CallRecord":{"CallId":"c","Caller_Account":"alice","MediaType":"Audio","CallType":"MultiCall","StartTime":1772442000,"EndTime":1772442009,"AcceptTime":0,"CallResult":"NotAnswer","CalleeList_Account":["alice","bob"],"RoomId":"","RoomIdType":1},"EventTime":1772442009000}`, recording.Said{
			User: "alice", Caller: "alice", Callees: []string{"bob"}, Kind: "MultiCall", Group: true, Result: call.NotAnswer, RoomType: call.DigitRoom, At: 1772442009000, StartAt: 1772442000000, EndAt: 1772442009000,
		}},
		"no JSON":   {wire.V1, "reject", `UserId=alice`, recording.Said{}},
		"no object": {wire.V4, "Call.CallbackAfterEndCall", `["a"]`, recording.Said{}},
		"odd types": {wire.V1, "reject", `{"UserId":{"a":1},"TotalNum":[2],"EventTime":null,"CallResult":7}`, recording.Said{}},
	} {
		t.Run(name, func(t *testing.T) {
			e := recording.Exchange{Body: []byte(c.body), Callback: recording.Callback{Generation: c.generation, Word: c.word}}
			if diff := cmp.Diff(c.want, e.Said()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
