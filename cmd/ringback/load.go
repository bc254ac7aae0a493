package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ringback/cmd/cli"
	"ringback/sim"
	"ringback/sim/load"
	"ringback/sim/post"
	"ringback/sim/probe"
	"ringback/sim/run"
	"ringback/sim/text"
	"ringback/sim/traffic"
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

func newLoad(w cli.Env) *cobra.Command {
	c := new(loadFlags)
	cmd := &cobra.Command{
		Use: "load --target URL", Args: cobra.NoArgs,
		Short: "Play realistic calls at a rate that does not wait for the receiver",
		Long: `Plays whole calls with their callbacks and retries, at a rate. The schedule never
waits for the receiver, and latency counts from the time at which an attempt was
due, so that it includes the wait for a connection. Callbacks that are due and wait
are bounded by --backlog: more are dropped, and the run says whether the receiver or
this machine could not keep up. At the end of --duration no new callback becomes
due; those that are due are delivered, for at most --drain, and each is accounted
for. With --probe, a sample of the ended calls is then compared with what the
receiver stored.

Exit codes: 1 if a --threshold broke, if something was stored wrongly, or if
callbacks were dropped because the receiver could not keep up (unless a threshold on
dropped allows that); 2 if they were dropped because this machine could not; 4 if
callbacks were abandoned, or unfinished after the drain; 5 if no callback became due,
so that nothing was measured.

With --segment, this process plays a fixed part of the load. The segments, played
together (--start-at) on as many machines, are the same load: the same calls, ids,
callbacks and times. ringback load merge makes one report of theirs. With --locust, a
Locust master divides the load, changes it on its page, and shows what all its workers
measure.`,
		Example: `  ringback load --target http://127.0.0.1:3000/callback --calls 50/s --compress 60x --threshold 'p99<50ms'
  ringback load --target http://127.0.0.1:3000/callback --callbacks 2000/s --duration 1m --report html=load.html --report json=load.json
  ringback load --target http://127.0.0.1:3000/callback --find-limit --threshold 'p99<100ms'
  ringback load --target http://127.0.0.1:3000/callback --callbacks 50000/s --segment 2/4 --seed 7 --run monday --start-at 2026-12-01T09:00:00Z --report json=2.json
  ringback load --target http://127.0.0.1:3000/callback --locust 127.0.0.1:5557 --per-user 10/s`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c.durationSet, c.backlogSet, c.drainSet = cmd.Flags().Changed("duration"), cmd.Flags().Changed("backlog"), cmd.Flags().Changed("drain")
			c.again = cli.Spelled(cmd.Flags(), []string{"run", "report", "json", "seed", "epoch", "listen", "journal", "force", "wait", "start-at"})
			if err := c.locust.check(cmd.Flags().Changed, c.reports); err != nil {
				return err
			}
			return c.run(cmd.Context(), w)
		},
	}
	f := cmd.Flags()
	f.StringVar(&c.calls, "calls", "", "`rate` of calls, like 50/s; no calls are under way at the start")
	f.StringVar(&c.callbacks, "callbacks", "", "`rate` of callbacks, like 20000/s, with calls under way from the start")
	f.BoolVar(&c.max, "max", false, "as many callbacks as the receiver takes: a closed loop of calls without ring and talk time")
	f.BoolVar(&c.findLimit, "find-limit", false, "raise the rate of callbacks until a threshold breaks, and print the rate that was sustained; takes up to a minute. Thresholds unless --threshold changes them: errors<1%, behind<100ms, dropped<1")
	c.locust.register(f)
	f.StringVar(&c.arrivals, "arrivals", "even", "`even` or poisson")
	f.DurationVar(&c.duration, "duration", 30*time.Second, "how long to measure")
	f.DurationVar(&c.ramp, "ramp", 5*time.Second, "how long the rate rises before --duration; not measured")
	f.StringVar(&c.preset, "preset", "consumer", "`consumer`, callcentre, meeting, or a file like those that ringback presets prints")
	f.IntVar(&c.connections, "connections", 64, "max `number` of connections")
	f.StringVar(&c.compress, "compress", "", "divide ring and talk times by a `factor` like 60x; retry delays stay as they are")
	f.IntVar(&c.backlog, "backlog", 0, fmt.Sprintf("max `number` of callbacks that are due and wait for a connection; more are dropped (default %d, or fewer if they would take more than 256 MiB)", load.DefaultBacklog))
	f.DurationVar(&c.drain, "drain", 0, "max time to deliver what is due after --duration; 0s: no drain (default: the most that a callback without answers can take: its waits, its timeouts, and 1s)")
	f.StringArrayVar(&c.thresholds, "threshold", nil, "what must hold, a `METRIC<LIMIT` like 'p99<50ms', 'errors<1%' or 'dropped<100', with <, <=, > or >=; repeatable. There are "+strings.Join(load.Metrics(), ", "))
	f.StringArrayVar(&c.faults, "fault", nil, "mistreat callbacks: `NAME[=AMOUNT][:SHARE%][@WORD]`; repeatable, see ringback faults")
	f.StringSliceVar(&c.subscribe, "subscribe", nil, "callback `words` to deliver, comma-separated (default: all)")
	f.StringArrayVar(&c.reports, "report", nil, "also write `kind=FILE`, repeatable: html (a page with plots), json; - is the standard output, and the text goes to stderr then")
	f.BoolVar(&c.json, "json", false, "print the report as JSON")
	f.StringVar(&c.listen, "listen", "", "`address` for /metrics (Prometheus) and /healthz while it runs, like 127.0.0.1:9464")
	c.segment.register(f)
	c.probe.register(f)
	c.RegisterTarget(cmd)
	c.RegisterSeed(cmd)
	c.RegisterNet(cmd)
	c.RegisterPeer(cmd)
	c.RegisterWait(cmd)
	f.StringVar(&c.Journal, "journal", "", "write all events to this `file`, one JSON object a line; one engine plays all calls then")
	c.RegisterForce(cmd)
	c.Pace, c.Heartbeat = run.Real.String(), "platform"
	return cmd
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
}

