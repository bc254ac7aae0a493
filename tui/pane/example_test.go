package pane_test

import (
	"fmt"
	"strings"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/journal"
	"ringback/sim/wire"
	"ringback/tui/draw"
	"ringback/tui/history"
	"ringback/tui/pane"
)

// A pane draws what its view shows of a run.
func Example() {
	epoch := call.At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	engine := sim.New(sim.Config{Run: journal.Run{Epoch: epoch, Token: "demo"}, Keep: journal.Keep})
	h := history.New(journal.Keep, nil)
	take := func(fx []sim.Effect, _ error) {
		for i := range fx {
			h.Take(fx[i].Event.Clone())
		}
	}
	take(engine.Begin(), nil)
	take(engine.Step(epoch, sim.Place{Generation: wire.V1, Setup: call.Setup{
		App: 1400000001, Caller: "alice", Callees: []string{"bob"}, Device: &call.Device{Platform: "iOS", IP: "127.0.0.1"},
	}}))

	view := &pane.View{Style: draw.Style{Glyphs: &draw.ASCII}, History: h, State: h.State, Now: epoch, KeyFor: func(command string) string { return command }}
	var calls pane.Calls
	view.Selection = calls.Update(view, h.Changed())
	for _, line := range calls.Render(view, 60, 4) {
		fmt.Println(strings.TrimRight(line, " "))
	}
	// Output:
	// call  kind   who           state         age  callbacks
	//    #1    1v1 a  alice -> bob  ringing        0s
}
