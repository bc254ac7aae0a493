package main

import (
	"context"
	"fmt"
	"time"

	"ringback/cmd/cli"
	"ringback/sim/load"
	"ringback/sim/text"
)

// outcome returns the exit code of a run.
func (c *loadFlags) outcome(ctx context.Context, w cli.Env, played *loadRun, r *load.Report, kept bool) error {
	return judgeLoad(ctx, w, r, kept, func() error {
		cli.Unreachable(w, played.Config)
		return cli.Outcome(cli.ExitUnreachable)
	})
}

// judgeLoad returns the exit code that a report asks for. unreachable says that no
// attempt made a connection.
func judgeLoad(ctx context.Context, w cli.Env, r *load.Report, kept bool, unreachable func() error) error {
	if err := r.Balance(); err != nil { // a bug
		text.Fprintf(w.Stderr, "ringback: %v\n", err)
		return cli.Outcome(cli.ExitBroken)
	}
	dropped := r.Dropped > 0 && !r.Bounds("dropped")
	why := fmt.Errorf("%s dropped: %s", text.Count(r.Dropped, "callback"), r.Overload.Summary())
	switch {
	case dropped && r.Overload.Bottleneck() == load.Machine:
		return cli.Usage(why, "ringback load --find-limit")
	case ctx.Err() != nil:
		return ctx.Err()
	case r.Unreachable():
		return unreachable()
	case r.Callbacks == 0:
		return cli.Fail(cli.ExitNothing, fmt.Errorf("nothing was measured: no callback became due in the %s of --duration", time.Duration(r.About.WindowS*float64(time.Second))), "ringback load --calls 50/s --duration 30s")
	case r.Probe != nil && r.Probe.Asked > 0 && r.Probe.Errors == r.Probe.Asked:
		return cli.Usage(fmt.Errorf("--probe: no question had a usable answer: %s", r.Probe.Error), loadProbeHint)
	case dropped:
		text.Fprintf(w.Stderr, "ringback: %v\n", why)
		return cli.Outcome(cli.ExitBroken)
	case !kept || r.Probe != nil && len(r.Probe.Mismatches) > 0:
		return cli.Outcome(cli.ExitBroken)
	case r.Unfinished > 0 && !r.Cut:
		text.Fprintf(w.Stderr, "ringback: %s had no end after a drain of %s\n", text.Count(r.Unfinished, "callback"), load.FormatMS(1000*r.DrainS))
		return cli.Outcome(cli.ExitAbandoned)
	case r.Abandoned > 0:
		return cli.Outcome(cli.ExitAbandoned)
	}
	return nil
}
