package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ringback/cmd/cli"
	"ringback/features"
	"ringback/features/report"
	"ringback/sim/delivery"
	"ringback/sim/text"
)

type verifyFlags struct {
	cli.JudgeFlags
	dir         string
	tags        string
	known       string // a file
	writeKnown  string // a file
	concurrency int
	maxFailures int
	restart     string
	slow        bool
	reports     []string
	await       bool
	listen      string
	apps        []string
	allowHosts  []string
	https       cli.HTTPS
	list        bool
	all         bool
	verbose     bool
	again       []string // flags for a rerun
}

func newVerify(w cli.Env) *cobra.Command {
	c := new(verifyFlags)
	cmd := &cobra.Command{
		Use: "verify --target URL", Args: cobra.NoArgs,
		Short: "Judge a receiver by the contract: does it do what the documents ask",
		Long: `Plays the contract suite against your receiver and says where it deviates from the
documents: one verdict, and reports for CI. With --probe it also judges what the
receiver stored; without, only its answers.`,
		Example: `  ringback verify --target http://127.0.0.1:3000/callback
  ringback verify --target http://127.0.0.1:3000/callback --probe 'http://127.0.0.1:3000/calls/{CallId}'
  ringback verify --target http://127.0.0.1:3000/callback --generation v1 --report junit=ringback.xml --report html=ringback.html
  ringback verify --target http://127.0.0.1:3000/callback --tags '@clause-duplicate-stored-once'`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, name := range []string{"listen", "app", "allow-host", "cert", "key", "self-signed"} {
				if !c.await && cli.Typed(cmd.Flags().Lookup(name)) {
					return cli.Usage(fmt.Errorf("--%s: is for --await-registration", name), "ringback verify --await-registration")
				}
			}
			c.remember(cmd.Flags())
			return c.run(cmd.Context(), w)
		},
	}
	c.Register(cmd, "failure", "scenario", "")
	f := cmd.Flags()
	f.StringVar(&c.dir, "features", "", "also run the .feature files of this `folder`")
	f.StringVar(&c.tags, "tags", "", "run only scenarios with these tags, an `expression` like '@v1 and not @clause-room-any-text'")
	f.StringVar(&c.known, "known-failures", "", "a `file` with the tags of scenarios that are known to fail: they warn; one that passes now is named")
	f.StringVar(&c.writeKnown, "write-known-failures", "", "write the tags of the scenarios that fail to this `file`, for --known-failures")
	f.IntVar(&c.concurrency, "concurrency", 8, "scenarios at once, a `number` from 1")
	f.IntVar(&c.maxFailures, "max-failures", 0, "stop early: begin no scenario once this `number` failed; 0 plays all")
	f.StringVar(&c.restart, "restart-cmd", "", "shell `command` that restarts the receiver and returns, for scenarios about what it remembers; they play last, one by one")
	f.BoolVar(&c.slow, "slow", false, "also play scenarios that wait for more than a minute of real time")
	f.StringArrayVar(&c.reports, "report", nil, "`kind=FILE`, repeatable: "+strings.Join(slices.Sorted(maps.Keys(report.Writers)), ", ")+"; - is the standard output, and the text goes to stderr then")
	f.BoolVar(&c.await, "await-registration", false, "host the REST API and wait until the receiver registers itself; no --target then")
	f.StringVar(&c.listen, "listen", "127.0.0.1:8080", "with --await-registration, the `address` of the REST API")
	f.StringArrayVar(&c.allowHosts, "allow-host", nil, "with --await-registration, "+allowHostHelp)
	c.https.Register(cmd)
	for _, name := range []string{"cert", "self-signed"} {
		f.Lookup(name).Usage = "with --await-registration, " + f.Lookup(name).Usage
	}
	f.StringArrayVar(&c.apps, "app", nil, "with --await-registration, the app as `SDKAPPID:KEY` or SDKAPPID:@FILE")
	f.BoolVar(&c.list, "list", false, "list the scenarios; sends nothing")
	f.Lookup("force").Usage = "with --journal or --write-known-failures: replace what is there"
	f.BoolVar(&c.all, "all-failures", false, "print each scenario that failed or warned, not only the causes")
	f.BoolVarP(&c.verbose, "verbose", "v", false, "print each scenario that did not pass in full")
	return cmd
}

