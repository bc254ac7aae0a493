package sim

import (
	"ringback/sim/call"
	"ringback/sim/script"
	"ringback/sim/wire"
)

// Cast plays the operations of a script: it turns each into an input, with the
// ids of a run for the script's names.
//
//	cast := sim.Cast{App: 1400000001, Device: device, Generation: wire.V1}
//	fx, err := engine.Step(now, cast.Input(operation.Do))
//	cast.Note(operation.Do, sim.Placed(fx))
type Cast struct {
	App        uint32
	Device     *call.Device // of everybody
	AnyIDs     bool
	User       func(name string) string // the id to send for a name; nil: the name
	Generation wire.Generation          // of calls that name none

	calls map[string]string // CallIds by the script's names
	last  string            // the CallId that was noted last
}

// Input is what a deed asks of the engine. An act that names no call concerns
// the one that was noted under no name, or else last.
func (c *Cast) Input(do script.Deed) Input {
	switch do := do.(type) {
	case script.Place:
		return c.place(do)
	case script.Act:
		a := do.Action
		if a.By != "" { // the server has no name
			a.By = c.user(a.By)
		}
		a.Users = c.users(a.Users)
		id, _ := c.Call(do.Call)
		return Act{Call: id, Action: a}
	case script.Handling:
		id, _ := c.Call(do.Call)
		return Handle{Call: id, Handling: do}
	case script.Faults:
		return SetFaults{On: do}
	}
	return Tick{} // wait
}

func (c *Cast) place(p script.Place) Place {
	s := p.Setup()
	s.App, s.AnyIDs, s.Device = c.App, c.AnyIDs, c.Device
	s.Caller = c.user(s.Caller)
	s.Callees, s.Busy, s.Away = c.users(s.Callees), c.users(s.Busy), c.users(s.Away)
	g := c.Generation
	if p.Generation != 0 {
		g = p.Generation
	}
	return Place{Setup: s, Generation: g, Fail: p.Fails, RingLater: p.RingLater}
}

// Note remembers the CallId of a call that a deed placed.
func (c *Cast) Note(do script.Deed, id string) {
	if p, ok := do.(script.Place); ok {
		c.Name(p.Call, id)
	}
}

// Name remembers the CallId of a call under a name.
func (c *Cast) Name(name, id string) {
	if c.calls == nil {
		c.calls = map[string]string{}
	}
	c.calls[name], c.last = id, id
}

// Call is the CallId of the call of a name.
func (c *Cast) Call(name string) (id string, ok bool) {
	if id, ok = c.calls[name]; !ok && name == "" {
		return c.last, c.last != ""
	}
	return id, ok
}

// Calls are the CallIds by the script's names.
func (c *Cast) Calls() map[string]string { return c.calls }

// Last is the CallId that was noted last, or "".
func (c *Cast) Last() string { return c.last }

func (c *Cast) user(name string) string {
	if c.User == nil {
		return name
	}
	return c.User(name)
}

func (c *Cast) users(names []string) (ids []string) {
	for _, n := range names {
		ids = append(ids, c.user(n))
	}
	return ids
}
