package control_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/control"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// act does something in a call.
func (a *api) act(id string, action call.Action) {
	a.t.Helper()
	if err := a.backend.Do(sim.Act{Call: id, Action: action}, nil); err != nil {
		a.t.Fatal(err)
	}
}

// The samples of 68938, 68937 and 68939. Setting and deleting answer nothing
// besides that all is well.
func TestV4Configuration(t *testing.T) {
	a := newAPI(t)
	a.bad("v4/call_config/get_callback", `{}`, 100301, "the callback configuration does not exist")
	for _, step := range []struct{ path, body, want string }{
		{
			"v4/call_config/set_callback",
			`{"Url":"http://www.example.com/callback","CallbackCommandList":["Call.CallbackAfterStartCall","Call.CallbackAfterEndCall","Call.CallbackAfterMemberChanged"]}`,
			"",
		},
		{
			"v4/call_config/get_callback", `{}`,
			`{"Url":"http://www.example.com/callback","CallbackCommandList":["Call.CallbackAfterStartCall","Call.CallbackAfterEndCall","Call.CallbackAfterMemberChanged"]}`,
		},
		{"v4/call_config/set_callback", `{"CallbackCommandList":["Call.CallbackAfterEndCall","Call.CallbackAfterEndCall"],"Url":"https://x/?a=b"}`, ""},
		{"v4/call_config/get_callback", `{}`, `{"Url":"https://x/?a=b","CallbackCommandList":["Call.CallbackAfterEndCall"]}`},
		{"v4/call_config/delete_callback", `{}`, ""},
		{"v4/call_config/delete_callback", `{}`, ""},
	} {
		if got := a.good(step.path, step.body); got != step.want {
			t.Errorf("%s: %s, want %s", step.path, got, step.want)
		}
	}
	a.bad("v4/call_config/get_callback", `{}`, 100301)
}

func TestV4FieldErrors(t *testing.T) {
	a := newAPI(t)
	set := func(url, list string) string { return `{"Url":` + url + `,"CallbackCommandList":` + list + `}` }
	const all = `["Call.CallbackAfterEndCall"]`
	for body, words := range map[string]string{
		`{}`:                                   "Url: is missing",
		`{"Url":"http://x/"}`:                  "CallbackCommandList: is missing",
		set(`5`, all):                          "Url: is a number, want a text",
		set(`"ftp://x/"`, all):                 "Url: Url must start with http or https",
		set(`"https://"`, all):                 `Url: URL "https://": has no host`,
		set(`"http://x/"`, `"x"`):              "CallbackCommandList: is a text, want a list",
		set(`"http://x/"`, `[]`):               "CallbackCommandList: is empty",
		set(`"http://x/"`, `[{}]`):             "CallbackCommandList: its entry 1 is an object",
		set(`"http://x/"`, `["cancel"]`):       "CallbackCommandList: cancel is a word of v1, want Call.CallbackAfterStartCall",
		set(`"http://x/"`, `["AfterEndCall"]`): "did you mean Call.CallbackAfterEndCall?",
	} {
		a.bad("v4/call_config/set_callback", body, 100002, words)
	}
	for path, code := range map[string]int{
		"v4/call_record_http_srv/get_record_by_callid": 100002,
		"v4/call_engine_http_srv/get_call_info":        101002,
		"v4/call_engine_http_srv/end_call":             101002,
	} {
		for _, body := range []string{`{}`, `{"CallId":null}`, `{"CallId":5}`, `{"CallId":""}`, `{"callId":"x"}`, `{"CallID":"x"}`} {
			a.bad(path, body, code, "CallId: ")
		}
	}
}

