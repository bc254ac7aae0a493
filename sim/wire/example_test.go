package wire_test

import (
	"fmt"
	"time"

	"ringback/sim/call"
	"ringback/sim/wire"
)

// A fact of a call makes callbacks, which an encoder writes.
func Example() {
	started := call.Fact{Kind: call.Started, By: "alice", Setup: &call.Setup{
		ID: "c-1", Number: 1, App: 1400000001, Caller: "alice", Callees: []string{"bob"},
		Device: &call.Device{Platform: "iOS", IP: "127.0.0.1"},
	}}
	var c call.Call
	at := call.At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	c.Apply(at, started)

	dialect := wire.Default()
	if err := dialect.Set("start_media_key=MediaType"); err != nil {
		fmt.Println(err)
		return
	}
	encoder := wire.NewEncoder(dialect)
	for _, cb := range dialect.Project(nil, wire.V4, &c, &started) {
		fmt.Printf("%s\n%s\n", encoder.AppendQuery(nil, &c, &cb), encoder.AppendBody(nil, &c, &cb, at))
	}
	// Output:
	// SdkAppid=1400000001&CallbackCommand=Call.CallbackAfterStartCall&contenttype=json&ClientIP=127.0.0.1&OptPlatform=iOS
	// {"CallbackCommand":"Call.CallbackAfterStartCall","CallInfo":{"CallId":"c-1","MediaType":"Audio","ChatGroupId":"","RoomId":"","RoomIdType":1},"UserList":[{"User_Account":"alice","Status":"Calling"},{"User_Account":"bob","Status":"Waiting"}],"EventTime":1767225600000}
}
