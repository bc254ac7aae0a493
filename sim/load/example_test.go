package load_test

import (
	"context"
	"fmt"
	"time"

	"ringback/fixtures"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/load"
	"ringback/sim/traffic"
	"ringback/sim/wire"
)

// A second of load against a receiver of your own. With post.New as NewSender
// it goes over the network.
func Example() {
	text, _ := fixtures.Preset("consumer")
	model, _ := traffic.Parse(text)
	endpoint, _ := delivery.ParseEndpoint("http://127.0.0.1:3000/callback")
	backend := &receiver{answer: took(0)}

	run, err := load.New(load.Config{
		Model: model, Run: journal.Run{Seed: 1, Epoch: call.At(time.Now()), Token: "monday"},
		App: 1400000001, Generation: wire.V1, Endpoint: endpoint, NewSender: backend.sender,
		Calls: 100, Duration: time.Second, Compress: 600,
	})
	if err != nil {
		panic(err)
	}
	if err := run.Run(context.Background()); err != nil {
		panic(err)
	}
	r := run.Report()
	fmt.Println(r.Calls, "calls, all acknowledged:", r.Acked == r.Callbacks, r.Balance())
	// Output: 100 calls, all acknowledged: true <nil>
}
