package traffic

import (
	"time"

	"ringback/sim"
	"ringback/sim/call"
)

// Why is the reason for a call.
type Why uint8

// The reasons for a call. Only fresh calls arrive as the model's profile says;
// the others follow from a call before.
const (
	Fresh     Why = iota
	InSession     // the caller goes on to call someone else
	CallBack      // someone who missed a call calls back
	Redial        // the caller tries again after a call that failed
)

var whyWords = [...]string{"fresh", "session", "call_back", "redial"}

func (w Why) String() string { return whyWords[w] }

// Intent is a caller's intention to reach someone. It may take several calls.
type Intent struct {
	IntentID uint64 // shared by a call and its redials
	Attempt  int    // from 1
	Why      Why

	key uint64 // of the random draws
	try uint64 // of the random draws; unlike Attempt it counts failed starts
}

// Call is one generated call. All that happens in it is decided when it starts,
// since nothing outside a call influences it.
type Call struct {
	Intent
	Number     uint64 // from 1; no two calls of a generator have the same, whatever its segment
	Partition  int    // from 1
	Caller     *Person
	Callees    []*Person
	Media      call.Media
	Kind       call.Kind
	Failed     bool // it could not be started; no callbacks are sent
	CalleeIdle bool // false if and only if the result is call_busy
	Result     call.Result
	Start      call.Instant
	RingEnd    call.Instant  // when the ring ended, by an answer or otherwise
	Accept     call.Instant  // 0 if no one answered
	End        call.Instant  // includes the time until a silent phone counts as offline
	Natural    time.Duration // talk time as drawn, before any lost line
	Joined     int           // callees who were in the call at any time

	second  bool     // of the two generations, where calls alternate
	away    []string // callees whose phones never ring
	timeout time.Duration
	plan    []call.Step // of a group call

	// Who ends an answered one-on-one call, how, and when.
	endedBy  *Person
	endVerb  call.Verb
	hangUpAt call.Instant
}

// oneOnOnePlan appends the steps of a one-on-one call's phones.
func (c *Call) oneOnOnePlan(plan []call.Step) []call.Step {
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
		return append(plan, step(c.Accept, call.DoAccept, callee), step(c.hangUpAt, c.endVerb, c.endedBy.ID))
	}
	return plan // the server's timer ends the call ends the call
}

// Place returns the engine input that plays the call as it was generated.
func (c *Call) Place(app uint32) sim.Place {
	var p sim.Place
	c.place(app, &p)
	return p
}

// devices returns the devices that differ from the caller's. The engine's calls
// keep the list, so it is never reused.
func (c *Call) devices() (list call.Devices) {
	if len(c.Callees) == 1 && c.Callees[0].Device != c.Caller.Device {
		return c.Callees[0].deviceList()
	}
	for _, who := range c.Callees {
		if who.Device != c.Caller.Device {
			list = append(list, call.Owned{User: who.ID, Device: &who.Device})
		}
	}
	return list
}

// place does what Place does, and reuses the memory of *p.
func (c *Call) place(app uint32, p *sim.Place) {
	callees, plan, extra := p.Setup.Callees[:0], p.Plan[:0], p.Setup.Extra
	for _, who := range c.Callees {
		callees = append(callees, who.ID)
	}
	switch {
	case c.timeout == sim.RingTimeout:
		extra = nil
	case extra == nil || extra.Rings != call.Span(c.timeout):
		extra = &call.Extra{Rings: call.Span(c.timeout)} // not reused: the engine's calls keep it
	}
	if plan = append(plan, c.plan...); c.Kind == call.Single {
		plan = c.oneOnOnePlan(plan)
	}
	*p = sim.Place{Fail: c.Failed, RingLater: !c.CalleeIdle, Plan: plan, Setup: call.Setup{
		App: app, Caller: c.Caller.ID, Callees: callees, Away: c.away, Media: c.Media, Kind: c.Kind,
		Device: &c.Caller.Device, Devices: c.devices(), Extra: extra,
	}}
}
