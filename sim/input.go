package sim

import (
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/outbox"
	"ringback/sim/script"
	"ringback/sim/wire"
)

// Input is something that the engine is told: Register, Unregister, SetFaults,
// SetDialect, Place, Act, RetryNow, GiveUp, Duplicate, Replay, Handle, Recorded, Answered,
// Warn, Clock, Drain, Reset or Tick.
type Input interface{ input() }

// Register sends an app's callbacks of some words to an endpoint from now on.
// Registering the same app and generation again replaces the address; what is under
// way goes where it was made for, or under the dialect set_pending=new follows.
type Register struct {
	App        uint32
	Generation wire.Generation
	Endpoint   *delivery.Endpoint
	Typed      bool // the operator typed the address
	Words      []wire.Word
}

// Unregister ends an app's registration. What is still to be delivered for it
// is withdrawn, or under the dialect delete_pending=keep goes on.
type Unregister struct {
	App        uint32
	Generation wire.Generation
}

// Reset forgets all calls, callbacks, records and faults, and the
// registrations too if asked. Ids go on counting.
type Reset struct{ Registrations bool }

// SetFaults switches faults on, in the spelling of [fault.Parse]; those that
// are not named are off.
type SetFaults struct {
	On []string
	// Recorded says that a journal says so, rather than a user: faults that have
	// nothing to do in this run are no error.
	Recorded bool
}

// Place starts a call. The engine fills in Setup's ID, Number and Room where
// they are empty, ID and Room from the Number; the first effect's event names the
// call. Who gives some calls of an engine their numbers gives them to all. A *Place
// does the same.
type Place struct {
	Setup      call.Setup
	Generation wire.Generation // which callbacks the call makes
	Fail       bool            // the start fails
	RingLater  bool            // phones ring by DoRing actions, not at once
	Plan       []call.Step     // in order of time; the engine keeps it, so it must not change any more, unless the engine recycles
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

// Clock journals how time passes, for a restart.
type Clock struct {
	Pace   string
	Paused bool
}

// Tick fires what is due.
type Tick struct{}

// Drain lets nothing more happen in any call: phones and the server's timers
// stand still, and no call starts. The callbacks that there are go on to their
// ends. Reset takes it back.
type Drain struct{}

// SetDialect makes choices of the dialect, like v4_retry=v1, for callbacks and
// answers from now on; what was sent keeps its bytes.
type SetDialect struct{ Set []string }

// Warn journals, once, that something is accepted that the documents do not have.
type Warn journal.Warned

// What CallKit does by itself, a person can ask for at another time, or ask it
// not to do.

// RetryNow makes a delivery's next attempt at once, instead of when it is due.
// A callback that a fault holds back goes on with it. It is refused for one
// whose turn has not come, is under way, or is settled.
type RetryNow struct{ Delivery uint64 }

// GiveUp abandons a delivery. The answer to an attempt that is under way is
// then refused.
type GiveUp struct{ Delivery uint64 }

// Duplicate sends a callback once more, in the same bytes, whatever became of
// it so far.
type Duplicate struct{ Delivery uint64 }

// Replay sends all callbacks of a call once more, in the same bytes.
type Replay struct{ Call string }

// Handle does one of these to the callbacks of a call, of which a script knows the
// place in the call rather than the ids. Callbacks that cannot be retried or given
// up, since they are settled, say, stay as they are: that is no error.
type Handle struct {
	Call string // CallId
	script.Handling
}

func (Register) input()   {}
func (Unregister) input() {}
func (SetFaults) input()  {}
func (Place) input()      {}
func (Act) input()        {}
func (Answered) input()   {}
func (Reset) input()      {}
func (Clock) input()      {}
func (Tick) input()       {}
func (Drain) input()      {}
func (SetDialect) input() {}
func (Warn) input()       {}
func (RetryNow) input()   {}
func (GiveUp) input()     {}
func (Duplicate) input()  {}
func (Replay) input()     {}
func (Handle) input()     {}

// Effect is one thing that follows from a step.
type Effect = outbox.Effect

// Placed is the CallId of the call that a step placed, or "".
func Placed(effects []Effect) (id string) {
	for i := range effects {
		if f, ok := effects[i].Event.Data.(*journal.Fact); ok && f.Setup != nil {
			id = effects[i].Event.Call
		}
	}
	return id
}

// AppendLines appends the journal lines of a step.
func AppendLines(b []byte, step []Effect) (_ []byte, err error) {
	for i := range step {
		if b, err = step[i].Event.AppendLine(b); err != nil {
			return b, err
		}
	}
	return b, nil
}

// Send is an attempt to make.
type Send = outbox.Send
