package main

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"ringback/cmd/cli"
	"ringback/sim/load"
	"ringback/sim/post"
	"ringback/sim/probe"
	"ringback/sim/run"
	"ringback/sim/wire"
)

type loadFlags struct {
	cli.Flags
	calls       string
	callbacks   string
	max         bool
	findLimit   bool
	locust      loadLocust
	arrivals    string
	duration    time.Duration
	durationSet bool
	ramp        time.Duration
	preset      string
	connections int
	compress    string
	backlog     int
	backlogSet  bool
	drain       time.Duration
	drainSet    bool
	thresholds  []string
	faults      []string
	subscribe   []string
	reports     []string
	json        bool
	listen      string
	segment     loadSegment
	probe       loadProbe
	again       []string // flags that play the same calls again
}

// loadRun is what a load needs, checked and opened before anything is sent.
type loadRun struct {
	*cli.Config
	cfg        load.Config
	thresholds []load.Threshold
	files      []*cli.ReportFile
	people     cli.Env      // prints text for people
	metrics    net.Listener // nil: no metrics
	probe      *probe.Probe // nil: nothing is looked up
	served     servedConnections
}

// config is the load that the flags ask for.
func (c *loadFlags) config(s *cli.Config) (cfg load.Config, err error) {
	options := &post.Options{Timeout: s.Timeout, TLS: s.TLS, Allow: s.Allow, SkipCheck: unseen}
	cfg = load.Config{
		Run: s.Run, Dialect: s.Dialect, App: s.App, Generation: s.Generation, Endpoint: s.Endpoint, Faults: c.faults, Sign: s.Sign,
		NewSender:   func() run.Sender { return post.New(options) },
		Connections: c.connections, Timeout: s.Timeout, Max: c.max, Duration: c.duration, Ramp: c.ramp, Poisson: c.arrivals == "poisson", Precise: true,
		Segment: c.segment.part, StartAt: c.segment.start, Backlog: c.backlog, Drain: c.drain, NoDrain: c.drainSet && c.drain == 0,
	}
	if err := s.CheckFaults(c.faults); err != nil {
		return cfg, err
	}
	if cfg.Words, err = c.words(); err != nil {
		return cfg, err
	}
	if cfg.Model, err = cli.LoadModel("preset", c.preset); err != nil {
		return cfg, err
	}
	if cfg.Calls, err = parseRate(c.calls); err != nil {
		return cfg, cli.Usage(fmt.Errorf("--calls: %w", err), "ringback load --calls 50/s")
	}
	if cfg.Callbacks, err = parseRate(c.callbacks); err != nil {
		return cfg, cli.Usage(fmt.Errorf("--callbacks: %w", err), "ringback load --callbacks 2000/s")
	}
	if c.locust.master != "" {
		if cfg.Callbacks, err = parseRate(c.locust.perUser); err != nil || cfg.Callbacks == 0 {
			return cfg, cli.Usage(fmt.Errorf("--per-user: %q: want the rate of callbacks of each user, like 10/s", c.locust.perUser), locustHint)
		}
	}
	if c.compress != "" {
		if cfg.Compress, err = strconv.ParseFloat(strings.TrimSuffix(c.compress, "x"), 64); err != nil || !(cfg.Compress >= 1 && cfg.Compress <= 1e6) {
			return cfg, cli.Usage(fmt.Errorf("--compress: %q: want a factor from 1x to 1000000x, like 60x", c.compress), "ringback load --compress 60x")
		}
	}
	return cfg, c.check(&cfg)
}

