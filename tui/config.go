package tui

import (
	"time"

	"ringback/sim/call"
	"ringback/sim/secret"
	"ringback/sim/wire"
	"ringback/tui/draw"
)

// Config is what a screen needs to know.
type Config struct {
	ASCII     bool // draw nothing beyond ASCII
	Clipboard bool // there is a terminal, which may have a clipboard

	App        uint32          // of the calls that are placed
	Generation wire.Generation // of their callbacks; Both: they alternate
	Device     *call.Device    // of their phones
	AnyIDs     bool
	Target     string // the receiver, as it is shown
	Own        bool   // it is one that was started with the screen
	Traffic    string // why there are no background calls; "": there can be
	Recording  string // the file that is shown, if it is no live run
	Resends    string // the receiver to which callbacks of Recording can be sent, as it is shown; "": there is none
	Remote     string // the server that the run is on; "": it is the screen's own
	Settings   string // the settings file, in which a generation can be kept; "": in none
	Notice     string // what to say about it first

	Probe bool // the receiver can be asked what it stored

	Signs bool // requests are signed, so that faults can forge that

	// Heartbeat is how long a phone may be silent; sim.PlatformExpiry if that
	// depends on the phone, 0 if it is not known.
	Heartbeat time.Duration

	// Secrets are hidden in what receivers and failures say, on the screen and in
	// saved scenarios, besides those of the receiver's address; nil is nothing.
	Secrets *secret.Set

	// Keys are other keys for commands, Theme are other colors; nil are the usual ones.
	Keys  Keymap
	Theme draw.Scheme

	// Keep is how many events a finished call stays; 0 means [journal.Keep].
	Keep uint64
}

// errorText is an error that is all text.
type errorText string

func (e errorText) Error() string { return string(e) }

// Keymap are the keys of commands that have others than the usual ones, by name.
type Keymap map[string][]string
