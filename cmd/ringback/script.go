package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"ringback/cmd/cli"
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/run"
	"ringback/sim/scenario"
	"ringback/sim/script"
	"ringback/sim/wire"
)

// readScript reads a script for call --script: YAML, or the only scenario of a
// feature file.
func readScript(path string) (*script.Script, error) {
	data, err := cli.ReadText(path)
	if err != nil {
		return nil, cli.Usage(fmt.Errorf("--script: %w", err), "")
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
		return nil, cli.Usage(fmt.Errorf("--script: %s: %w", path, err), "")
	}
	return s, nil
}

// scripted turns a script into inputs. It is rehearsed first: actions that the rules of a
// call forbid are found before anything is sent, and so are operations on callbacks that
// do not occur.
type scripted struct {
	setup  *cli.Config
	script *script.Script
	device *call.Device
	faults []string // on until the script changes them

	rehearsal *scenario.Rehearsal
	inputs    run.List
}

func newScripted(s *cli.Config, sc *script.Script, d *call.Device, faults []string, words []wire.Word) *scripted {
	p := &scripted{
		setup: s, script: sc, device: d, faults: faults,
		rehearsal: scenario.Rehearse(sim.Config{Run: s.Run, Dialect: s.Dialect, HeartbeatExpiry: s.Heartbeat, Sign: s.Sign}, scenario.Binding{}),
	}
	_ = p.rehearsal.Step(s.Run.Epoch, sim.Register{App: s.App, Generation: s.Generation, Endpoint: s.Endpoint, Typed: true, Words: words}, nil)
	return p
}

// play rehearses the script once for each generation, one after the other, and
// returns the inputs.
func (p *scripted) play() (run.List, error) {
	at := p.setup.Run.Epoch
	for _, g := range generations(p.setup.Generation) {
		if err := p.rehearsal.Step(at, sim.SetFaults{On: p.faults}, nil); err != nil {
			return nil, err
		}
		p.rehearsal.Binding = scenario.Binding{App: p.setup.App, Device: p.device, AnyIDs: p.setup.AnyIDs, User: p.setup.User, Generation: g}
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
		at := base + call.Instant(op.At/1e6)
		if err := p.rehearsal.Until(at); err != nil {
			return err
		}
		if h, ok := op.Do.(script.Handling); ok && p.ofOtherGeneration(h) {
			continue
		}
		in, err := p.rehearsal.Do(at, op.Do)
		if err != nil {
			return cli.Usage(fmt.Errorf("--script: operation %d, %q: %w", i+1, op.String(), err), "")
		}
		p.add(at, in)
	}
	return nil
}

// ofOtherGeneration reports whether an operation is about a callback of the generation
// that is not played this time.
func (p *scripted) ofOtherGeneration(h script.Handling) bool {
	id, _ := p.rehearsal.Call(h.Call)
	c := p.rehearsal.State().Call(id)
	return h.Do != script.Replay && c != nil && h.Callback.Generation()&c.Generation == 0
}

// end returns the time at which all timers have expired.
func (p *scripted) end(base call.Instant) (call.Instant, error) {
	if err := p.rehearsal.Until(call.Latest); err != nil {
		return 0, err
	}
	st := p.rehearsal.State()
	for name, id := range p.rehearsal.Calls() {
		if c := st.Call(id); c.Phase != call.Over && p.setup.Generation == wire.Both {
			return 0, cli.Usage(fmt.Errorf("--script: call %q goes on at the end, so it cannot be played again for the other generation; end it, or choose one", name),
				"ringback call --script FILE --generation v1")
		}
	}
	return max(base, st.Now), nil
}

func quoted(names []string) string { return "--" + strings.Join(names, ", --") }
