package wire_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ringback/sim/wire"
)

func TestRenewal(t *testing.T) {
	r := wire.Renewal{WasCall: "rb-a-0001", Call: `rb-"b"-0001`, WasRoom: "100", Room: "22222", By: -time.Hour}
	for _, test := range []struct {
		name        string
		g           wire.Generation
		before, now string
	}{
		{
			"v1", wire.V1,
			`{"UserId":"rb-a-0001","RoomId":"100","TotalNum":2,"CallId":"rb-a-0001","Event":"EventTime","EventTime":1767225600,"StartCallTs":1767225600,"AcceptTs":0,"EndTs":0}`,
			`{"UserId":"rb-a-0001","RoomId":"22222","TotalNum":2,"CallId":"rb-\"b\"-0001","Event":"EventTime","EventTime":1767222000,"StartCallTs":1767222000,"AcceptTs":0,"EndTs":0}`,
		},
		{
			"v4 start", wire.V4,
			`{"CallInfo":{"CallId":"rb-a-0001","RoomId":"100","RoomIdType":1},"UserList":[{"User_Account":100}],"EventTime":1767225600007}`,
			`{"CallInfo":{"CallId":"rb-\"b\"-0001","RoomId":"22222","RoomIdType":1},"UserList":[{"User_Account":100}],"EventTime":1767222000007}`,
		},
		{
			"v4 end", wire.V4,
			`{"CallRecord":{"CallId":"rb-a-0001","StartTime":1767225600,"EndTime":1767225609,"AcceptTime":0},"EventTime":1767225609000}`,
			`{"CallRecord":{"CallId":"rb-\"b\"-0001","StartTime":1767222000,"EndTime":1767222009,"AcceptTime":0},"EventTime":1767222009000}`,
		},
		{"another call's", wire.V1, `{"CallId":"rb-a-0002","RoomId":"101"}`, `{"CallId":"rb-a-0002","RoomId":"101"}`},
		{"somewhere else", wire.V1, `{"Mine":{"CallId":"rb-a-0001","EventTime":7}}`, `{"Mine":{"CallId":"rb-a-0001","EventTime":7}}`},
		{"without its last brace", wire.V1, ` {"CallId": "rb-a-0001", "EventTime" : 1767225600`, ` {"CallId": "rb-\"b\"-0001", "EventTime" : 1767222000`},
		{"no JSON from a point on", wire.V1, `{"CallId":"rb-a-0001",!"RoomId":"100"}`, `{"CallId":"rb-\"b\"-0001",!"RoomId":"100"}`},
		{"no text", wire.V1, `{"CallId":"` + "\xff" + `rb-a-0001","RoomId":"100"}`, `{"CallId":"` + "\xff" + `rb-a-0001","RoomId":"22222"}`},
		{"times that are none", wire.V1, `{"EventTime":"1767225600","EndTs":1.5,"AcceptTs":null}`, `{"EventTime":"1767225600","EndTs":1.5,"AcceptTs":null}`},
		{"nothing", wire.V1, "", ""},
	} {
		if diff := cmp.Diff(test.now, string(r.Body(test.g, []byte(test.before)))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestRenewalOfTheApp(t *testing.T) {
	for _, test := range []struct{ before, now string }{
		{"sdkappid=14&command=call_end", "sdkappid=9&command=call_end"},
		{"SdkAppid=14", "SdkAppid=9"},
		{"a=1&SdkAppid=14&b=2", "a=1&SdkAppid=9&b=2"},
		{"sdkappid=15&command=call_end", "sdkappid=15&command=call_end"},
		{"sdkappid=145&SDKAPPID=14", "sdkappid=145&SDKAPPID=14"},
		{"", ""},
	} {
		r := wire.Renewal{WasApp: 14, App: 9}
		if got := string(r.Query([]byte(test.before))); got != test.now {
			t.Errorf("%s: %s, want %s", test.before, got, test.now)
		}
	}
}

// The renewed bytes are those that a call with the new ids would have sent at
// the new time, and the renewal the other way round brings the old ones back.
func TestRenewalIsAnotherCall(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := rapid.SampledFrom(scenes).Draw(rt, "scene")
		d := dialect(t, rapid.SampledFrom([]string{"ts=known", "ts=always", "user_account=number", "start_media_key=both"}).Draw(rt, "dialect"))
		text := rapid.StringMatching(`[ -~é漢]{1,12}`)
		id, newID := text.Draw(rt, "id"), text.Draw(rt, "new id")
		room, newRoom := text.Draw(rt, "room"), text.Draw(rt, "new room")
		if s.setup.Room != "" {
			room, newRoom = "", ""
		}
		by := time.Duration(rapid.Int64Range(-1e9, 1e9).Draw(rt, "by")) * time.Second
		there := wire.Renewal{WasCall: id, Call: newID, WasRoom: room, Room: newRoom, By: by}
		back := wire.Renewal{WasCall: newID, Call: id, WasRoom: newRoom, Room: room, By: -by}
		before, after := showAs(t, s, d, id, room, epoch), showAs(t, s, d, newID, newRoom, epoch.Add(by))
		for i := range before {
			for j, cb := range before[i].callbacks {
				renewed := string(there.Body(cb.callback.Generation, []byte(cb.body)))
				if diff := cmp.Diff(after[i].callbacks[j].body, renewed); diff != "" {
					rt.Fatalf("(-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(cb.body, string(back.Body(cb.callback.Generation, []byte(renewed)))); diff != "" {
					rt.Fatalf("brought back (-want +got):\n%s", diff)
				}
			}
		}
	})
}
