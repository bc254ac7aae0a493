package tui

import (
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/journal"
	"ringback/sim/wire"
	"ringback/tui/history"
	"ringback/tui/pane"
)

// Simulation is a run as the screen sees it. Both methods may wait; the screen
// calls them outside of its own loop.
type Simulation interface {
	// Watch returns what happened since it returned last. It waits for something to
	// happen, but no longer than a clock on the screen may stand still.
	Watch() Changes
	// Do carries out a command.
	Do(Command) Done
}

// Changes are what happened since the screen looked last.
type Changes struct {
	Anew   bool             // drop all earlier events: these begin the journal again
	Events []*journal.Event // valid for good
	Clock  Clock
	Over   error // the run has ended by itself, and this is why

	// Of a run on a server (see [Config.Remote]):
	Lost    error // why the server can't be reached at present; attempts to reach it go on
	Traffic *bool // whether background calls come, which others may switch, too; nil: it is not known

	Journal int64 // bytes of the journal that is written without --journal

	NextCall call.Instant // when the next background call comes; 0: none does, or it is not known

	Stored []*history.Stored // what the probe answered to [Ask]

	Resent *Resent // what came of [Resend]

	Tape *Position // where a recording stands; nil for a live run
	Note string    // what is to be said about it
}

// Clock is the time of a run, and how it passes.
type Clock struct {
	Now    call.Instant // simulated
	Wall   time.Time    // for messages that go away and attempts under way; zero: unknown
	Pace   string       // real, instant, or a factor like 10x
	Paused bool
}

// Command is a request of the screen: Feed, Ask, Resend, SetClock, Seek, SwitchTraffic, Copy,
// Save, SaveJournal or KeepGeneration.
type Command interface{ command() }

// Feed gives the simulator an input.
type Feed struct{ Input sim.Input }

// SetClock changes how time passes.
type SetClock struct {
	Do   ClockVerb
	Pace string // for SetPace
}

// ClockVerb is what to do with the clock.
type ClockVerb uint8

// The commands of the clock.
const (
	Pause   ClockVerb = iota
	Resume            // let time pass
	Step              // go to what is due next, and pause
	SetPace           // let time pass at another pace
)

// Ask asks the receiver's probe what is stored of a call that is over. Do returns at once;
// the answer comes with Changes. While it is awaited, further questions about the call are
// ignored.
type Ask struct {
	Call string // its CallId
	Want history.Wanted
}

// Seek goes to a time of a recording; to [call.Latest], its end, it shows what is added
// there, too.
type Seek struct{ To call.Instant }

// Resend sends the callbacks of calls of a recording to the receiver of [Config.Resends],
// in the same bytes. Do returns at once; what came of it comes with Changes.
type Resend struct {
	Calls []string // their CallIds
}

// Resent is what came of [Resend].
type Resent struct {
	Callbacks []ResentCallback
	Err       error // why not all were sent
}

// ResentCallback is how a callback of a recording was answered when it was sent again.
type ResentCallback struct {
	Delivery uint64 // its number in the recording; 0 if it is not there
	pane.Again
}

// SwitchTraffic starts or stops background calls.
type SwitchTraffic struct {
	On   bool
	Rate float64 // calls per second of simulated time; 0 is that of their preset
}

// Copy puts a text into the clipboard of the terminal's user and, since that may not
// work, into a file.
type Copy struct {
	Name, Text string
	Part       string // how much of something Text is, if it is not all of it
	Token      bool   // it holds a secret of the receiver's address, which is said
}

// Save writes a new file with such a name.
type Save struct {
	Name   string
	Data   []byte
	Secret bool // readable by the user alone
	Token  bool // as of Copy
}

// SaveJournal writes the journal so far into a file.
type SaveJournal struct{}

// KeepGeneration writes a generation, v1 or v4, into the settings file of [Config.Settings]
// for later runs, and nothing else there.
type KeepGeneration struct{ Generation wire.Generation }

func (Feed) command()           {}
func (SetClock) command()       {}
func (Ask) command()            {}
func (Seek) command()           {}
func (Resend) command()         {}
func (SwitchTraffic) command()  {}
func (Copy) command()           {}
func (Save) command()           {}
func (SaveJournal) command()    {}
func (KeepGeneration) command() {}

// Done is the result of a command.
type Done struct {
	Call string // the call that was placed
	Note string // what to say, like the name of a file
	Err  error
}
