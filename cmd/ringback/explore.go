package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"ringback/cmd/cli"
	"ringback/features"
	"ringback/features/report"
	"ringback/fixtures"
	"ringback/sim/explore"
	"ringback/sim/preflight"
	"ringback/sim/probe"
	"ringback/sim/text"
	"ringback/sim/wire"
)

type exploreFlags struct {
	cli.JudgeFlags
	budget   int
	shrink   int
	findings int
	out      string
	json     bool
	again    []string                    // flags for a rerun
	files    map[*explore.Finding]string // in --out, where findings were written
}

func newExplore(w cli.Env) *cobra.Command {
	c := new(exploreFlags)
	cmd := &cobra.Command{
		Use: "explore --target URL", Args: cobra.NoArgs,
		Short: "Find failures that no scenario covers: random histories, faults, and the shortest reproduction",
		Long: `Plays random histories against your receiver: overlapping calls, actions of phones,
and faults of senders and networks. The real backend could do all of it, and a
correct receiver handles all of it. A history that yours fails is reduced to the
shortest one with the same failure, and written as a scenario that
ringback verify --features can play.

Judges answers and, with --probe, each call as it is stored. The same --seed plays
the same histories. The search ends once --budget is spent, or --findings different
findings count. A finding counts if it breaks a clause that must hold; one that
should hold warns, unless --level should. A finding that does not fail each time it
is played again is reported as flaky, and the search continues.`,
		Example: `  ringback explore --target http://127.0.0.1:3000/callback
  ringback explore --target http://127.0.0.1:3000/callback --probe 'http://127.0.0.1:3000/calls/{CallId}' --out found
  ringback explore --target http://127.0.0.1:3000/callback --budget 5000 --seed 7 --json
  ringback verify --target http://127.0.0.1:3000/callback --features found`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c.again = cli.Spelled(cmd.Flags(), []string{"run", "seed", "journal", "journal-timings", "force", "pace", "wait", "json"})
			return c.run(cmd.Context(), w)
		},
	}
	c.Register(cmd, "finding", "finding", "; without it, answers alone are judged")
	f := cmd.Flags()
	f.IntVar(&c.budget, "budget", 500, "`number` of histories to play")
	f.IntVar(&c.shrink, "shrink", 200, "max `number` of plays to shorten a finding")
	f.IntVar(&c.findings, "findings", 3, "stop after this `number` of different findings that count")
	f.StringVar(&c.out, "out", "", "write each finding to this `folder`, as NAME.feature")
	f.BoolVar(&c.json, "json", false, "print the report as JSON")
	return cmd
}

func (c *exploreFlags) run(ctx context.Context, w cli.Env) error {
	cfg, s, err := c.prepare()
	if err != nil {
		return err
	}
	p, _ := cfg.Probe.(*probe.Probe)
	if p != nil {
		defer p.Close()
	}
	c.header(w, s)
	journals, err := c.OpenJournals()
	if err != nil {
		return err
	}
	if err := c.AwaitReceivers(ctx, w, s, s.Endpoint); err != nil {
		return cli.Unjudged(w, err)
	}
	cfg.Before = s.FewConnections(w, 2)
	stop := c.watch(w, s, &cfg)
	rep, err := explore.Run(ctx, cfg)
	stop()
	cli.SayLeftOut(w, p)
	if rep != nil && c.CallTypes != "all" {
		rep.NotJudged = append(rep.NotJudged, report.WithoutCalls(c.CallTypes, false))
	}
	if rep != nil && cfg.Words != 0 && cfg.Words != wire.Every {
		rep.NotJudged = append(rep.NotJudged, report.WithoutCallbacks(c.Subscribed(), false))
	}
	if err != nil && (rep == nil || ctx.Err() == nil) {
		var lost error
		if errors.Is(err, preflight.ErrUnreachable) && c.json { // other commands write their reports then, too
			lost = c.print(w, rep, true)
		}
		return cli.Judged(cli.Unjudged(w, err), lost)
	}
	written := errors.Join(c.write(w, rep), c.keep(journals, rep)) // even if that fails, the findings are printed
	lost := errors.Join(c.print(w, rep, ctx.Err() != nil), written)
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(w.Stderr, "ringback: interrupted; there is no verdict")
		return errors.Join(lost, ctx.Err())
	case len(rep.Findings) > 0 || rep.Broken():
		text.Fprintf(w.Stderr, "again: %s\n", c.rerun(s))
	}
	if rep.Broken() {
		return cli.Judged(cli.Outcome(cli.ExitBroken), lost)
	}
	return cli.Judged(nil, lost)
}

// watch shows the progress of the search: on a terminal in one line, elsewhere a line
// every ten seconds. It also warns of a receiver that hangs, or that refuses everything.
func (c *exploreFlags) watch(w cli.Env, s *cli.Config, cfg *explore.Config) (stop func()) {
	erase, out := "", cli.Drawing(w.Stderr)
	cfg.Hangs = func(why string) { fmt.Fprintf(out, "%sringback: warning: %s\n", erase, text.Line(why)) }
	cfg.Forbidden = func(status int) {
		for _, line := range s.Forbidden(status, c.rerun(s)) {
			fmt.Fprintf(out, "%s%s\n", erase, text.Line(line))
		}
	}
	if cli.IsTerminal(w.Stderr) {
		erase = "\r\x1b[K"
		cfg.Progress = func(done int) { fmt.Fprintf(out, "\r%d of %d\x1b[K", done, c.budget) }
		return func() { fmt.Fprint(out, "\r\x1b[K") }
	}
	var done atomic.Int64
	cfg.Progress = func(n int) { done.Store(int64(n)) }
	tick, over := time.NewTicker(10*time.Second), make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		for {
			select {
			case <-tick.C:
				fmt.Fprintf(w.Stderr, "%d of %d histories\n", done.Load(), c.budget)
			case <-over:
				return
			}
		}
	})
	return func() { tick.Stop(); close(over); group.Wait() }
}

