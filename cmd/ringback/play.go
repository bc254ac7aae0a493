package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/run"
	"ringback/sim/session"
	"ringback/sim/store"
	"ringback/sim/wire"
)

// play plays calls against a receiver, for whoever watches the journal.
type play struct {
	setup   *setup
	inputs  run.List
	faults  []string
	words   []wire.Word
	journal *store.File // may be nil
	watch   func(*journal.State, *journal.Event) error
}

// start begins the inputs: where callbacks go, and which faults are on.
func (p *play) start() {
	at := p.setup.run.Epoch
	p.inputs = append(p.inputs, run.Timed{At: at, Input: sim.Register{
		App: p.setup.app, Generation: p.setup.generation, Endpoint: p.setup.endpoint, Typed: true, Words: p.words,
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

// run plays to the end and returns what the journal adds up to. Whoever watches
// sees the state as it is right after each event.
func (p *play) run(ctx context.Context) (*journal.State, error) {
	cfg := p.setup.session()
	cfg.Source, cfg.Journal, cfg.Watch = &p.inputs, appendTo(p.journal), p.watch
	return session.Run(ctx, cfg)
}

// verdict is the exit code that a finished run deserves.
func verdict(st *journal.State) error {
	t := st.Totals
	switch {
	case t.Attempts > 0 && t.Connected == 0:
		return outcome(exitUnreachable)
	case t.Abandoned+t.Dropped > 0:
		return outcome(exitAbandoned)
	}
	return nil
}

// createJournal makes the file of --journal, or returns nil without one. What
// the file holds it empties only under --force.
func (c *common) createJournal() (*store.File, error) {
	if c.journal == "" {
		return nil, nil
	}
	if err := onlyFile("journal", c.journal, "ringback call --journal run.ndjson"); err != nil {
		return nil, err
	}
	create := store.Create
	if c.force {
		create = store.Replace
	}
	f, err := create(c.journal)
	if err != nil {
		return nil, usage(fmt.Errorf("--journal: %w", err), c.existingHint(err))
	}
	return f, nil
}

// existingHint says what can be done with a file that is not empty.
func (c *common) existingHint(err error) string {
	var full *store.NotEmptyError
	if !errors.As(err, &full) {
		return ""
	}
	name := quote(c.journal)
	const replace = asTyped + "--force   # replaces it"
	if !full.Journal {
		return replace
	}
	return "ringback tui " + name + "   # shows it\n" + "ringback serve --journal " + name + "   # goes on with it\n" + replace
}

// appendTo is how a run writes its journal, if there is one.
func appendTo(f *store.File) func(lines []byte) error {
	if f == nil {
		return nil
	}
	return f.Append
}

// scheduleGap lies between a call and the next, in simulated time.
const scheduleGap = time.Second

// newSetup is the setup of a call among people, by name.
func newSetup(s *setup, caller string, callees []string, media call.Media, device *call.Device) call.Setup {
	cs := call.Setup{App: s.app, Caller: s.user(caller), Media: media, Device: device, AnyIDs: s.anyIDs}
	for _, u := range callees {
		cs.Callees = append(cs.Callees, s.user(u))
	}
	if len(callees) > 1 {
		cs.Kind = call.Group
	}
	return cs
}

func generations(g wire.Generation) []wire.Generation {
	if g == wire.Both {
		return []wire.Generation{wire.V1, wire.V4}
	}
	return []wire.Generation{g}
}

// policyNote says what a person should know about v4 before wondering.
func policyNote(s *setup) string {
	if s.generation&wire.V4 == 0 || delivery.PolicyOf(wire.V4, s.dialect).Attempts() > 1 {
		return ""
	}
	return "v4 callbacks get one attempt: their documents name no retry; --dialect v4_retry=v1 retries as v1 does"
}
