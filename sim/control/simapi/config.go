package simapi

import (
	"time"

	"ringback/sim/control/rest"
	"ringback/sim/journal"
	"ringback/sim/run"
	"ringback/sim/session"
)

// Config says what the simulation API acts on. All is needed but for what says
// otherwise.
type Config struct {
	Session *session.Session // the simulator that it acts on
	// Log has the events that readers of streams get. It is read and written while
	// the session's state is looked at: in [session.Session.State] and in Watch of
	// [session.Config].
	Log     *journal.Log
	REST    *rest.API // whose errors are injected
	Apps    []uint32  // whose calls can be placed; those of the first if nothing is said
	Version string    // of Ringback

	// Resumed is the latest event of the journal that the session went on from; 0
	// if it began anew.
	Resumed uint64

	Guarded bool // requests must have a token, which whoever serves the API asks for

	// Sandboxes are all simulators of the server, for the API of the first; nil: no routes
	// about them.
	Sandboxes Sandboxes

	AnyIDs bool // allow user ids that CallKit would refuse
	Signed bool // callbacks are signed
	// Heartbeat is how long a phone may be silent; sim.PlatformExpiry if that depends on
	// the phone.
	Heartbeat time.Duration

	// How time passes after a reset, and whether calls come by themselves then.
	Pace      run.Pace
	Paused    bool
	TrafficOn bool

	StuckAfter time.Duration   // how long a reader of a stream may take nothing
	Closing    <-chan struct{} // closed when streams should end
	Readers    func(float64)   // called with 1 when a reader of a stream comes, and with -1 when it leaves
	Dropped    func()          // called for each of them that did not keep up
}

// backend is what routes act on.
type backend struct {
	Config
	instance string // another one each time the server starts
}
