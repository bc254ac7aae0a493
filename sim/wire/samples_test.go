package wire_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/wire"
)

// sample is a body as a page shows it, made valid JSON where the page has
// forgotten a comma or left a comment.
type sample struct {
	name string
	json string
	into func() body
	want body
}

func ptr[T any](v T) *T { return &v }

var samples = []sample{
	{
		name: "60130 status",
		json: `{"UserId":"Alice","RoomId":"Alice's Room","TotalNum":2,"MediaType":"audio","CallType":"single","CallId":"aheahfo-eqwnknoihfsd-qweqf",` +
			`"Role":"caller","CallResult":"normal_end","EventTime":170485688,"StartCallTs":1704856873,"AcceptTs":1704856876,"EndTs":1704856885}`,
		into: func() body { return new(wire.V1Body) },
		want: &wire.V1Body{
			UserID: "Alice", RoomID: "Alice's Room", TotalNum: 2, MediaType: "audio", CallType: "single", CallID: "aheahfo-eqwnknoihfsd-qweqf",
			Role: "caller", CallResult: "normal_end", EventTime: 170485688,
			StartCallTs: ptr[int64](1704856873), AcceptTs: ptr[int64](1704856876), EndTs: ptr[int64](1704856885),
		},
	},
	{
		name: "60129 event",
		json: `{"UserId":"Alice","RoomId":"Alice's Room","TotalNum":2,"MediaType":"audio","CallType":"single","CallId":"aheahfo-eqwnknoihfsd-qweqf",` +
			`"Role":"caller","Event":"start_call","CallResult":"","EventTime":1704695566,"StartCallTs":1704856873,"AcceptTs":1704856876,"EndTs":1704856885}`,
		into: func() body { return new(wire.V1Body) },
		want: &wire.V1Body{
			UserID: "Alice", RoomID: "Alice's Room", TotalNum: 2, MediaType: "audio", CallType: "single", CallID: "aheahfo-eqwnknoihfsd-qweqf",
			Role: "caller", Event: ptr("start_call"), EventTime: 1704695566,
			StartCallTs: ptr[int64](1704856873), AcceptTs: ptr[int64](1704856876), EndTs: ptr[int64](1704856885),
		},
	},
	{
		name: "68941 start, numbers as accounts",
		json: `{"CallbackCommand":"Call.CallbackAfterStartCall","CallInfo":{"CallId":"055662e1-bc8a-469c-a334-1126c8c17d58","CallMediaType":"Audio",` +
			`"ChatGroupId":"","RoomId":"","RoomIdType":1},"UserList":[{"User_Account":144115212830834855,"Status":"Calling"},` +
			`{"User_Account":144115212948889925,"Status":"Waiting"}],"EventTime":1740464128807}`,
		into: func() body { return new(wire.StartCall) },
		want: &wire.StartCall{
			CallbackCommand: "Call.CallbackAfterStartCall", EventTime: 1740464128807,
			CallInfo: wire.CallInfo{CallID: "055662e1-bc8a-469c-a334-1126c8c17d58", CallMediaType: ptr("Audio"), RoomIDType: 1},
			UserList: []wire.User{
				{Account: wire.Account{ID: "144115212830834855", Number: true}, Status: "Calling"},
				{Account: wire.Account{ID: "144115212948889925", Number: true}, Status: "Waiting"},
			},
		},
	},
	{
		name: "68941 start as its field table has it",
		json: `{
			"CallbackCommand": "Call.CallbackAfterStartCall",
			"CallInfo": {"CallId": "055662e1-bc8a-469c-a334-1126c8c17d58", "MediaType": "Video", "ChatGroupId": "", "RoomId": "", "RoomIdType": 1},
			"UserList": [{"User_Account": "user1", "Status": "Calling"}, {"User_Account": "user2", "Status": "Waiting"}],
			"EventTime": 1740464128807
		}`,
		into: func() body { return new(wire.StartCall) },
		want: &wire.StartCall{
			CallbackCommand: "Call.CallbackAfterStartCall", EventTime: 1740464128807,
			CallInfo: wire.CallInfo{CallID: "055662e1-bc8a-469c-a334-1126c8c17d58", MediaType: ptr("Video"), RoomIDType: 1},
			UserList: []wire.User{
				{Account: wire.Account{ID: "user1"}, Status: "Calling"},
				{Account: wire.Account{ID: "user2"}, Status: "Waiting"},
			},
		},
	},
	{
		name: "69215 member changed",
		json: `{
			"CallbackCommand": "Call.CallbackAfterMemberChanged",
			"CallId": "055662e1-bc8a-469c-a334-1126c8c17d58",
			"UserList": [{"User_Account": "user1", "Status": "Calling"}, {"User_Account": "user2", "Status": "Calling"}],
			"ChangedUserList": [{"User_Account": "user2", "ActionType": "Accept"}],
			"EventTime": 1740464128807
		}`,
		into: func() body { return new(wire.MemberChanged) },
		want: &wire.MemberChanged{
			CallbackCommand: "Call.CallbackAfterMemberChanged", CallID: "055662e1-bc8a-469c-a334-1126c8c17d58", EventTime: 1740464128807,
			UserList: []wire.User{
				{Account: wire.Account{ID: "user1"}, Status: "Calling"},
				{Account: wire.Account{ID: "user2"}, Status: "Calling"},
			},
			ChangedUserList: []wire.Change{{Account: wire.Account{ID: "user2"}, Action: "Accept"}},
		},
	},
	{
		name: "68940 end",
		json: `{
			"CallbackCommand": "Call.CallbackAfterEndCall",
			"CallRecord": {
				"CallId": "055662e1-bc8a-469c-a334-1126c8c17d58", "Caller_Account": "10001", "MediaType": "Audio", "CallType": "SingleCall",
				"StartTime": 1741231146, "EndTime": 1741231296, "AcceptTime": 0, "CallResult": "NotAnswer",
				"CalleeList_Account": ["10001", "user2"], "RoomId": "roomid-1434", "RoomIdType": 2
			},
			"EventTime": 1703589922780
		}`,
		into: func() body { return new(wire.EndCall) },
		want: &wire.EndCall{
			CallbackCommand: "Call.CallbackAfterEndCall", EventTime: 1703589922780,
			CallRecord: wire.CallRecord{
				CallID: "055662e1-bc8a-469c-a334-1126c8c17d58", CallerAccount: "10001", MediaType: "Audio", CallType: "SingleCall",
				StartTime: 1741231146, EndTime: 1741231296, CallResult: "NotAnswer", CalleeList: []string{"10001", "user2"},
				RoomID: "roomid-1434", RoomIDType: 2,
			},
		},
	},
}

// The vendor's samples decode into the body types without a key left over, and
// are written again with the same keys in the same order.
func TestSamples(t *testing.T) {
	for _, s := range samples {
		t.Run(s.name, func(t *testing.T) {
			v := s.into()
			if err := decode([]byte(s.json), v); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(s.want, v); diff != "" {
				t.Errorf("decoded (-want +got):\n%s", diff)
			}
			var compact bytes.Buffer
			if err := json.Compact(&compact, []byte(s.json)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(compact.String(), string(v.AppendTo(nil))); diff != "" {
				t.Errorf("written again (-page +got):\n%s", diff)
			}
		})
	}
}
