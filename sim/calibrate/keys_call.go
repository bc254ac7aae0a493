package calibrate

import (
	"slices"
	"time"

	"ringback/sim/wire"
)

// callState is what is known of a call while it is looked at.
type callState struct {
	id          string
	app         string
	first, last int64 // numbers of its exchanges
	at          Place // of the first
	begin       int64 // the earliest time that is known of it; 0: none
	until       int64 // until when it has been going on, at most
	failed      int64 // how long failed attempts may have held up its callbacks
	room        string
	several     bool // it is several calls: its room changes
	deliveries  []tries
	v1          v1Call
	v4          v4Call
}

// tries are the attempts of a delivery.
type tries struct {
	delivery int64
	at       Place
	v4       bool
	whole    bool // its first attempt was seen
	tainted  bool // it is no sequence of failures
	strict   bool // it showed that v4 answers are read
	n        int
	soft     int // attempts that followed an answer with HTTP 200
	last     verdict
	ended    time.Time
	answer   int   // line of its answer; 0: none
	begin    int64 // EventTime
}

// verdict is what an answer is for the sender.
type verdict uint8

const (
	unclear verdict = iota // unknown, or it depends on more than the dialect's keys
	acked
	softly // v4: HTTP 200, with a body that is no acknowledgement
	failed
)

// v1Call is what v1 callbacks tell of a call.
type v1Call struct {
	statuses []string // whose they are
	status   Place    // of the first
	caller   bool     // it is the caller's
	group    bool
	zero     bool // a normal_end without an answer: AcceptTs is 0, or is missing beside the others
	events   wire.Words
	unknown  bool  // and a word that is none of theirs
	canceled Place // of caller_cancel_call
}

func (c *v1Call) has(words ...wire.Word) bool {
	return slices.ContainsFunc(words, c.events.Has)
}

// change is what a MemberChanged says that someone did.
type change uint8

const (
	otherChange change = 1 << iota
	accepted
	rejected
	timedOut
	hungUp
	uninvited
	joined
	offline
)

// v4Call is what v4 callbacks tell of a call.
type v4Call struct {
	start, change, end Place // of the first of each; Line 0: none
	startAt, endAt     int64 // their EventTimes

	changes change // all of them
	last    change // the latest
	lastAt  int64
	calling int // who is in the call after it
	present int // and who is in it or being called

	single, answered bool
	unknown          bool // a command came that is none of the three
	result           string
}

// ended reports whether a callback said that the call is over. Of a group's callbacks only
// the status does: who leaves ends a call of their own.
func (c *callState) ended() bool {
	if c.v4.end.Line != 0 || len(c.v1.statuses) > 0 {
		return true
	}
	for _, w := range c.v1.events.List() {
		if !c.v1.group && ends(w) {
			return true
		}
	}
	return false
}

// ends reports whether an event word ends the participant's call and says its result.
func ends(w wire.Word) bool {
	switch w {
	case wire.CallerStartCall, wire.CallerCallFailed, wire.CalleeReceiveCall, wire.CalleeAcceptCall, wire.CallerCallAccepted, wire.InviteUser, wire.JoinInGroupCall:
		return false
	}
	return true
}
