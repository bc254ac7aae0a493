package tui

import (
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/journal"
)

// Simulation is a run as the screen sees it. Both methods may wait; the screen
// calls them outside of its own loop.
type Simulation interface {
	// Watch returns what happened since it returned last. It waits until
	// something did, but never for longer than a clock on the screen may stand.
	Watch() Changes
	// Do carries out a command.
	Do(Command) Done
}

// Changes are what happened since the screen looked last.
type Changes struct {
	Anew   bool             // forget all that was: the events begin the journal again
	Events []*journal.Event // valid for good
	Clock  Clock
	Over   error // the run has ended by itself, and this is why

	Journal int64 // bytes of a journal that no one asked for
}

// Clock is what time it is.
type Clock struct {
	Now    call.Instant // simulated
	Wall   time.Time    // for messages that go away and attempts under way; zero: unknown
	Pace   string       // real, instant, or a factor like 10x
	Paused bool
}

// Command is something that the screen wants done: Feed, SetClock, SwitchTraffic,
// Copy, Save or SaveJournal.
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

// What can be done with the clock.
const (
	Pause   ClockVerb = iota
	Resume            // let time pass
	Step              // go to what is due next, and stand still
	SetPace           // let time pass at another pace
)

// SwitchTraffic lets background calls come, or stops them.
type SwitchTraffic struct{ On bool }

// Copy puts a text into the clipboard of whoever sits at the terminal and,
// since that may not work, into a file.
type Copy struct {
	Name, Text string
	Part       string // how much of something Text is, if it is not all of it
	Token      bool   // it holds a secret of the receiver's address, which is said
}

// Save writes a file that does not exist yet, named like this.
type Save struct {
	Name   string
	Data   []byte
	Secret bool // for no one else to read
	Token  bool // as of Copy
}

// SaveJournal writes the journal so far into a file.
type SaveJournal struct{}

func (Feed) command()          {}
func (SetClock) command()      {}
func (SwitchTraffic) command() {}
func (Copy) command()          {}
func (Save) command()          {}
func (SaveJournal) command()   {}

// Done is what came of a command.
type Done struct {
	Call string // the call that was placed
	Note string // what to tell: where a file is, say
	Err  error
}
