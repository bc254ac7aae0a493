package main

import (
	"time"

	"ringback/cmd/cli"
	"ringback/tui"
	"ringback/tui/draw"
)

// ofScreen are the flags of the screen, which also apply to a journal.
var ofScreen = []string{"accessible", "ascii", "script", "size", "dump", "wait", "keys", "theme", "follow", "config", "help"}

// ofReceiver are the flags of a receiver to which callbacks of a journal can be sent.
var ofReceiver = []string{"target", "timeout", "cacert", "insecure", "dialect", "order"}

type tuiFlags struct {
	cli.Flags
	ascii  bool
	script string
	size   string
	dump   string
	wait   time.Duration
	people string
	follow bool
	spoken bool
	probe  cli.ProbeFlags
	keys   []string
	theme  []string
	keymap tui.Keymap  // of keys
	scheme draw.Scheme // of theme
	attach attachFlags
	given  map[string]bool // flags on the command line

	settings string // the settings file, which may not be there
}

const tuiHint = "ringback serve --callback http://127.0.0.1:3000/callback"
