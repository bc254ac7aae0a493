package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"ringback/sim/load"
)

// find searches for the highest rate that the receiver sustains.
func (c *loadFlags) find(ctx context.Context, w world, cfg load.Config, thresholds []load.Threshold, files []*reportFile) error {
	s := load.Search{Config: cfg, Thresholds: thresholds, Show: func(t load.Trial) { trialLine(w.stderr, t) }}
	if c.durationSet {
		s.Trial = c.duration
	}
	limit, err := s.Find(ctx)
	switch {
	case errors.Is(err, load.ErrUnreachable):
		return outcome(exitUnreachable)
	case err != nil:
		return err
	}
	shown := limit.Highest
	if shown == nil { // what broke at once is worth a look, too
		shown = limit.Trials[len(limit.Trials)-1].Report
	}
	c.about(&shown.About)
	asJSON := func(to io.Writer) error { return writeJSON(to, limit) }
	if err := writeReports(files, asJSON, shown.WriteHTML); err != nil {
		return err
	}
	if c.json {
		if err := asJSON(w.stdout); err != nil {
			return err
		}
	} else {
		limitSummary(w.stdout, limit)
	}
	if limit.Rate == 0 {
		return outcome(exitBroken)
	}
	return nil
}

func trialLine(out io.Writer, t load.Trial) {
	verdict := "kept"
	if !t.OK {
		verdict = t.Broke
	}
	fmt.Fprintf(out, "  %8.0f callbacks/s  p50 %-8s p99 %-8s %s\n", t.Rate, ms(t.Report.Latency.P50), ms(t.Report.Latency.P99), verdict)
}

func limitSummary(out io.Writer, l *load.Limit) {
	switch {
	case l.Rate == 0:
		fmt.Fprintf(out, "\nnot even the first rate was sustained: %s\n", l.Broke)
		return
	case l.Broke == "":
		fmt.Fprintf(out, "\nno limit was found: %.0f callbacks/s were sustained\n", l.Rate)
	default:
		fmt.Fprintf(out, "\nsustains %.0f callbacks/s; beyond that broke %s\n", l.Rate, l.Broke)
	}
	fmt.Fprintf(out, "%-10s %s  at that rate, from the intended send time\n", "latency", spread(l.Highest.Latency))
}
