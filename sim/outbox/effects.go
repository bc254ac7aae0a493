package outbox

import (
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// Send is an attempt to make.
type Send struct {
	Call      uint64 // number of the call
	Delivery  uint64
	Attempt   int
	Word      wire.Word
	Due       call.Instant // when it was to begin
	Request   *delivery.Request
	Transport delivery.Transport
}

// Effect is one thing that follows from a step.
type Effect struct {
	Event journal.Event // already folded into the state; valid until the next step
	Send  *Send         // for an attempt event: what to send
}

// Effects are what follows from a step, each folded into the state at once. The outbox
// and who owns it share one: a function to emit with in its place would take 3 % of the
// engine's events a second.
type Effects struct {
	State *journal.State
	List  []Effect
}

// Emit makes an event of a call, by its CallId, and folds it into the state. send, if
// it is not nil, is the attempt that the event asks for.
func (e *Effects) Emit(at call.Instant, id string, data journal.Data, send *Send) {
	e.List = append(e.List, Effect{Event: journal.Event{At: at, Call: id, Data: data}, Send: send})
	ev := &e.List[len(e.List)-1].Event
	if _, header := data.(*journal.Run); !header {
		ev.Seq = e.State.Seq + 1
	}
	if err := e.State.Apply(ev); err != nil {
		panic("sim: the engine broke its own journal: " + err.Error())
	}
}
