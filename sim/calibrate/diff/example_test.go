package diff_test

import (
	"fmt"
	"os"
	"time"

	"ringback/sim/calibrate/diff"
	"ringback/sim/recording"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// A service that adds a field to its status callbacks, and whose callee says nothing of a
// call that it rejects.
func Example() {
	var exchanges []*recording.Exchange
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	send := func(after time.Duration, command, role, user, rest string) {
		e := &recording.Exchange{
			N: int64(len(exchanges) + 1), Line: 2 * (len(exchanges) + 1), At: at.Add(after),
			Head: fmt.Appendf(nil, "POST /cb?sdkappid=1400000001&command=%s&contenttype=json&clientip=10.0.0.7&optplatform=iOS HTTP/1.1\r\nContent-Type: application/json\r\n\r\n", command),
			Body: fmt.Appendf(nil, `{"UserId":%q,"RoomId":"4711","TotalNum":2,"MediaType":"audio","CallType":"single","CallId":"055662e1","Role":%q,%s}`, user, role, rest),
		}
		e.Callback, e.Delivery = e.Recognize(), e.N
		exchanges = append(exchanges, e)
	}
	send(0, "caller_start_call", "caller", "alice", `"Event":"start_call","CallResult":"","EventTime":1772442000,"StartCallTs":1772442000,"AcceptTs":0,"EndTs":0`)
	send(0, "callee_receive_call", "callee", "bob", `"Event":"receive_call","CallResult":"","EventTime":1772442000,"StartCallTs":1772442000,"AcceptTs":0,"EndTs":0`)
	send(3*time.Second, "caller_call_rejected", "caller", "alice", `"Event":"call_rejected","CallResult":"reject","EventTime":1772442003,"StartCallTs":1772442000,"AcceptTs":0,"EndTs":1772442003`)
	send(3*time.Second, "call_end", "caller", "alice", `"CallResult":"reject","EventTime":1772442003,"Reason":"user"`)

	var words wire.Words
	for _, e := range exchanges {
		words = diff.Words(words, e)
	}
	d := diff.New(wire.Default(), words.With(wire.CalleeRejectCall)) // which other calls had
	for _, e := range exchanges {
		d.Add("monday.ndjson", e)
	}
	if err := d.Report().Print(os.Stdout, text.Style{}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 1 call played again in the simulator, 0 alike
	// ≠ v1 callee_reject_call  callback  recorded not sent, simulated sent  in 1 of 1 call, first at monday.ndjson:2
	// ≠ v1 call_end reject  Reason       recorded "user", simulated missing  in 1 of 1 call, first at monday.ndjson:8
}
