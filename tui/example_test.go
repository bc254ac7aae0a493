package tui_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/wire"
	"ringback/tui"
)

// A journal is shown as a recording; here without a terminal.
func Example() {
	at, _ := delivery.ParseEndpoint("http://127.0.0.1:3000/callback")
	engine := sim.New(sim.Config{Run: journal.Run{Epoch: epoch, Token: "demo"}, Keep: journal.Keep})
	var events []*journal.Event
	keep := func(fx []sim.Effect, _ error) {
		for i := range fx {
			events = append(events, fx[i].Event.Clone())
		}
	}
	keep(engine.Begin(), nil)
	keep(engine.Step(epoch, sim.Register{App: 1400000001, Generation: wire.V1, Endpoint: at, Words: wire.AllWords()}))
	keep(engine.Step(epoch, sim.Place{Generation: wire.V1, Setup: call.Setup{
		App: 1400000001, Caller: "alice", Callees: []string{"bob"}, Device: &call.Device{Platform: "iOS", IP: "127.0.0.1"},
	}}))

	screen := tui.New(tui.NewRecording(tui.Events(events), time.Now), tui.Config{Recording: "demo.ndjson"})
	text, _ := tui.Play(context.Background(), screen, "size 80x24\n3", time.Second)
	fmt.Println(strings.Join(strings.Split(text, "\n")[8:12], "\n"))
	// Output:
	// ┏━ 3 Deliveries ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ #1 v1  2 ┓
	// ┃     callback             who    time     try last   took  next               ┃
	// ┃ ▸ ◐ caller_start_call    alice  00:00:00 1/7    …         in flight          ┃
	// ┃   · callee_receive_call  bob    00:00:00 0/7              waits its turn     ┃
}