func (c *verifyFlags) run(ctx context.Context, w cli.Env) error {
	suite, s, err := c.prepare()
	if err != nil {
		return err
	}
	if c.list {
		return c.print(w, suite)
	}
	if err := c.mayWriteKnown(); err != nil {
		return err
	}
	selected, err := features.List(*suite)
	if err != nil {
		return c.unreadable(err)
	}
	reports, w, err := cli.OpenReports(w, "", c.reports, slices.Sorted(maps.Keys(report.Writers)), "ringback verify --report junit=ringback.xml")
	if err != nil {
		return err
	}
	defer cli.CloseReports(reports)
	if c.Insecure {
		fmt.Fprintln(w.Stderr, cli.InsecureWarning)
	}
	journals, err := c.OpenJournals()
	if err != nil {
		return err
	}
	if journals != nil {
		suite.Journal, suite.Timings = journals.Create, c.Timings
	}
	if c.await && len(selected) > 0 {
		api, err := c.openRegistry(ctx, w, s)
		if err != nil {
			return err
		}
		defer api.close(ctx, suite)
		if err := api.await(ctx); err != nil {
			return err
		}
		api.aim(suite)
	}
	if suite.Probe != nil {
		defer suite.Probe.Close()
	}
	suite.Restart = c.restarter(w, s, suite)
	if len(selected) > 0 {
		if err := c.AwaitReceivers(ctx, w, s, receivers(suite)...); err != nil {
			return c.explain(w, err)
		}
	}
	text.Fprintf(w.Stdout, "ringback verify  seed %d  epoch %s  run %s\n", s.Run.Seed, s.Run.Epoch.Time().Format(time.RFC3339), s.Run.Token)
	rep, err := c.play(ctx, w, s, suite, len(selected))
	cli.SayLeftOut(w, suite.Probe)
	if rep == nil {
		return c.explain(w, err)
	}
	lost := errors.Join(c.write(rep, w, reports), journals.Failed())
	if err != nil { // why the suite could not judge; the reports say it, too
		return cli.Judged(c.explain(w, err), lost)
	}
	return cli.Judged(c.outcome(w, rep), lost)
}

// outcome returns the verdict of a suite that was played, unless its failures are written
// down as known. It warns if nothing was judged.
func (c *verifyFlags) outcome(w cli.Env, rep *report.Report) error {
	if rep.Verdict() == "none" && rep.Count(report.Errored) == 0 {
		text.Fprintf(w.Stderr, "ringback: nothing was judged\nhint: %s\n", c.nothingHint(rep))
	}
	if c.writeKnown != "" {
		return c.writeKnownFailures(w, rep)
	}
	return verdictOf(rep)
}

// receivers returns where the suite sends its callbacks: the target, or what the receiver
// registered.
func receivers(suite *features.Suite) (list []*delivery.Endpoint) {
	for _, t := range suite.Targets {
		list = append(list, t.Endpoint)
	}
	if suite.Target != nil {
		list = append(list, suite.Target)
	}
	return list
}

// nothingHint returns a command that judges something.
func (c *verifyFlags) nothingHint(rep *report.Report) string {
	switch {
	case c.Sign == "" && strings.Contains(c.tags, "@extension-sign"):
		return rep.Rerun + " --sign @token.txt"
	case len(rep.Scenarios) == 0:
		return "ringback verify --list"
	case c.Probe.URL == "" && slices.ContainsFunc(rep.Scenarios, func(s report.Result) bool { return strings.Contains(s.Message, "--probe") }):
		return rep.Rerun + " --probe 'http://127.0.0.1:3000/calls/{CallId}'"
	}
	return rep.Rerun + " --verbose"
}

