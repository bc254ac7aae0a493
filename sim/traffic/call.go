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

// pairPlan appends what the phones of a call between two do.
func (c *Call) pairPlan(plan []call.Step) []call.Step {
	caller, callee := c.Caller.ID, c.Callees[0].ID
	step := func(at call.Instant, do call.Verb, by string) call.Step {
		return call.Step{After: call.Span(at.Sub(c.Start)), Action: call.Action{Do: do, By: by}}
	}
	switch c.Result {
	case call.CallBusy:
		return append(plan, step(c.End, call.DoBusy, callee))
	case call.Reject:
		return append(plan, step(c.RingEnd, call.DoReject, callee))
	case call.Cancel:
		return append(plan, step(c.RingEnd, call.DoCancel, caller))
	case call.NormalEnd, call.Interrupt:
		return append(plan, step(c.Accept, call.DoAccept, callee), step(c.leaves, c.how, c.who.ID))
	}
	return plan // the server's timer
}

// Place is the call as an engine takes it, which then plays it as it is here.
func (c *Call) Place(app uint32) sim.Place {
	var p sim.Place
	c.place(app, &p)
	return p
}

// devices are those that differ from the caller's. Calls keep the list.
func (c *Call) devices() (list call.Devices) {
	if len(c.Callees) == 1 && c.Callees[0].Device != c.Caller.Device {
		return c.Callees[0].alone()
	}
	for _, who := range c.Callees {
		if who.Device != c.Caller.Device {
			list = append(list, call.Owned{User: who.ID, Device: &who.Device})
		}
	}
	return list
}

// place is Place in the memory of one before.
func (c *Call) place(app uint32, p *sim.Place) {
	callees, plan, extra := p.Setup.Callees[:0], p.Plan[:0], p.Setup.Extra
	for _, who := range c.Callees {
		callees = append(callees, who.ID)
	}
	switch {
	case c.timeout == sim.RingTimeout:
		extra = nil
	case extra == nil || extra.Rings != call.Span(c.timeout):
		extra = &call.Extra{Rings: call.Span(c.timeout)} // calls keep it
	}
	if plan = append(plan, c.plan...); c.Kind == call.Single {
		plan = c.pairPlan(plan)
	}
	*p = sim.Place{Fail: c.Failed, RingLater: !c.CalleeIdle, Plan: plan, Setup: call.Setup{
		App: app, Caller: c.Caller.ID, Callees: callees, Away: c.away, Media: c.Media, Kind: c.Kind,
		Device: &c.Caller.Device, Devices: c.devices(), Extra: extra,
	}}
}
