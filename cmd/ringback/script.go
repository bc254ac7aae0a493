package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/fault"
	"ringback/sim/journal"
	"ringback/sim/run"
	"ringback/sim/script"
	"ringback/sim/wire"
)

// readScript reads a script for call --script: YAML, or the only scenario of a
// feature file.
func readScript(path string) (*script.Script, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, usage(fmt.Errorf("--script: %w", err), "")
	}
	var s *script.Script
	if strings.EqualFold(filepath.Ext(path), ".feature") {
		var all []*script.Script
		if all, err = script.ReadGherkin(data); err == nil {
			s, err = script.Pick(all, "")
		}
	} else {
		s, err = script.ReadYAML(data)
	}
	if err != nil {
		return nil, usage(fmt.Errorf("--script: %s: %w", path, err), "")
	}
	return s, nil
}

// scripted turns a script into inputs. It is rehearsed first, on an engine
// without receivers: what the rules of a call forbid is found before anything
// is sent, since no answer changes what the phones do.
type scripted struct {
	setup  *setup
	script *script.Script
	device *call.Device
	faults []string // those that are on before the script says otherwise

	stage  *sim.Engine
	inputs run.List
	cast   sim.Cast
}

func newScripted(s *setup, sc *script.Script, d *call.Device, faults []string) *scripted {
	p := &scripted{
		setup: s, script: sc, device: d, faults: faults,
		stage: sim.New(sim.Config{Run: s.run, Dialect: s.dialect, Exclusive: true, HeartbeatExpiry: s.heartbeat, Keep: journal.Keep}),
	}
	p.stage.Begin()
	return p
}

// play rehearses the script once for each generation, one after the other, and
// returns the inputs.
func (p *scripted) play() (run.List, error) {
	at := p.setup.run.Epoch
	for _, g := range generations(p.setup.generation) {
		p.cast = sim.Cast{App: p.setup.app, Device: p.device, AnyIDs: p.setup.anyIDs, User: p.setup.user, Generation: g}
		if err := p.act(at); err != nil {
			return nil, err
		}
		end, err := p.end(at)
		if err != nil {
			return nil, err
		}
		at = end.Add(scheduleGap)
		p.add(at, sim.SetFaults{On: p.faults})
	}
	return p.inputs, nil
}

func (p *scripted) add(at call.Instant, in sim.Input) {
	p.inputs = append(p.inputs, run.Timed{At: at, Input: in})
}

func (p *scripted) act(base call.Instant) error {
	for i, op := range p.script.Operations {
		at, in := base+call.Instant(op.At/1e6), p.cast.Input(op.Do)
		fx, err := p.stage.Step(at, in)
		if err != nil {
			return usage(fmt.Errorf("--script: operation %d, %q: %w", i+1, op.String(), err), "")
		}
		p.cast.Note(op.Do, sim.Placed(fx))
		p.add(at, in)
	}
	return nil
}

// end lets the timers run out and returns when all is over.
func (p *scripted) end(base call.Instant) (call.Instant, error) {
	for at, more := p.stage.Next(); more; at, more = p.stage.Next() {
		if _, err := p.stage.Step(at, sim.Tick{}); err != nil {
			return 0, err
		}
	}
	for name, id := range p.cast.Calls() {
		if c := p.stage.State().Call(id); c.Phase != call.Over && p.setup.generation == wire.Both {
			return 0, usage(fmt.Errorf("--script: call %q goes on at the end, so it cannot be played again for the other generation; end it, or choose one", name),
				"ringback call --script FILE --generation v1")
		}
	}
	return max(base, p.stage.State().Now), nil
}

// storyFlags describe a call; a script does that by itself.
var storyFlags = []string{"outcome", "media", "caller", "callee", "ring", "talk", "room"}

// checkFaults reads faults as the engine will.
func checkFaults(on []string) error {
	var errs []error
	for _, f := range on {
		if _, err := fault.Parse(f); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func quoted(names []string) string { return "--" + strings.Join(names, ", --") }