// verdictOf returns the verdict of a suite as an exit code. A scenario that is at fault comes
// first: its purpose was not judged.
func verdictOf(rep *report.Report) error {
	if s := rep.AtFault(); s != nil {
		return cli.Usage(fmt.Errorf("%s:%d: the scenario is at fault, not the receiver: %s", s.File, s.Line, s.Message), s.Rerun+" --verbose")
	}
	if code := rep.ExitCode(); code != cli.ExitOK {
		return cli.Outcome(code)
	}
	return nil
}

// unreadable says what is wrong with the selection, or with a feature file.
func (c *verifyFlags) unreadable(err error) error {
	if errors.As(err, new(features.FileErrors)) {
		return cli.Usage(fmt.Errorf("--features: %w", err), "ringback steps")
	}
	if unknown := (*features.UnknownTagError)(nil); errors.As(err, &unknown) {
		return cli.Usage(fmt.Errorf("--known-failures: %s: %w", c.known, err), "ringback verify --write-known-failures known-failures.txt")
	}
	if strings.HasPrefix(err.Error(), "tag ") {
		err = fmt.Errorf("--tags: %w", err)
	}
	return cli.Usage(err, "ringback verify --list")
}

// prepare checks everything that the flags say before anything is sent.
func (c *verifyFlags) prepare() (*features.Suite, *cli.Config, error) {
	resolve := c.Resolve
	switch {
	case c.await && c.Subscribed() != "":
		return nil, nil, cli.Usage(errors.New("--subscribe: under --await-registration the receiver says itself what it takes, so leave this out"), cli.AsTyped+"--await-registration"+cli.ButWithout+"subscribe")
	case c.await && c.Target != "":
		return nil, nil, cli.Usage(errors.New("--await-registration: the receiver says its address itself, so leave out --target"), cli.AsTyped+"--await-registration"+cli.ButWithout+"target")
	case c.await || c.list:
		resolve = c.ResolveSuite
	}
	s, err := resolve()
	if err != nil {
		return nil, nil, err
	}
	first := []string{"alice", "bob", "carol"}
	if c.CallTypes != "group" {
		first = first[:2]
	}
	words, p, err := c.ResolveJudged(s, first...)
	if err != nil {
		return nil, nil, err
	}
	if c.concurrency < 1 || c.concurrency > 256 {
		return nil, nil, cli.Usage(fmt.Errorf("--concurrency: %d: want 1 to 256", c.concurrency), cli.AsTyped+"--concurrency 8")
	}
	if c.maxFailures < 0 {
		return nil, nil, cli.Usage(fmt.Errorf("--max-failures: %d: want 1 or more, or 0 to play all", c.maxFailures), cli.AsTyped+"--max-failures 3")
	}
	if c.maxFailures > 0 && c.writeKnown != "" {
		return nil, nil, cli.Usage(errors.New("--max-failures: --write-known-failures lists all failures, so leave this out"), cli.AsTyped+cli.ButWithout+"max-failures")
	}
	suite := &features.Suite{
		Options: features.Options{
			Target: s.Endpoint, NewSender: s.Sender, App: s.App, Generation: s.Generation,
			Dialect: s.Dialect, Seed: s.Run.Seed, Epoch: s.Run.Epoch, Run: s.Run.Token, Timeout: s.Timeout, AnyIDs: s.AnyIDs, User: s.IDs(),
			Order: s.Order, Heartbeat: s.Heartbeat, OwnSender: s.OwnSender, Sign: s.Sign, Probe: p, CallTypes: c.CallTypes, Words: words, Subscribe: c.Subscribed(),
		},
		KeepCallIDs: c.KeepsCallIDs(),
		Tags:        c.tags, Level: c.Level, Concurrency: c.concurrency, MaxFailures: c.maxFailures, Version: cli.Version,
		Rerun: func(tags string) string { return c.rerun(s, tags) },
	}
	if c.slow {
		suite.Minute = overAMinute
	}
	if !c.list { // known failures do not change the list
		if suite.Known, err = c.readKnown(); err != nil {
			return nil, nil, err
		}
	}
	if c.dir != "" {
		if st, err := os.Stat(c.dir); err != nil || !st.IsDir() {
			return nil, nil, cli.Usage(fmt.Errorf("--features: %s: want a folder with .feature files", c.dir), cli.AsTyped+"--features features")
		}
		suite.Folders = []features.Folder{{Path: c.dir}}
	}
	return suite, s, nil
}

