package replay_test

import (
	"context"
	"fmt"
	"strings"

	"ringback/sim/delivery"
	"ringback/sim/replay"
	"ringback/sim/run"
)

// A journal of one call, whose only callback was acknowledged, is sent to a
// receiver that rejects it. With post.New as NewSender it goes over the network.
func Example() {
	const journal = `{"v":1,"kind":"run","version":"0.1.0","seed":1,"epoch":"2026-01-01T00:00:00.000Z","run":"test","dialect":{},"flags":{}}
{"seq":1,"t":"2026-01-01T00:00:00.000Z","kind":"registered","sdkappid":1400000001,"generation":"v1","url":"/cb","typed":true,"words":"all"}
{"seq":2,"t":"2026-01-01T00:00:00.000Z","kind":"started","call":"rb-test-0001","more":true,"by":"alice","setup":{"number":1,"sdkappid":1400000001,"caller":"alice","callees":["bob"],"media":"audio","type":"single","room":"1944500001","room_type":1,"device":{"platform":"iOS","ip":"127.0.0.1"}},"generation":"v1"}
{"seq":3,"t":"2026-01-01T00:00:00.000Z","kind":"callback","call":"rb-test-0001","more":true,"delivery":1,"generation":"v1","via":"v1","word":"caller_start_call","user":"alice","state":"queued","event_time":"2026-01-01T00:00:00.000Z","url":"/cb?sdkappid=1400000001&command=caller_start_call","body":"{\"CallId\":\"rb-test-0001\",\"EventTime\":1767225600}"}
{"seq":4,"t":"2026-01-01T00:00:00.000Z","kind":"attempt","call":"rb-test-0001","delivery":1,"attempt":1}
{"seq":5,"t":"2026-01-01T00:00:00.000Z","kind":"answer","call":"rb-test-0001","delivery":1,"attempt":1,"verdict":{"is":"acked","status":200,"reason":"HTTP 200 and ErrorCode 0"},"body":"{\"ErrorCode\":0}","then":"acked"}
`
	recording, err := replay.Open(context.Background(), "test.ndjson", strings.NewReader(journal), int64(len(journal)), replay.Pick{})
	if err != nil {
		fmt.Println(err)
		return
	}
	here, _ := delivery.ParseEndpoint("http://127.0.0.1:3000/callback")
	backend := newBackend(func(string, int) delivery.Answer { return delivery.Answer{Status: 403} })
	summary, err := replay.Play(context.Background(), recording, replay.Config{
		Endpoint: here, Pace: run.Instant, NewSender: func() run.Sender { return backend },
		Fresh: &replay.Fresh{Token: "again", Epoch: recording.First.Add(1e9)},
		Differs: func(d *replay.Difference) error {
			_, err := fmt.Println(d.Call, d.Then.String(), "->", d.Now.String())
			return err
		},
	})
	fmt.Println(summary.RejectedNow, err, backend.got[0])
	// Output:
	// rb-again-0001 acked -> HTTP 403, the receiver rejects the request; abandoned after 7 attempts
	// 1 <nil> /callback?sdkappid=1400000001&command=caller_start_call {"CallId":"rb-again-0001","EventTime":1767225601}
}
