package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"ringback/cmd/cli"
	"ringback/sim/delivery"
	"ringback/sim/load"
	"ringback/sim/probe"
	"ringback/sim/text"
)

// loadProbe are the flags for looking up a sample of the calls.
type loadProbe struct {
	cli.ProbeFlags
	sample int
}

const (
	loadProbeCommand = "ringback load --calls 50/s"
	loadProbeHint    = loadProbeCommand + " --probe 'http://127.0.0.1:3000/calls/{CallId}'"
)

func (c *loadProbe) register(f *pflag.FlagSet) {
	c.ProbeFlags.Register(f, ": after the load, a sample of calls is looked up")
	f.IntVar(&c.sample, "probe-sample", 100, "look up this `number` of calls at most")
}

// open makes the probe; nil if there is to be none.
func (c *loadProbe) open(s *cli.Config) (*probe.Probe, error) {
	if c.URL != "" && (c.sample < 1 || c.sample > 10_000) {
		return nil, cli.Usage(fmt.Errorf("--probe-sample: %d: want 1 to 10000", c.sample), loadProbeHint+" --probe-sample 100")
	}
	return c.ProbeFlags.Open(s, loadProbeCommand)
}

// try asks for a call that does not exist: a probe that does not work is better found
// before a long run than after it.
func (c *loadProbe) try(ctx context.Context, w cli.Env, p *probe.Probe, never string) {
	if p == nil {
		return
	}
	var broken *probe.Error
	if _, err := p.Ask(ctx, never); errors.As(err, &broken) {
		text.Fprintf(w.Stderr, "ringback: warning: --probe: asked for a call that does not exist: %s\n", p.Hide(err.Error()))
	}
}

// storing is how long a receiver that acknowledged has to store.
const storing = time.Second

// look asks for the sample, once the load is over. A run that is stopped has
// none.
func (c *loadProbe) look(ctx context.Context, p *probe.Probe, l *load.Load) (*load.ProbeResult, error) {
	if p == nil || ctx.Err() != nil {
		return nil, nil
	}
	found, err := l.Probe(ctx, p, c.sample, storing)
	if err != nil {
		return nil, delivery.AsOwnFault(err) // else it was stopped
	}
	return found, nil
}