// overAMinute is how long scenarios wait for a receiver to forget callbacks after a
// minute: expired entries are seldom removed on the second.
const overAMinute = 70 * time.Second

// notAgain are the flags that a rerun leaves out: it has its own selection and run token,
// and others only affect the output.
var notAgain = []string{"run", "report", "list", "tags", "concurrency", "max-failures", "verbose", "all-failures", "seed", "epoch", "journal", "journal-timings", "force", "pace", "wait", "write-known-failures"}

// remember keeps the flags for a rerun, without secrets.
func (c *verifyFlags) remember(flags *pflag.FlagSet) { c.again = cli.Spelled(flags, notAgain) }

// rerun returns the command that runs some scenarios again. It leaves out the run token,
// so that it does not find its own rows.
func (c *verifyFlags) rerun(s *cli.Config, tags string) string {
	parts := append([]string{"ringback verify"}, c.again...)
	parts = append(parts, fmt.Sprintf("--seed %d --epoch %s", s.Run.Seed, s.Run.Epoch.Time().Format(time.RFC3339)))
	if tags != "" {
		parts = append(parts, "--tags "+text.Shell(tags))
	}
	return strings.Join(parts, " ")
}

func (c *verifyFlags) play(ctx context.Context, w cli.Env, s *cli.Config, suite *features.Suite, scenarios int) (*report.Report, error) {
	progress := report.NewProgress(cli.Drawing(w.Stderr), scenarios, cli.IsTerminal(w.Stderr))
	defer progress.Close()
	suite.Hangs = func(text string) { progress.Print("ringback: warning: " + text) }
	suite.Note = suite.Hangs
	suite.Forbidden = func(status int) {
		for _, line := range s.Forbidden(status, suite.Rerun(suite.Tags)) {
			progress.Print(line)
		}
	}
	suite.Progress, suite.Acknowledged = progress.Done, s.FewConnections(w, max(2, min(c.concurrency, cli.EnoughConnections)))
	return features.Run(ctx, *suite)
}

// explain says why the suite could not judge.
func (c *verifyFlags) explain(w cli.Env, err error) error {
	var f *cli.Failure
	switch {
	case errors.As(err, &f):
		return err
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(w.Stderr, "ringback: interrupted; there is no verdict")
		return err
	}
	return cli.Unjudged(w, err)
}

// print lists the scenarios.
func (c *verifyFlags) print(w cli.Env, suite *features.Suite) error {
	list, err := features.List(*suite)
	if err != nil {
		return c.unreadable(err)
	}
	if len(list) == 0 {
		text.Fprintf(w.Stderr, "ringback: --tags %s: no scenario is selected\nhint: ringback verify --list\n", c.tags)
		return cli.Outcome(cli.ExitNothing)
	}
	for _, r := range list {
		text.Fprintf(w.Stdout, "%-6s %s:%d  %s  %s\n", r.Level, r.File, r.Line, r.Name, strings.Join(r.Tags, " "))
	}
	return nil
}

// write writes all that can be written.
func (c *verifyFlags) write(rep *report.Report, w cli.Env, reports []*cli.ReportFile) error {
	err := rep.WriteTerminal(w.Stdout, report.TerminalOptions{Color: w.Colorful(), All: c.all, Verbose: c.verbose})
	if w.OnGitHub() {
		err = errors.Join(err, rep.WriteAnnotations(cli.Commanding(w.Stdout)))
	}
	if path := w.Getenv("GITHUB_STEP_SUMMARY"); path != "" {
		if err := cli.Append(w, path, rep.WriteMarkdown); err != nil {
			text.Fprintf(w.Stderr, "ringback: warning: GITHUB_STEP_SUMMARY: %v\n", err)
		}
	}
	for _, r := range reports {
		err = errors.Join(err, r.Write(w, func(to io.Writer) error { return report.Writers[r.Kind](rep, to) }))
	}
	return err
}
