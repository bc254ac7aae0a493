package scenario

import (
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/script"
	"ringback/sim/wire"
)

// Binding turns the operations of a script into inputs, with the ids of a run for the
// script's names.
//
//	b := scenario.Binding{App: 1400000001, Device: device, Generation: wire.V1}
//	fx, err := engine.Step(now, b.Input(operation.Do))
//	b.Note(operation.Do, sim.Placed(fx))
type Binding struct {
	App        uint32
	Device     *call.Device // everybody's
	AnyIDs     bool
	User       func(name string) string // the id to send for a name; nil: the name
	Generation wire.Generation          // of calls that name none

	calls map[string]string // CallIds by the script's names
	last  string            // the CallId that was noted last
}

// Input is what a deed asks of the engine. An act that names no call concerns
// the one that was noted under no name, or else last.
func (b *Binding) Input(do script.Deed) sim.Input {
	switch do := do.(type) {
	case script.Place:
		return b.place(do)
	case script.Act:
		a := do.Action
		if a.By != "" { // the server has no name
			a.By = b.user(a.By)
		}
		a.Users = b.users(a.Users)
		id, _ := b.Call(do.Call)
		return sim.Act{Call: id, Action: a}
	case script.Handling:
		id, _ := b.Call(do.Call)
		return sim.Handle{Call: id, Handling: do}
	case script.Faults:
		return sim.SetFaults{On: do}
	}
	return sim.Tick{} // wait
}

func (b *Binding) place(p script.Place) sim.Place {
	s := p.Setup()
	s.App, s.AnyIDs, s.Device = b.App, b.AnyIDs, b.Device
	s.Caller = b.user(s.Caller)
	s.Callees, s.Busy, s.Away = b.users(s.Callees), b.users(s.Busy), b.users(s.Away)
	g := b.Generation
	if p.Generation != 0 {
		g = p.Generation
	}
	return sim.Place{Setup: s, Generation: g, Fail: p.Fails, RingLater: p.RingLater}
}

// Note remembers the CallId of a call that a deed placed.
func (b *Binding) Note(do script.Deed, id string) {
	if p, ok := do.(script.Place); ok {
		b.Name(p.Call, id)
	}
}

// Name remembers the CallId of a call under a name.
func (b *Binding) Name(name, id string) {
	if b.calls == nil {
		b.calls = map[string]string{}
	}
	b.calls[name], b.last = id, id
}

// Call is the CallId of the call of a name.
func (b *Binding) Call(name string) (id string, ok bool) {
	if id, ok = b.calls[name]; !ok && name == "" {
		return b.last, b.last != ""
	}
	return id, ok
}

// Calls are the CallIds by the script's names.
func (b *Binding) Calls() map[string]string { return b.calls }

// Last is the CallId that was noted last, or "".
func (b *Binding) Last() string { return b.last }

func (b *Binding) user(name string) string {
	if b.User == nil {
		return name
	}
	return b.User(name)
}

func (b *Binding) users(names []string) (ids []string) {
	for _, n := range names {
		ids = append(ids, b.user(n))
	}
	return ids
}
