package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"ringback/cmd/cli"
	"ringback/sim/load"
)

// find searches for the highest rate that the receiver sustains.
func (c *loadFlags) find(ctx context.Context, w cli.Env, r *loadRun) error {
	s := load.Search{Config: r.cfg, Thresholds: r.thresholds, OnTrial: func(t load.Trial) { t.WriteLine(w.Stderr) }}
	if c.durationSet {
		s.TrialDuration = c.duration
	}
	limit, err := s.Find(ctx)
	return c.found(ctx, w, r, limit, err)
}

// found reports what a search found, and returns its exit code.
func (c *loadFlags) found(ctx context.Context, w cli.Env, r *loadRun, limit *load.Limit, err error) error {
	switch {
	case errors.Is(err, load.ErrNothingDue):
		err = cli.Fail(cli.ExitNothing, fmt.Errorf("nothing was measured: %w", err), "ringback load --find-limit --duration 1m")
	case errors.Is(err, load.ErrUnreachable):
		cli.Unreachable(w, r.Config)
		err = cli.Outcome(cli.ExitUnreachable)
	case err != nil && (ctx.Err() == nil || limit.Highest == nil):
		return err
	}
	c.about(&limit.Report().About)
	asJSON := func(to io.Writer) error { return cli.WriteJSON(to, limit) }
	lost := writeReports(w, r.files, asJSON, limit.WriteHTML)
	if c.json {
		lost = errors.Join(lost, asJSON(w.Stdout))
	} else {
		limit.WriteSummary(w.Stdout)
	}
	r.served.warn(w)
	if err == nil && limit.Rate == 0 {
		err = cli.Outcome(cli.ExitBroken)
	}
	return cli.Judged(err, lost) // a search that was stopped prints what it had found
}
