package main

import (
	"context"
	"errors"
	"io"

	"ringback/cmd/cli"
	"ringback/sim/load"
	"ringback/sim/text"
)

// find searches for the highest rate that the receiver sustains.
func (c *loadFlags) find(ctx context.Context, w cli.Env, r *loadRun) error {
	s := load.Search{Config: r.cfg, Thresholds: r.thresholds, OnTrial: func(t load.Trial) { trialLine(w.Stderr, t) }}
	if c.durationSet {
		s.TrialDuration = c.duration
	}
	limit, err := s.Find(ctx)
	switch {
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
		limitSummary(w.Stdout, limit)
	}
	if err == nil && limit.Rate == 0 {
		err = cli.Outcome(cli.ExitBroken)
	}
	return cli.Judged(err, lost) // who stopped the search knows what it had found by then
}

func trialLine(out io.Writer, t load.Trial) {
	verdict := "kept"
	if !t.OK {
		verdict = t.Broke
	}
	text.Fprintf(out, "  %8.0f callbacks/s  %8.0f/s acknowledged  p50 %-8s p99 %-8s %s\n", t.Rate, t.Acked, t.Report.Latency.Format(t.Report.Latency.P50), t.Report.Latency.Format(t.Report.Latency.P99), verdict)
}

func limitSummary(out io.Writer, l *load.Limit) {
	text.Fprintf(out, "\n%s\n", l.Summary())
	if l.Highest != nil {
		text.Fprintf(out, "%-10s %s  at that rate, from the intended send time\n", "latency", spread(l.Highest.Latency))
	}
}
