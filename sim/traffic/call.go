package traffic

import (
	"time"

	"ringback/sim"
	"ringback/sim/call"
)

// Why tells what made somebody call.
type Why uint8

// The reasons. Only fresh wishes arrive as the model's profile says; the others
// follow from calls.
const (
	Fresh     Why = iota
	InSession     // with the phone in the hand already, somebody else is called too
	CallBack      // somebody who missed a call calls back
	Redial        // the call before led to nothing
)

var whyWords = [...]string{"fresh", "session", "call_back", "redial"}

func (w Why) String() string { return whyWords[w] }

// Wish is what a call is made for.
type Wish struct {
	Intent  uint64 // its number; a redial has that of the call before
	Attempt int    // from 1
	Why     Why

	key uint64 // of its draws
	try uint64 // of its draws too: starts that failed count
}

// Call is one call as its people make it. What happens in it is settled when
// it starts, since those who are in it have no ear for others.
type Call struct {
	Wish
	Caller     *Person
	Callees    []*Person
	Media      call.Media
	Kind       call.Kind
	Failed     bool // it could not be started: there never was a call
	CalleeIdle bool // false exactly for call_busy
	Result     call.Result
	Start      call.Instant
	RingEnd    call.Instant  // the answer, or what else ended the ring
	Accept     call.Instant  // 0 if nobody ever answered
	End        call.Instant  // with the time until a silent loss is noticed
	Natural    time.Duration // the talk as it would have been without losses
	Joined     int           // callees who were in the call at some time

	away    []string // callees whose phones never ring
	timeout time.Duration
	plan    []call.Step // of a group call

	// Who ends an answered call between two, how, and when.
	who    *Person
	how    call.Verb
	leaves call.Instant
}

// pairPlan is what the phones of a call between two do.
func (c *Call) pairPlan() []call.Step {
	caller, callee := c.Caller.ID, c.Callees[0].ID
	step := func(at call.Instant, do call.Verb, by string) call.Step {
		return call.Step{After: call.Span(at.Sub(c.Start)), Action: call.Action{Do: do, By: by}}
	}
	switch c.Result {
	case call.CallBusy:
		return []call.Step{step(c.End, call.DoBusy, callee)}
	case call.Reject:
		return []call.Step{step(c.RingEnd, call.DoReject, callee)}
	case call.Cancel:
		return []call.Step{step(c.RingEnd, call.DoCancel, caller)}
	case call.NormalEnd, call.Interrupt:
		return []call.Step{step(c.Accept, call.DoAccept, callee), step(c.leaves, c.how, c.who.ID)}
	}
	return nil // the server's timer
}

// Place is the call as an engine takes it, which then plays it as it is here.
func (c *Call) Place(app uint32) sim.Place {
	s := call.Setup{
		App: app, Caller: c.Caller.ID, Away: c.away, Media: c.Media, Kind: c.Kind, Device: &c.Caller.Device,
		Callees: make([]string, len(c.Callees)),
	}
	for i, p := range c.Callees {
		s.Callees[i] = p.ID
		if p.Device != c.Caller.Device {
			if s.Devices == nil {
				s.Devices = call.Devices{}
			}
			s.Devices[p.ID] = &p.Device
		}
	}
	if c.timeout != sim.RingTimeout {
		s.Extra = &call.Extra{Rings: call.Span(c.timeout)}
	}
	plan := c.plan
	if c.Kind == call.Single {
		plan = c.pairPlan()
	}
	return sim.Place{Setup: s, Fail: c.Failed, RingLater: !c.CalleeIdle, Plan: plan}
}
