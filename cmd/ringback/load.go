package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ringback/cmd/cli"
	"ringback/sim"
	"ringback/sim/load"
	"ringback/sim/run"
	"ringback/sim/text"
	"ringback/sim/traffic"
)

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
	r.cfg.NewSender = r.served.counting(r.cfg.NewSender)
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
		r.served.warn(w)
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
	r.served.warn(w)
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
