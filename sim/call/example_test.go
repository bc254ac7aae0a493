package call_test

import (
	"fmt"
	"time"

	"ringback/sim/call"
)

func Example() {
	started, err := call.Start(&call.Setup{
		ID: "rb-demo-0001", App: 1400000001, Caller: "alice", Callees: []string{"bob"},
		Device: &call.Device{Platform: "iOS", IP: "127.0.0.1"},
	}, false)
	if err != nil {
		fmt.Println(err)
		return
	}
	now := call.At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	var c call.Call
	c.Apply(now, started)
	for _, a := range []call.Action{
		{Do: call.DoRing, By: "bob"},
		{Do: call.DoHangUp, By: "alice"}, // too early
		{Do: call.DoAccept, By: "bob"},
		{Do: call.DoHangUp, By: "alice"},
	} {
		now = now.Add(3 * time.Second)
		facts, err := c.Decide(nil, now, a)
		if err != nil {
			fmt.Println(err)
		}
		for _, f := range facts {
			c.Apply(now, f)
			if f.Kind == call.Ended {
				fmt.Println(now, "ended as", f.Result)
				continue
			}
			fmt.Println(now, f.Kind, "by", f.By)
		}
	}
	fmt.Println("talked for", c.EndAt.Sub(c.AcceptAt))
	// Output:
	// 2026-01-01T00:00:03.000Z ringing by bob
	// alice cannot hang_up: no one has answered yet; the caller uses cancel, a callee reject (rule after-answer)
	// 2026-01-01T00:00:09.000Z accepted by bob
	// 2026-01-01T00:00:12.000Z left by alice
	// 2026-01-01T00:00:12.000Z ended as normal_end
	// talked for 3s
}
