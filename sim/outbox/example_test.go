package outbox_test

import (
	"fmt"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/outbox"
	"ringback/sim/wire"
)

// An outbox needs a state with a registration and a call. The engine makes both; here
// they are put in by hand.
func Example() {
	run := journal.Run{Token: "monday"}
	fx := outbox.Effects{State: journal.NewState(journal.Keep)}
	o := outbox.New(outbox.Config{}, &run, &fx)
	o.Speak(wire.Default())

	to, _ := delivery.ParseEndpoint("http://127.0.0.1:9080/cb")
	fx.Emit(0, "", &journal.Registered{App: 1, Generation: wire.V1, URL: to.URL, Words: wire.AllWords(), Endpoint: to}, nil)
	started := &journal.Fact{Generation: wire.V1, Fact: call.Fact{Kind: call.Started, By: "alice", Setup: &call.Setup{
		Number: 1, App: 1, Caller: "alice", Callees: []string{"bob"}, Device: &call.Device{Platform: "iOS"},
	}}}
	fx.Emit(0, "c-1", started, nil)

	c := fx.State.Call("c-1")
	o.Add(0, c, wire.Default().Project(nil, wire.V1, &c.Call, &started.Fact))
	_ = o.Answered(0, 1, 1, &delivery.Answer{Status: 500, Connected: true})
	o.Fire(0) // the first retry is due after 0 s
	_ = o.Answered(0, 1, 2, &delivery.Answer{Status: 500, Connected: true})
	at, _ := o.Next(call.Latest)
	for _, effect := range fx.List {
		fmt.Print(effect.Event.Kind(), " ")
	}
	fmt.Println("next in", at.Sub(0))
	// Output: registered started callback attempt answer attempt answer next in 1s
}
