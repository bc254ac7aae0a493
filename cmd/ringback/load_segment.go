package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"ringback/cmd/cli"
	"ringback/sim/load"
	"ringback/sim/text"
	"ringback/sim/traffic"
)

// completionIndex is the variable in which Kubernetes tells a pod of an indexed job which
// one it is, from 0.
const completionIndex = "JOB_COMPLETION_INDEX"

// parseSegment reads a --segment like 2/4 or auto/4; "" is the whole.
func parseSegment(w cli.Env, spec string) (s traffic.Segment, err error) {
	const hint = cli.AsTyped + "--segment 1/4"
	if spec == "" {
		return s, nil
	}
	if of, auto := strings.CutPrefix(spec, "auto/"); auto {
		index, err := strconv.Atoi(w.Getenv(completionIndex))
		if err != nil {
			return s, cli.Usage(fmt.Errorf("--segment: %s: %s is %q, want the number of a pod, from 0", spec, completionIndex, w.Getenv(completionIndex)), hint)
		}
		spec = fmt.Sprintf("%d/%s", index+1, of)
	}
	if s, err = traffic.ParseSegment(spec); err != nil {
		return s, cli.Usage(fmt.Errorf("--segment: %w", err), hint)
	}
	return s, nil
}

// loadSegment are the flags for a part of a load.
type loadSegment struct {
	spec    string
	startAt string

	part  traffic.Segment // of spec
	start time.Time       // of startAt
}

func (c *loadSegment) register(f *pflag.FlagSet) {
	f.StringVar(&c.spec, "segment", "", "play a fixed part of the load, like 2/4: needs --seed, --run, and --start-at or --epoch; auto/4 takes the part from JOB_COMPLETION_INDEX, where 0 is 1/4")
	f.StringVar(&c.startAt, "start-at", "", "begin, with the ramp, at this `time` in RFC 3339, like 2026-12-01T09:00:00Z; also the epoch unless --epoch says otherwise. Who is late sends at once what was due")
}

// resolve reads --segment and --start-at, which is also the epoch unless there is
// one, and checks that segments have what makes them parts of one load.
func (c *loadSegment) resolve(w cli.Env, shared *cli.Flags, length time.Duration) (err error) {
	if c.part, err = parseSegment(w, c.spec); err != nil {
		return err
	}
	if c.startAt != "" {
		if c.start, err = time.Parse(time.RFC3339, c.startAt); err != nil {
			return cli.Usage(fmt.Errorf("--start-at: %q: want a time in RFC 3339, like 2026-12-01T09:00:00Z", c.startAt), cli.AsTyped+"--start-at "+soon())
		}
		if over := time.Since(c.start) - length; over > 0 {
			return cli.Usage(fmt.Errorf("--start-at: %s: the load that started then was over %s ago", c.startAt, over.Round(time.Second)), cli.AsTyped+"--start-at "+soon())
		}
		if shared.Epoch == "" {
			shared.Epoch = c.startAt
		}
	}
	if missing := unsaid(shared, "--start-at "+soon()); c.spec != "" && missing != "" {
		return cli.Usage(errors.New("--segment: want the seed, the run token, and the start or epoch of the load, the same for all segments"), cli.AsTyped+missing)
	}
	return nil
}

// unsaid returns examples of the flags that all segments share and that were not given.
// start is one for the beginning of the simulated time.
func unsaid(c *cli.Flags, start string) string {
	var missing []string
	if c.Seed < 0 {
		missing = append(missing, "--seed 7")
	}
	if c.Token == "" {
		missing = append(missing, "--run monday")
	}
	if c.Epoch == "" {
		missing = append(missing, start)
	}
	return strings.Join(missing, " ")
}

// announceStart says how long it is until the start of the load, or since.
func announceStart(w cli.Env, cfg *load.Config) {
	if cfg.StartAt.IsZero() {
		return
	}
	switch wait := time.Until(cfg.StartAt); {
	case wait > 0:
		text.Fprintf(w.Stderr, "starts at %s, in %s\n", cfg.StartAt.Format(time.RFC3339), wait.Round(100*time.Millisecond))
	default:
		text.Fprintf(w.Stderr, "ringback: warning: starts %s late: the window stays that of --start-at, and what was due since then is sent now\n", load.FormatMS(float64(-wait.Microseconds())/1000))
	}
}

// soon is a time to start at, for hints.
func soon() string { return time.Now().Add(time.Minute).UTC().Format(time.RFC3339) }