// A call as get_call_info shows it while it runs (68932), and then no more.
func TestV4CallInfo(t *testing.T) {
	a := newAPI(t)
	id := a.place(`{"callees":["bob","carol","dave"],"room":"roomid-1434","chat_group":"@TGS#1","media":"video"}`)
	info := func() string { return a.good("v4/call_engine_http_srv/get_call_info", `{"CallId":"`+id+`"}`) }
	a.act(id, call.Action{Do: call.DoAccept, By: "bob"})
	a.act(id, call.Action{Do: call.DoReject, By: "carol"})
	want := `{"CallInfo":{"CallId":"` + id + `","MediaType":"Video","ChatGroupId":"@TGS#1","RoomId":"roomid-1434","RoomIdType":2},` +
		`"UserList":[{"User_Account":"alice","Status":"Calling"},{"User_Account":"bob","Status":"Calling"},{"User_Account":"dave","Status":"Waiting"}]}`
	if got := info(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	a.refused("v4/call_engine_http_srv/get_call_info", `{"CallId":"`+id+`"}`, of(t, otherApp), 101004)
	a.refused("v4/call_engine_http_srv/end_call", `{"CallId":"`+id+`"}`, of(t, otherApp), 101004)
	info()
	a.good("v4/call_engine_http_srv/end_call", `{"CallId":"`+id+`"}`)
	for _, path := range []string{"v4/call_engine_http_srv/get_call_info", "v4/call_engine_http_srv/end_call"} {
		a.bad(path, `{"CallId":"`+id+`"}`, 101004, `no call "`+id+`" is going on`)
		a.bad(path, `{"CallId":"x"}`, 101004)
	}
	failed := a.place(`{"fails":true}`)
	a.bad("v4/call_engine_http_srv/get_call_info", `{"CallId":"`+failed+`"}`, 101004)
}

// The type of an empty room is a matter of dialect, here as in callbacks; the
// key of the media is not.
func TestV4CallInfoDialects(t *testing.T) {
	robot := `{"Robot_Account":"robot","CalleeList_Account":["7"],"Timeout":10000,"CallInfo":{"MediaType":"Audio","RoomIdType":2}}`
	for dialect, want := range map[string]string{
		"empty_room_type=1":         `"MediaType":"Audio","ChatGroupId":"","RoomId":"","RoomIdType":1},"UserList":[{"User_Account":"robot",`,
		"empty_room_type=0":         `"MediaType":"Audio","ChatGroupId":"","RoomId":"","RoomIdType":0}`,
		"start_media_key=both":      `","MediaType":"Audio","ChatGroupId"`,
		"start_media_key=MediaType": `","MediaType":"Audio","ChatGroupId"`,
		"user_account=number":       `{"User_Account":7,"Status":"Waiting"}`,
	} {
		a := newAPI(t, with(t, dialect))
		id := a.startRobot(robot)
		got := a.good("v4/call_engine_http_srv/get_call_info", `{"CallId":"`+id+`"}`)
		if !strings.Contains(got, want) || strings.Contains(got, "CallMediaType") {
			t.Errorf("%s: %s", dialect, got)
		}
	}
}

// What end_call leaves behind: NormalEnd if someone had answered, else Cancel,
// or Interrupt under the dialect.
func TestV4EndCall(t *testing.T) {
	for dialect, want := range map[string][2]string{"by_state": {"Cancel", "NormalEnd"}, "Interrupt": {"Interrupt", "Interrupt"}} {
		a := newAPI(t, with(t, "end_call_result="+dialect))
		for i, answered := range []bool{false, true} {
			id := a.place(`{}`)
			if answered {
				a.act(id, call.Action{Do: call.DoAccept, By: "bob"})
			}
			if got := a.good("v4/call_engine_http_srv/end_call", `{"CallId":"`+id+`"}`); got != "" {
				t.Errorf("end_call carries %s", got)
			}
			a.advance("5s")
			if got := a.good("v4/call_record_http_srv/get_record_by_callid", `{"CallId":"`+id+`"}`); !strings.Contains(got, `"CallResult":"`+want[i]+`"`) {
				t.Errorf("%s, answered %t: %s", dialect, answered, got)
			}
		}
	}
}

// startRobot lets a robot call and returns the CallId.
func (a *api) startRobot(body string) string {
	a.t.Helper()
	var started struct{ CallId string }
	if err := json.Unmarshal([]byte(a.good("v4/call_engine_http_srv/start_call_by_robot", body)), &started); err != nil {
		a.t.Fatal(err)
	}
	return started.CallId
}

// The sample of 71845, and the call that it places.
func TestV4StartCallByRobot(t *testing.T) {
	a := newAPI(t)
	a.good("v4/call_config/set_callback", goodBodies["v4/call_config/set_callback"])
	got := a.good("v4/call_engine_http_srv/start_call_by_robot", `{"Robot_Account":"robot","CalleeList_Account":["jack"],"Timeout":300000,`+
		`"UserData":"userdata-12345687","CallInfo":{"MediaType":"Video","RoomId":"roomid-test","RoomIdType":2},`+
		`"OfflinePushInfo":{"PushFlag":0,"Title":"title","Desc":"text","Ext":"{\"a\":1}"}}`)
	if want := `{"CallId":"rb-test-0001","CallResult":[{"Callee_Account":"jack","ResultCode":0}]}`; got != want {
		t.Fatalf("got  %s\nwant %s", got, want)
	}
	a.backend.Read(func(s *journal.State) {
		c := s.Call("rb-test-0001")
		if c.Caller() != "robot" || c.Kind != call.Single || c.Media != call.Video || c.Room != "roomid-test" || c.RoomType != call.StringRoom ||
			c.Generation != wire.Both || c.Extra.UserData != "userdata-12345687" || c.Device.Platform != "iOS" {
			t.Errorf("%+v", c.Call)
		}
		if target := string(c.Deliveries[0].Request.Target()); !strings.Contains(target, "OptPlatform=RESTAPI") {
			t.Errorf("the callback goes to %s", target)
		}
	})
	a.act("rb-test-0001", call.Action{Do: call.DoAccept, By: "jack"})

	id := a.startRobot(`{"Robot_Account":"robot2","CalleeList_Account":["bob","carol"],"Timeout":10000,"UserData":null,"OfflinePushInfo":null,` +
		`"CallInfo":{"MediaType":"Audio","RoomId":"4711","RoomIdType":1}}`)
	a.backend.Read(func(s *journal.State) {
		c := s.Call(id)
		if c.Kind != call.Group || c.Media != call.Audio || c.Room != "4711" || c.RoomType != call.DigitRoom || len(c.Members) != 3 || c.Extra.UserData != "" {
			t.Errorf("%+v", c.Call)
		}
	})
	a.advance("9s")
	a.good("v4/call_engine_http_srv/get_call_info", `{"CallId":"`+id+`"}`) // it rings
	a.advance("6s")                                                        // and no longer since 5 s
	if got := a.good("v4/call_record_http_srv/get_record_by_callid", `{"CallId":"`+id+`"}`); !strings.Contains(got, `"CallResult":"NotAnswer"`) {
		t.Errorf("no one answered, and the record says %s", got)
	}
}

func TestV4RobotErrors(t *testing.T) {
	a := newAPI(t)
	const fine = `{"Robot_Account":"robot","CalleeList_Account":["jack"],"Timeout":300000,"CallInfo":{"MediaType":"Video"}}`
	many := func(n int) string {
		ids := make([]string, n)
		for i := range ids {
			ids[i] = `"u` + strconv.Itoa(i) + `"`
		}
		return strings.Join(ids, ",")
	}
	for change, want := range map[string]struct {
		code  int
		words string
	}{
		`"Robot_Account":"robot", -> `:          {101002, "Robot_Account: is missing"},
		`"robot" -> ""`:                         {101002, "Robot_Account: is empty"},
		`"robot" -> 10001`:                      {60015, "Robot_Account: has the number 10001, want a text"},
		`"robot" -> null`:                       {101002, "Robot_Account: is null, want a text"},
		`"robot" -> "über"`:                     {101002, `Robot_Account: user id "über" has 'ü'`},
		`["jack"] -> ["jack",10002]`:            {60015, "CalleeList_Account: has the number 10002, want a text"},
		`["jack"] -> ["jack",null]`:             {101002, "CalleeList_Account: its entry 2 is null, want a text"},
		`["jack"] -> "jack"`:                    {101002, "CalleeList_Account: is a text, want a list"},
		`["jack"] -> []`:                        {101002, "CalleeList_Account: is empty"},
		`["jack"] -> ["jack","jack"]`:           {101002, `CalleeList_Account: "jack" is in the call twice`},
		`["jack"] -> ["robot"]`:                 {101002, `CalleeList_Account: "robot" is in the call twice`},
		`["jack"] -> [""]`:                      {101002, `CalleeList_Account: user id "" has 0 bytes`},
		`["jack"] -> [` + many(201) + `]`:       {101002, "CalleeList_Account: has 201 entries, want at most 200"},
		`"Timeout":300000, -> `:                 {101002, "Timeout: is missing"},
		`300000 -> 9999`:                        {101002, "Timeout: is 9999, want a whole number from 10000 to 600000"},
		`300000 -> 600001`:                      {101002, "Timeout: is 600001"},
		`300000 -> "300000"`:                    {101002, "Timeout: is a text"},
		`300000 -> 300000.5`:                    {101002, "Timeout: is 300000.5"},
		`300000 -> 3e5`:                         {101002, "Timeout: is 3e5"},
		`300000 -> ` + strings.Repeat("9", 200): {101002, "Timeout: is a number, want"},
		`"Timeout" -> "UserData":5,"Timeout"`:   {101002, "UserData: is a number, want a text"},
		`"Timeout" -> "UserData":"` + strings.Repeat("é", 500) + "x" + `","Timeout"`: {101002, "UserData: has 1001 bytes, want at most 1000"},
		`,"CallInfo":{"MediaType":"Video"} -> `:                                      {101002, "CallInfo: is missing"},
		`{"MediaType":"Video"} -> "Video"`:                                           {101002, "CallInfo: is a text, want an object"},
		`{"MediaType":"Video"} -> {}`:                                                {101002, "CallInfo.MediaType: is missing"},
		`{"MediaType":"Video"} -> {"mediaType":"Video"}`:                             {101002, "CallInfo.MediaType: is missing; there is mediaType"},
		`"Video" -> "video"`:                                                         {101002, `CallInfo.MediaType: is "video", want one of Audio, Video`},
		`"Video" -> null`:                                                            {101002, "CallInfo.MediaType: is null"},
		`"Video" -> "Video","RoomId":5`:                                              {101002, "CallInfo.RoomId: is a number, want a text"},
		`"Video" -> "Video","RoomIdType":3`:                                          {101002, "CallInfo.RoomIdType: is 3, want a whole number from 1 to 2"},
		`"Video" -> "Video","RoomIdType":1,"RoomId":"x1"`:                            {101002, `CallInfo.RoomId: is "x1", want a number since RoomIdType is 1`},
		`"CallInfo" -> "OfflinePushInfo":"x","CallInfo"`:                             {101002, "OfflinePushInfo: is a text, want an object"},
	} {
		from, to, _ := strings.Cut(change, " -> ")
		a.bad("v4/call_engine_http_srv/start_call_by_robot", strings.Replace(fine, from, to, 1), want.code, want.words)
	}
	a.backend.Read(func(s *journal.State) {
		if len(s.CallsAfter(0)) != 0 {
			t.Errorf("%d calls were placed", len(s.CallsAfter(0)))
		}
	})
	most := strings.Replace(fine, `"jack"`, many(200), 1)
	a.good("v4/call_engine_http_srv/start_call_by_robot", strings.Replace(most, `"Timeout"`, `"UserData":"`+strings.Repeat("é", 500)+`","Timeout"`, 1))
	a.bad("v4/call_engine_http_srv/start_call_by_robot", fine, 101002, "robot is in another call")
}

// Ids of other letters are for those who asked for them.
func TestV4RobotAnyIDs(t *testing.T) {
	a := newAPI(t, func(cfg *control.Config) { cfg.AnyIDs = true })
	const body = `{"Robot_Account":"über","CalleeList_Account":["会议室"],"Timeout":300000,"CallInfo":{"MediaType":"Video"}}`
	a.startRobot(body)
	a.bad("v4/call_engine_http_srv/start_call_by_robot", strings.Replace(body, "会议室", "", 1), 101002, "CalleeList_Account: ")
}

// A backend that is shutting down says that the failure is its own.
func TestRestWhenOver(t *testing.T) {
	a := newAPI(t)
	id := a.place(`{}`)
	a.good("v1/callback/set", goodBodies["v1/callback/set"])
	a.good("v4/call_config/set_callback", goodBodies["v4/call_config/set_callback"])
	if err := a.backend.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	for path, code := range map[string]int{
		"v1/callback/set": 99999, "v1/callback/update": 99999, "v1/callback/delete": 99999,
		"v4/call_config/set_callback": 100001, "v4/call_config/delete_callback": 100001,
		"v4/call_engine_http_srv/start_call_by_robot": 101001,
	} {
		a.bad(path, goodBodies[path], code, "the run is over")
	}
	a.bad("v4/call_engine_http_srv/end_call", `{"CallId":"`+id+`"}`, 101001, "the run is over")
}