// check finds flags that are out of range, or do not go together.
func (c *loadFlags) check(cfg *load.Config) error {
	var asked []string
	for _, f := range []struct {
		name string
		is   bool
	}{{"--calls", c.calls != ""}, {"--callbacks", c.callbacks != ""}, {"--max", c.max}, {"--find-limit", c.findLimit}, {"--locust", c.locust.master != ""}} {
		if f.is {
			asked = append(asked, f.name)
		}
	}
	switch {
	case len(asked) == 0:
		return cli.Usage(errors.New("--calls, --callbacks, --max, --find-limit, --locust: want one of them"), "ringback load --calls 50/s")
	case len(asked) > 1:
		return cli.Usage(fmt.Errorf("%s: want only one of them", strings.Join(asked, ", ")), "ringback load --calls 50/s")
	case c.findLimit && (c.probe.URL != "" || c.listen != ""):
		return cli.Usage(errors.New("--find-limit: plays many short loads; --probe and --listen are for one"), "ringback load --find-limit")
	case c.findLimit && c.Journal != "":
		return cli.Usage(errors.New("--find-limit: plays many short loads; --journal is for one"), "ringback load --callbacks 2000/s --journal load.ndjson")
	case c.segment.spec != "" && (c.max || c.findLimit):
		return cli.Usage(fmt.Errorf("--segment: a closed loop and a search have no fixed calls; play segments at rates of your choice, and merge their reports"), "ringback load --callbacks 2000/s --segment 1/2")
	case c.findLimit && c.segment.startAt != "":
		return cli.Usage(errors.New("--find-limit: plays many short loads; --start-at is for one"), "ringback load --find-limit")
	case c.arrivals != "even" && c.arrivals != "poisson":
		return cli.BadWord("ringback load --calls 50/s", "arrivals", c.arrivals, []string{"even", "poisson"}, fmt.Errorf("%q: want even or poisson", c.arrivals))
	case cfg.Duration <= 0 || cfg.Duration > 24*time.Hour:
		return cli.Usage(fmt.Errorf("--duration: %s: want more than 0s, at most 24h", cfg.Duration), "ringback load --calls 50/s --duration 30s")
	case cfg.Ramp < 0 || cfg.Ramp > time.Hour:
		return cli.Usage(fmt.Errorf("--ramp: %s: want 0s to 1h", cfg.Ramp), "ringback load --calls 50/s --ramp 5s")
	case c.backlogSet && (c.backlog < 1 || c.backlog > 100_000_000):
		return cli.Usage(fmt.Errorf("--backlog: %d: want 1 to 100000000", c.backlog), "ringback load --calls 50/s --backlog 10000")
	case c.backlogSet && c.max:
		return cli.Usage(errors.New("--backlog: under --max no call starts before there is room, so nothing is dropped"), "ringback load --max")
	case c.drainSet && (c.drain < 0 || c.drain > 24*time.Hour):
		return cli.Usage(fmt.Errorf("--drain: %s: want 0s to 24h", c.drain), "ringback load --calls 50/s --drain 30s")
	case c.drainSet && c.findLimit:
		return cli.Usage(errors.New("--drain: under --find-limit trials end with their time"), "ringback load --find-limit")
	case cfg.Connections < 1 || cfg.Connections > 10_000:
		return cli.Usage(fmt.Errorf("--connections: %d: want 1 to 10000", cfg.Connections), "ringback load --calls 50/s --connections 64")
	}
	return nil
}

func (c *loadFlags) words() ([]wire.Word, error) {
	if len(c.subscribe) == 0 {
		return nil, nil
	}
	words, err := cli.ParseWords("ringback load --calls 50/s", c.subscribe)
	if err != nil {
		return nil, err
	}
	return words.List(), nil
}

func (c *loadFlags) parseThresholds() (list []load.Threshold, err error) {
	return parseThresholds(c.thresholds)
}

func parseThresholds(texts []string) (list []load.Threshold, err error) {
	for _, s := range texts {
		t, err := load.ParseThreshold(s)
		if err != nil {
			return nil, badThreshold(s, err)
		}
		list = append(list, t)
	}
	return list, nil
}

// about completes what the report says about the run. The command that plays the same
// calls again leaves out the run token, so that it does not find its own rows.
func (c *loadFlags) about(a *load.About) {
	a.Flags = c.again
	a.Command = fmt.Sprintf("ringback load %s --seed %d --epoch %s", strings.Join(c.again, " "), a.Seed, a.Epoch.Format(time.RFC3339))
}

// parseRate reads 50/s, 600/m or a bare number a second; "" is 0.
func parseRate(s string) (float64, error) {
	if s == "" {
		return 0, nil
	}
	n, per, cut := strings.Cut(s, "/")
	rate, err := strconv.ParseFloat(n, 64)
	seconds, known := map[string]float64{"s": 1, "m": 60, "h": 3600}[per]
	if !cut {
		seconds, known = 1, true
	}
	if err != nil || !known || !(rate > 0 && rate <= 1e7) {
		return 0, fmt.Errorf("%q: want a rate, like 50/s, 600/m or 5000/h, at most 10000000", s)
	}
	return rate / seconds, nil
}

// badThreshold says what is wrong with a --threshold.
func badThreshold(expr string, why error) error {
	const command, like = "ringback load --calls 50/s", "'p99<50ms'"
	metric, limit := expr, ""
	if i := strings.IndexAny(expr, "<>="); i >= 0 {
		metric, limit = expr[:i], expr[i:]
	}
	metric = strings.TrimSpace(metric)
	if limit == "" || slices.Contains(load.Metrics(), strings.ReplaceAll(metric, "p99.9", "p999")) { // it is another part that is wrong
		return cli.Usage(fmt.Errorf("--threshold: %w", why), command+" --threshold "+like)
	}
	return cli.BadPart(command, "threshold", [3]string{1: metric, 2: limit}, load.Metrics(), why, "ringback load --help")
}

// unseen is how long a connection is idle before its socket is checked before use. Under
// load the check would be one system call in three.
const unseen = 10 * time.Millisecond
