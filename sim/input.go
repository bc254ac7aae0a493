package sim

import (
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// Input is something that the engine is told: Register, SetFaults, Place,
// Act, Answered or Tick.
type Input interface{ input() }

// Register sends an app's callbacks of some words to an endpoint from now on.
// Registering the same app and generation again replaces the address.
type Register struct {
	App        uint32
	Generation wire.Generation
	Endpoint   *delivery.Endpoint
	Typed      bool // the operator typed the address
	Words      wire.Words
}

// SetFaults switches faults on, in the spelling of [fault.Parse]; those that
// are not named are off.
type SetFaults struct{ On []string }

// Place starts a call. The engine fills in Setup's ID, Number and Room where
// they are empty; the first effect's event names the call.
type Place struct {
	Setup      call.Setup
	Generation wire.Generation // which callbacks the call makes
	Fail       bool            // the start fails
	RingLater  bool            // phones ring by DoRing actions, not at once
	Plan       []call.Step     // in order of time
}

// Act does something to a call.
type Act struct {
	Call   string // CallId
	Action call.Action
}

// Answered brings the answer to an attempt.
type Answered struct {
	Delivery uint64
	Attempt  int
	Answer   *delivery.Answer
}

// Tick fires what is due.
type Tick struct{}

func (Register) input()  {}
func (SetFaults) input() {}
func (Place) input()     {}
func (Act) input()       {}
func (Answered) input()  {}
func (Tick) input()      {}

// Effect is one thing that follows from a step.
type Effect struct {
	Event journal.Event // already folded into the state; valid until the next step
	Send  *Send         // for an attempt event: what to send
}

// Send is an attempt to make.
type Send struct {
	Call      uint64 // number of the call
	Delivery  uint64
	Attempt   int
	Request   *delivery.Request
	Transport delivery.Transport
}
