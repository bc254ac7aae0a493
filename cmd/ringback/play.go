package main

import (
	"context"
	"time"

	"ringback/cmd/cli"
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/journal"
	"ringback/sim/run"
	"ringback/sim/session"
	"ringback/sim/store"
	"ringback/sim/wire"
)

// play plays calls against a receiver, and passes each event to a watcher.
type play struct {
	setup   *cli.Config
	inputs  run.List
	faults  []string
	words   []wire.Word
	journal *store.File // may be nil
	watch   func(*journal.State, *journal.Event) error
}

// start begins the inputs: where callbacks go, and which faults are on.
func (p *play) start() {
	at := p.setup.Run.Epoch
	p.inputs = append(p.inputs, run.Timed{At: at, Input: sim.Register{
		App: p.setup.App, Generation: p.setup.Generation, Endpoint: p.setup.Endpoint, Typed: true, Words: p.words,
	}})
	if len(p.faults) > 0 {
		p.inputs = append(p.inputs, run.Timed{At: at, Input: sim.SetFaults{On: p.faults}})
	}
}

// place adds a call of an outcome at a time and returns when it is over.
func (p *play) place(at call.Instant, s call.Setup, g wire.Generation, o sim.Outcome) (call.Instant, error) {
	plan, err := o.Plan(&s)
	if err != nil {
		return at, err
	}
	if _, err := call.Start(&s, false); err != nil { // before anything is sent
		return at, err
	}
	p.inputs = append(p.inputs, run.Timed{At: at, Input: sim.Place{Setup: s, Generation: g, Plan: plan}})
	return at.Add(o.Length()), nil
}

// run plays to the end and returns the final state. The watcher gets the state right
// after each event.
func (p *play) run(ctx context.Context) (*journal.State, error) {
	cfg := p.setup.Session()
	cfg.Source, cfg.Journal, cfg.Watch = &p.inputs, cli.AppendTo(p.journal), p.watch
	return session.Run(ctx, cfg)
}

// verdict returns the exit code of a finished run.
func verdict(st *journal.State) error {
	t := st.Totals
	switch {
	case t.Attempts > 0 && t.Connected == 0:
		return cli.Outcome(cli.ExitUnreachable)
	case t.Abandoned+t.Dropped > 0:
		return cli.Outcome(cli.ExitAbandoned)
	}
	return nil
}

// scheduleGap lies between a call and the next, in simulated time.
const scheduleGap = time.Second

// newSetup is the setup of a call among people, by name.
func newSetup(s *cli.Config, caller string, callees []string, media call.Media, device *call.Device) call.Setup {
	cs := call.Setup{App: s.App, Caller: s.User(caller), Media: media, Device: device, AnyIDs: s.AnyIDs}
	for _, u := range callees {
		cs.Callees = append(cs.Callees, s.User(u))
	}
	if len(callees) > 1 {
		cs.Kind = call.Group
	}
	return cs
}
