package locust_test

import (
	"context"
	"fmt"
	"time"

	"ringback/fixtures"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/load"
	"ringback/sim/load/locust"
	"ringback/sim/run"
	"ringback/sim/traffic"
	"ringback/sim/wire"
)

// A worker whose users send ten callbacks a second each. Here no master answers. With
// post.New as NewSender it goes over the network.
func Example() {
	text, _ := fixtures.Preset("consumer")
	model, _ := traffic.Parse(text)
	endpoint, _ := delivery.ParseEndpoint("http://127.0.0.1:3000/callback")
	users, err := load.NewUsers(load.Config{
		Model: model, Run: journal.Run{Seed: 1, Epoch: call.At(time.Now()), Token: "monday"},
		App: 1400000001, Generation: wire.V1, Endpoint: endpoint, NewSender: func() run.Sender { return run.Acknowledging{} },
		Callbacks: 10, Duration: time.Hour,
	})
	if err != nil {
		panic(err)
	}
	worker := locust.New(locust.Config{Master: "127.0.0.1:1", Name: "worker 1", Load: locust.FromUsers(users)})
	fmt.Println(worker.Run(context.Background(), 10*time.Millisecond))
	// Output: 127.0.0.1:1: no Locust master answers
}