// prepare checks everything that the flags say before anything is sent.
func (c *exploreFlags) prepare() (cfg explore.Config, s *cli.Config, err error) {
	const hint = cli.AsTyped + "--budget 500 --shrink 200 --findings 3"
	if s, err = c.Resolve(); err != nil {
		return cfg, nil, err
	}
	for _, f := range []struct {
		name  string
		value int
		least int
		most  int
	}{{"budget", c.budget, 1, 1_000_000}, {"shrink", c.shrink, 0, 100_000}, {"findings", c.findings, 1, 100}} {
		if f.value < f.least || f.value > f.most {
			return cfg, nil, cli.Usage(fmt.Errorf("--%s: %d: want %d to %d", f.name, f.value, f.least, f.most), hint)
		}
	}
	words, p, err := c.ResolveJudged(s, "alice", "bob")
	if err != nil {
		return cfg, nil, err
	}
	if words != 0 && !slices.ContainsFunc(words.List(), func(w wire.Word) bool { return w.Generation()&s.Generation != 0 }) {
		return cfg, nil, cli.Usage(fmt.Errorf("--subscribe: %s: no callback of --generation %s is among them", c.Subscribed(), s.Generation),
			cli.AsTyped+"--generation both")
	}
	if c.out != "" {
		if err := cli.OnlyFile("out", c.out, "ringback explore --out found"); err != nil {
			return cfg, nil, err
		}
		if err := os.MkdirAll(c.out, 0o755); err != nil {
			return cfg, nil, cli.Usage(fmt.Errorf("--out: %w", err), cli.AsTyped+"--out found")
		}
	}
	cfg = explore.Config{
		Run: s.Run, Dialect: s.Dialect, App: s.App, Generation: s.Generation, Endpoint: s.Endpoint,
		NewSender: s.Sender, Timeout: s.Timeout, Order: s.Order, Heartbeat: s.Heartbeat,
		AnyIDs: s.AnyIDs, Sign: s.Sign, User: s.IDs(), KeepCallIDs: c.KeepsCallIDs(), Journals: c.Journal != "", Timings: s.Timings, Budget: c.budget, Shrink: c.shrink, Findings: c.findings,
		Words: words, CallTypes: c.CallTypes, Level: c.Level, LevelOf: func(clause string, g wire.Generation) string { return features.LevelOf(clause, g, s.Dialect) },
	}
	if p != nil {
		cfg.Probe = p
	}
	return cfg, s, nil
}

// header prints what differs from run to run; the rest is in the report.
func (c *exploreFlags) header(w cli.Env, s *cli.Config) {
	text.Fprintf(w.Stderr, "ringback explore  seed %d  epoch %s  run %s\n", s.Run.Seed, s.Run.Epoch.Time().Format(time.RFC3339), s.Run.Token)
	text.Fprintf(w.Stderr, "to %s as app %d\n", s.Endpoint.Shown(), s.App)
	if c.Insecure {
		fmt.Fprintln(w.Stderr, cli.InsecureWarning)
	}
}

// rerun is the command that plays the same again, at the epoch that was asked
// for. The run token is left out, so that it does not meet its own rows.
func (c *exploreFlags) rerun(s *cli.Config) string {
	return fmt.Sprintf("%s --seed %d", strings.Join(append([]string{"ringback explore"}, c.again...), " "), s.Run.Seed)
}

// write writes each finding to a file. Existing files are kept, since they may hold other
// findings, or have been edited.
func (c *exploreFlags) write(w cli.Env, rep *explore.Report) error {
	if c.out == "" {
		return nil
	}
	c.files = map[*explore.Finding]string{}
	for _, f := range rep.Findings {
		path, err := keepStory(filepath.Join(c.out, f.Name+".feature"), []byte(w.Secrets.Hide(string(f.Feature(rep.Seed)))))
		if err != nil {
			return cli.Unwritten("--out", err)
		}
		c.files[f] = filepath.Base(path)
	}
	return nil
}

// keep writes the journal of each finding.
func (c *exploreFlags) keep(to *cli.Journals, rep *explore.Report) error {
	if to == nil {
		return nil
	}
	for _, f := range rep.Findings {
		file := to.Create(f.Name)
		_, _ = file.Write(f.Journal()) // the journals keep the error
		_ = file.Close()
	}
	return to.Failed()
}

// keepStory writes a scenario to a new file, unless an earlier run has written the same,
// and returns the file's name.
func keepStory(name string, story []byte) (path string, err error) {
	for path = range numbered(name) {
		if is, err := os.ReadFile(path); err == nil && bytes.Equal(is, story) {
			return path, nil
		} else if errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	f, err := createNew(name, 0o644)
	if err != nil {
		return "", err
	}
	_, err = f.Write(story)
	return f.Name(), errors.Join(err, f.Close())
}

func (c *exploreFlags) print(w cli.Env, rep *explore.Report, cut bool) error {
	if c.json {
		return cli.WriteJSON(w.Stdout, rep)
	}
	return rep.WriteTerminal(w.Stdout, explore.TerminalOptions{Style: w.Style(), Files: c.files, Clause: clauseText, Cut: cut})
}

// clauseText returns the page of a clause and its words.
func clauseText(id string) (where, words string) {
	for _, c := range fixtures.Clauses() {
		if c.ID == id {
			return fmt.Sprintf("https://trtc.io/document/%s, %s", c.Document, c.Section), c.Words
		}
	}
	return "", ""
}
