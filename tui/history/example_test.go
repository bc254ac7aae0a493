package history_test

import (
	"fmt"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/wire"
	"ringback/tui/history"
)

// A history folds the events of a run, and writes a call as a scenario.
func Example() {
	epoch := call.At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	engine := sim.New(sim.Config{Run: journal.Run{Epoch: epoch, Token: "demo"}, Keep: journal.Keep})
	h := history.New(journal.Keep, nil)
	take := func(fx []sim.Effect, _ error) {
		for i := range fx {
			h.Take(fx[i].Event.Clone())
		}
	}
	at, _ := delivery.ParseEndpoint("http://127.0.0.1:3000/callback")
	take(engine.Begin(), nil)
	take(engine.Step(epoch, sim.Register{App: 1400000001, Generation: wire.V1, Endpoint: at, Words: wire.AllWords()}))
	take(engine.Step(epoch, sim.Place{Generation: wire.V1, Setup: call.Setup{
		App: 1400000001, Caller: "alice", Callees: []string{"bob"}, Device: &call.Device{Platform: "iOS", IP: "127.0.0.1"},
	}}))

	scenario, err := history.Scenario(h.State, h.Calls[0])
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s", scenario)
	// Output:
	// Feature: What happened in a call
	//
	//   @saved
	//   Scenario: A single audio call that goes on, call 1
	//     When alice calls bob with v1 callbacks
	//     # caller_start_call was not settled yet
	//     # callee_receive_call was not settled yet
	//     Then every callback is acknowledged
}
