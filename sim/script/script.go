package script

import (
	"slices"

	"ringback/sim/call"
	"ringback/sim/wire"
)

// What a script may hold at most.
const (
	MaxBytes      = 1 << 20 // of a file
	MaxOperations = 10_000  // of a file
	MaxName       = 1 << 10 // bytes of a script's name
	MaxAbout      = 8 << 10 // bytes of what it is about

	// MaxSentence bounds the bytes of one operation as a step: godog reads lines of up to
	// 64 KiB.
	MaxSentence = 60_000
)

// MaxAt is the latest time of an operation.
const MaxAt = call.Span(365 * 24 * 3600 * 1e9)

// Script is a list of operations in order of time.
type Script struct {
	Name       string
	About      string
	Operations []Operation
}

// Operation is one thing that is to happen, and when.
type Operation struct {
	At call.Span // since the script's start, in whole milliseconds
	Do Deed
}

// Deed is what happens: Place, Act, Handling, Faults or Wait.
type Deed interface{ deed() }

// Place starts a call.
type Place struct {
	Call        string // its name in this script; a script with one call needs none
	Caller      string
	Callees     []string
	Media       call.Media
	Group       bool            // a group call even if one user is called; two or more make it one anyway
	Busy        []string        // callees in another call: their phones refuse by themselves
	Unreachable []string        // callees whose phones never ring
	Room        string          // any text, a string room; "" is a generated numeric room
	UserData    string          // the invitees' phones get it with the call
	ChatGroup   string          // id of the IM group that calls
	Generation  wire.Generation // which callbacks the call makes; 0 leaves it to the run
	Fails       bool            // the call cannot be placed
	RingLater   bool            // phones ring by call.DoRing operations, not at once
}

// Act is something that a phone does in a call.
type Act struct {
	Call   string // which one, as its Place names it
	Action call.Action
}

// Faults switches these faults on, spelt as [ringback/sim/fault.Parse] reads
// them, and all others off.
type Faults []string

// Wait lets time pass until the operation's time.
type Wait struct{}

func (Place) deed()  {}
func (Act) deed()    {}
func (Faults) deed() {}
func (Wait) deed()   {}

// Setup is how the call begins. Its ID, App, Device and AnyIDs are left to the program
// that plays the script.
func (p Place) Setup() call.Setup {
	s := call.Setup{
		Caller: p.Caller, Callees: slices.Clone(p.Callees), Media: p.Media, Room: p.Room,
		Busy: slices.Clone(p.Busy), Away: slices.Clone(p.Unreachable),
	}
	if p.Group || len(p.Callees) > 1 {
		s.Kind = call.Group
	}
	if p.Room != "" {
		s.RoomTag = call.StringRoom
	}
	if p.UserData != "" || p.ChatGroup != "" {
		s.Extra = &call.Extra{UserData: p.UserData, ChatGroup: p.ChatGroup}
	}
	return s
}

// PlaceOf returns the operation that starts a call like s. A room that was generated is
// generated anew.
func PlaceOf(s *call.Setup) Place {
	p := Place{
		Caller: s.Caller, Callees: slices.Clone(s.Callees), Media: s.Media,
		Group: s.Kind == call.Group && len(s.Callees) < 2,
		Busy:  slices.Clone(s.Busy), Unreachable: slices.Clone(s.Away),
	}
	if s.RoomTag == call.StringRoom {
		p.Room = s.Room
	}
	if s.Extra != nil {
		p.UserData, p.ChatGroup = s.Extra.UserData, s.Extra.ChatGroup
	}
	return p
}

// callName is the name of the call that an operation places or concerns.
func (o Operation) callName() string {
	switch do := o.Do.(type) {
	case Place:
		return do.Call
	case Act:
		return do.Call
	case Handling:
		return do.Call
	}
	return ""
}

// withCall is the operation for a call of another name.
func (o Operation) withCall(name string) Operation {
	switch do := o.Do.(type) {
	case Place:
		do.Call = name
		o.Do = do
	case Act:
		do.Call = name
		o.Do = do
	case Handling:
		do.Call = name
		o.Do = do
	}
	return o
}