func (c *loadFlags) prepare(w cli.Env) (r *loadRun, err error) {
	r = new(loadRun)
	for _, step := range []func() error{
		func() error { return c.segment.resolve(w, &c.Flags, c.ramp+c.duration) },
		func() (err error) { r.Config, err = c.Resolve(); return err },
		func() (err error) { r.cfg, err = c.config(r.Config); return err },
		func() (err error) { r.thresholds, err = c.parseThresholds(); return err },
		func() (err error) { r.probe, err = c.probe.open(r.Config); return err },
		func() (err error) { r.metrics, err = c.listening(); return err },
		func() (err error) {
			data := ""
			if c.json {
				data = "--json"
			}
			r.files, r.people, err = cli.OpenReports(w, data, c.reports, []string{"html", "json"}, "ringback load --calls 50/s --report html=load.html")
			return err
		},
	} {
		if err := step(); err != nil {
			r.close()
			return nil, err
		}
	}
	if r.probe != nil {
		r.cfg.Sample = c.probe.sample
	}
	return r, nil
}

func (r *loadRun) close() {
	cli.CloseReports(r.files)
	if r.metrics != nil {
		_ = r.metrics.Close()
	}
	if r.probe != nil {
		r.probe.Close()
	}
}

func (c *loadFlags) run(ctx context.Context, w cli.Env) error {
	r, err := c.prepare(w)
	if err != nil {
		return err
	}
	defer r.close()
	w = r.people
	file, err := c.CreateJournal()
	if err != nil {
		return err
	}
	if file != nil {
		defer file.Close()
		r.cfg.Journal = file.Append
	}
	if err := c.AwaitReceivers(ctx, w, r.Config, r.Endpoint); err != nil {
		return err
	}
	if c.locust.master != "" {
		text.Fprintf(w.Stderr, "ringback load  preset %s  seed %d  run %s  to %s as app %d\n", c.preset, r.Run.Seed, r.Run.Token, r.Endpoint.Shown(), r.App)
		report, err := c.locust.work(ctx, w, r.cfg)
		if err != nil {
			return err
		}
		kept := report.Judge(r.thresholds)
		lost := c.print(w, report, r.files)
		return cli.Judged(c.outcome(ctx, w, r, report, kept), lost)
	}
	if c.findLimit {
		text.Fprintf(w.Stderr, "ringback load  preset %s  seed %d  run %s  to %s, looking for its limit\n", c.preset, r.Run.Seed, r.Run.Token, r.Endpoint.Shown())
		return c.find(ctx, w, r)
	}
	text.Fprintf(w.Stderr, "ringback load  preset %s  seed %d  epoch %s  run %s\n", c.preset, r.Run.Seed, r.Run.Epoch.Time().Format(time.RFC3339), r.Run.Token)
	l, err := makeLoad(ctx, w, r.cfg)
	if err != nil {
		return err
	}
	if err := c.play(ctx, w, r, l); err != nil {
		return err
	}
	var lost error
	if file != nil {
		lost = cli.Unwritten("--journal", file.Close())
	}
	report := l.Report()
	kept := report.Judge(r.thresholds)
	if report.Probe, err = c.probe.look(ctx, r.probe, l); err != nil {
		return err
	}
	lost = errors.Join(c.print(w, report, r.files), lost)
	return cli.Judged(c.outcome(ctx, w, r, report, kept), lost)
}

// makeLoad makes a load, and prints a note if that takes long: at high rates many calls
// are under way when it begins.
func makeLoad(ctx context.Context, w cli.Env, cfg load.Config) (*load.Load, error) {
	var l *load.Load
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		l, err = load.New(cfg)
	}()
	for long := time.After(time.Second); ; {
		select {
		case <-long:
			fmt.Fprintln(w.Stderr, "making the calls that are under way at the start, as many as last that long; --compress 60x takes fewer")
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-done:
			if many := (*traffic.SegmentError)(nil); errors.As(err, &many) {
				return nil, cli.Usage(fmt.Errorf("--segment: %w", err), fmt.Sprintf("%s--segment %s", cli.AsTyped, traffic.Segment{Index: 1, Of: many.Partitions}))
			}
			if err != nil {
				return nil, cli.Usage(err, "ringback load --calls 50/s")
			}
			return l, nil
		}
	}
}

// play plays the load and shows it meanwhile.
func (c *loadFlags) play(ctx context.Context, w cli.Env, r *loadRun, l *load.Load) error {
	text.Fprintf(w.Stderr, "to %s as app %d, %s\n", r.Endpoint.Shown(), r.App, c.plan(l))
	if c.Insecure {
		fmt.Fprintln(w.Stderr, cli.InsecureWarning)
	}
	announceStart(w, &r.cfg)
	defer serveMetrics(w, r.metrics, l)()
	c.probe.try(ctx, w, r.probe, sim.CallID(&r.Run, r.Dialect, 0)) // calls count from 1
	defer l.Watch(load.WatchOptions{
		Out: cli.Drawing(w.Stderr), Size: cli.TerminalSize(w.Stderr), Thresholds: r.thresholds,
		ASCII: w.ASCIIOnly(), Dumb: w.Getenv("TERM") == "dumb", Color: w.Getenv("NO_COLOR") == "",
	})()
	return l.Run(ctx)
}

// plan describes the load in words.
func (c *loadFlags) plan(l *load.Load) string {
	what := "as many callbacks as it takes"
	switch {
	case c.calls != "":
		what = fmt.Sprintf("%s calls (about %.1f callbacks each)", c.calls, l.PerCall())
	case c.callbacks != "":
		what = fmt.Sprintf("%s callbacks (about %.1f a call)", c.callbacks, l.PerCall())
	}
	return fmt.Sprintf("%s for %s after a ramp of %s, then at most %s to drain, over %s at most", what, c.duration, c.ramp, l.Drain(), text.Count(c.connections, "connection"))
}

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

// unseen is how long a connection is idle before its socket is checked before use. Under
// load the check would be one system call in three.
const unseen = 10 * time.Millisecond

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

// print writes the report to wherever it was asked for.
func (c *loadFlags) print(w cli.Env, r *load.Report, files []*cli.ReportFile) error {
	c.about(&r.About)
	asJSON := func(to io.Writer) error { return cli.WriteJSON(to, r) }
	lost := writeReports(w, files, asJSON, r.WriteHTML)
	if c.json {
		return errors.Join(lost, asJSON(w.Stdout))
	}
	r.WriteSummary(w.Stdout)
	return lost
}

func writeReports(w cli.Env, files []*cli.ReportFile, asJSON, asHTML func(io.Writer) error) (err error) {
	for _, f := range files {
		err = errors.Join(err, f.Write(w, map[string]func(io.Writer) error{"json": asJSON, "html": asHTML}[f.Kind]))
	}
	return err
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
