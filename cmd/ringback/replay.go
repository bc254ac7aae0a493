package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ringback/cmd/cli"
	"ringback/sim"
	"ringback/sim/journal"
	"ringback/sim/replay"
	"ringback/sim/run"
	"ringback/sim/store"
	"ringback/sim/text"
)

type replayFlags struct {
	cli.Flags
	verbatim    bool
	fresh       bool
	calls       []string
	connections int
	json        bool
	given       []string // flags on the command line
}

func newReplay(w cli.Env) *cobra.Command {
	c := new(replayFlags)
	cmd := &cobra.Command{
		Use: "replay FILE --target URL",
		Args: func(cmd *cobra.Command, args []string) error {
			cmd.Flags().Visit(func(f *pflag.Flag) { c.given = append(c.given, f.Name) }) // settings add others later
			return oneFile(args)
		},
		Short: "Send the callbacks of a journal or a recording again and compare the answers",
		Long: `Sends the callbacks of a journal to a receiver, in the same order and at the same
intervals, and prints each whose answers differ from those in the journal. FILE is
what --journal wrote, under any command, or what record wrote in front of a
receiver; - is the standard input.

--verbatim sends the same bytes (the default): a receiver that has stored them
should recognize them. --fresh makes new calls of them: another run token for all
call and room ids, the times shifted so that the first callback is made now or at
--epoch, with --sdkappid another app, and everything else unchanged. Either way the
address in the journal is replaced by that of --target, and the callback's own
parameters follow it.

A callback is due at the same time as in the journal; its answers now decide whether
it is retried. The journal's dialect applies unless --dialect changes it. Copies and
faults are repeated, and what a fault lost stays lost. Manual retries and give-ups of
single deliveries are not repeated.

A recording does not say which dialect its sender spoke: how often a callback is
retried is up to --dialect, which calibrate --write can keep in a settings file.
Requests that are not callbacks are left out, and counted.

Exit codes: 1 if a callback is abandoned now that was acknowledged in the journal, 4
if any is abandoned.`,
		Example: `  ringback replay monday.ndjson --target http://127.0.0.1:3000/callback
  ringback replay monday.ndjson --target http://127.0.0.1:3000/callback --fresh --pace real
  ringback replay staging.ndjson --target http://127.0.0.1:3000/callback --fresh --call 42`,
		RunE: func(cmd *cobra.Command, args []string) error { return c.run(cmd.Context(), w, args[0]) },
	}
	f := cmd.Flags()
	f.BoolVar(&c.verbatim, "verbatim", false, "send the same bytes")
	f.BoolVar(&c.fresh, "fresh", false, "make new calls of them: new ids, new times")
	f.StringArrayVar(&c.calls, "call", nil, "only the callbacks of this `call` of the journal: its CallId, its number like 12, or the first 8 characters or more of its CallId; repeatable")
	f.IntVar(&c.connections, "connections", 64, "max `number` of connections")
	f.BoolVar(&c.json, "json", false, "print each difference and, at the end, the summary, as one JSON object a line")
	f.StringVar(&c.Target, "target", "", "`URL` of the receiver under test")
	f.StringVar(&c.Generation, "generation", "both", "only the callbacks of a `generation`: v1, v4 or both")
	f.Uint32Var(&c.App, "sdkappid", 0, "with --fresh: another app `id` in the callbacks' URL (default: the journal's)")
	f.StringVar(&c.Token, "run", "", "with --fresh: `token` that all call and room ids follow from (default: chosen and printed)")
	f.StringVar(&c.Epoch, "epoch", "", "with --fresh: when the first callback is made, an RFC 3339 `time`, cut to a whole second (default: now)")
	f.StringArrayVar(&c.Dialect, "dialect", nil, "`key=value` instead of the journal's choice; repeatable, see ringback dialects")
	c.RegisterClock(cmd, run.Instant.String())
	c.RegisterJournal(cmd)
	c.RegisterForce(cmd)
	c.RegisterPeer(cmd)
	c.RegisterWait(cmd)
	c.Seed, c.Heartbeat = -1, sim.HeartbeatExpiry.String() // nothing is random, and no phone goes silent
	return cmd
}

const replayHint = "ringback replay monday.ndjson --target http://127.0.0.1:3000/callback"

// oneFile checks that one file is named.
func oneFile(args []string) error {
	switch {
	case len(args) == 0:
		return cli.Usage(errors.New("FILE: is missing, want a journal that --journal wrote, a recording of ringback record, or - for the standard input"), replayHint)
	case len(args) > 1:
		return cli.Usage(fmt.Errorf("FILE: %d of them, want one", len(args)), replayHint)
	}
	return nil
}

func (c *replayFlags) run(ctx context.Context, w cli.Env, path string) error {
	s, cfg, err := c.prepare()
	if err != nil {
		return err
	}
	file, err := openRecording(ctx, w, path)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return cli.Usage(fmt.Errorf("FILE: %w", err), replayHint)
	}
	defer file.Close()
	recording, err := file.read(ctx, w, replay.Pick{Generation: s.Generation, Calls: c.calls})
	var unmatched *replay.CallError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &unmatched):
		return cli.Usage(fmt.Errorf("--call: %w", err), callHint(path, err))
	case err != nil:
		return cli.Usage(fmt.Errorf("FILE: %w", err), replayHint)
	case file.is(c.Journal):
		return cli.Usage(fmt.Errorf("--journal: %s is the journal that is sent again, and stays as it is", c.Journal), "ringback call --journal again.ndjson --target http://127.0.0.1:3000/callback")
	}
	journal, err := c.CreateJournal()
	if err != nil {
		return err
	}
	if journal != nil {
		defer journal.Close()
	}
	cfg.Journal = cli.AppendTo(journal)
	p := replay.NewPrinter(w.Stdout, w.Style(), c.json)
	cfg.Differs = p.Differs
	c.announce(w, s, file, recording)
	if err := c.AwaitReceivers(ctx, w, s, s.Endpoint); err != nil {
		return err
	}
	sum, err := replay.Play(ctx, recording, cfg)
	if sum == nil {
		return err
	}
	var lost error
	if journal != nil {
		lost = cli.Unwritten("--journal", journal.Close())
	}
	lost = errors.Join(p.Summary(sum), lost)
	if err != nil {
		return errors.Join(err, lost)
	}
	return cli.Judged(c.outcome(w, s, sum), lost)
}

// callHint is the hint for a call that a journal does not have, or has several of.
func callHint(path string, err error) string {
	var several *journal.AmbiguousError
	switch {
	case errors.As(err, &several):
		return cli.AsTyped + "--call " + text.Shell(several.First)
	case path == "-":
		return cli.AsTyped + cli.ButWithout + "call"
	}
	return "ringback tui " + text.Shell(path) + "   # shows its calls"
}

// prepare checks the flags.
func (c *replayFlags) prepare() (*cli.Config, replay.Config, error) {
	s, err := c.Resolve()
	switch {
	case err != nil:
		return nil, replay.Config{}, err
	case c.verbatim && c.fresh:
		return nil, replay.Config{}, cli.Usage(errors.New("--verbatim, --fresh: want only one of them"), cli.AsTyped+"--fresh"+cli.ButWithout+"verbatim")
	case c.connections < 1 || c.connections > 10_000:
		return nil, replay.Config{}, cli.Usage(fmt.Errorf("--connections: %d: want 1 to 10000", c.connections), "ringback call --connections 64 --target http://127.0.0.1:3000/callback")
	}
	if err := c.checkFresh(); err != nil {
		return nil, replay.Config{}, err
	}
	cfg := replay.Config{
		Endpoint: s.Endpoint, Dialect: choicesOf(c.Dialect), Order: s.Order, Pace: s.Pace, Timeout: s.Timeout, Workers: c.connections, Timings: s.Timings,
		NewSender: s.Sender,
		Version:   cli.Version,
		Flags: map[string]string{
			"replay": c.how(), "target": s.Endpoint.Relative(), "pace": s.Pace.String(), "order": s.Order.String(), "timeout": s.Timeout.String(),
			"generation": s.Generation.String(),
		},
	}
	if len(c.calls) > 0 {
		cfg.Flags["call"] = strings.Join(c.calls, ",")
	}
	if c.fresh {
		cfg.Fresh, cfg.Sign = &replay.Fresh{Token: s.Run.Token, Epoch: s.Run.Epoch, App: s.App}, s.Sign
		if s.Sign != "" {
			cfg.Flags["sign"] = "true"
		}
	}
	return s, cfg, nil
}

// choicesOf are choices of a dialect by key, of entries like attempts=7.
func choicesOf(list []string) map[string]string {
	choices := map[string]string{}
	for _, entry := range list {
		key, value, _ := strings.Cut(entry, "=")
		choices[key] = value
	}
	return choices
}

// checkFresh refuses flags of --fresh without it. Settings that other commands share do
// not count.
func (c *replayFlags) checkFresh() error {
	for _, name := range c.given {
		if !c.fresh && slices.Contains([]string{"run", "epoch", "sdkappid", "sign"}, name) {
			return cli.Usage(fmt.Errorf("--%s: is for --fresh; --verbatim sends the ids, times and signatures of the journal", name),
				"ringback call --fresh --target http://127.0.0.1:3000/callback")
		}
	}
	return nil
}

// how says what happens to ids and times.
func (c *replayFlags) how() string {
	if c.fresh {
		return "fresh"
	}
	return "verbatim"
}

// announce prints what will be sent, and what will not.
func (c *replayFlags) announce(w cli.Env, s *cli.Config, file *recordingFile, r *replay.Recording) {
	run := "run " + r.Run.Token
	if r.Run.Seen() {
		run = "recording"
	}
	if c.fresh {
		run += " as " + s.Run.Token
	}
	text.Fprintf(w.Stderr, "ringback replay  %s  %s  %s  pace %s\n", file.name, c.how(), run, s.Pace)
	text.Fprintf(w.Stderr, "to %s: %s of %s, made within %s\n", s.Endpoint.Shown(), text.Count(r.Callbacks, "callback"), text.Count(r.Calls, "call"), r.Span())
	if lost := r.Tail.String(); lost != "" {
		text.Fprintf(w.Stderr, "of %s: %s\n", file.name, lost)
	}
	switch signed := r.Run.Flags["sign"] == "true"; {
	case signed && !c.fresh:
		fmt.Fprintln(w.Stderr, "its requests are signed, and a receiver that checks that finds the signatures stale; --fresh --sign @token.txt makes new ones")
	case signed && s.Sign == "":
		fmt.Fprintln(w.Stderr, "its requests were signed, and these are not: --sign @token.txt signs them")
	}
	if !c.verbatim && !c.fresh {
		fmt.Fprintln(w.Stderr, "these are the same bytes (--verbatim): a receiver that has stored them should know them again; --fresh makes new calls of them")
	}
	if c.Insecure {
		fmt.Fprintln(w.Stderr, cli.InsecureWarning)
	}
}

// outcome returns the exit code for the answers.
func (c *replayFlags) outcome(w cli.Env, s *cli.Config, sum *replay.Summary) error {
	switch {
	case sum.Attempts > 0 && sum.Connected == 0:
		cli.Unreachable(w, s)
		return cli.Outcome(cli.ExitUnreachable)
	case sum.RejectedNow > 0:
		return cli.Outcome(cli.ExitBroken)
	case sum.Abandoned > 0:
		return cli.Outcome(cli.ExitAbandoned)
	}
	return nil
}

// recordingFile is a journal that can be read twice.
type recordingFile struct {
	*os.File
	name   string
	size   int64
	closer func() error
}

// openRecording opens a journal. Input from a pipe is copied to a temporary file.
func openRecording(ctx context.Context, w cli.Env, path string) (*recordingFile, error) {
	from, name := w.Stdin, "standard input"
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		switch info, err := file.Stat(); {
		case err != nil:
			file.Close()
			return nil, err
		case info.Mode().IsRegular():
			return &recordingFile{File: file, name: path, size: info.Size(), closer: file.Close}, nil
		case info.IsDir():
			file.Close()
			return nil, fmt.Errorf("%s is a directory, want a journal or a recording", path)
		}
		defer file.Close()
		from, name = file, path
	}
	if from == nil {
		from = strings.NewReader("")
	}
	file, closer, err := store.TempFile()
	if err != nil {
		return nil, err
	}
	r := &recordingFile{File: file, name: name, closer: closer}
	if r.size, err = io.Copy(file, interruptible{from, ctx}); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// Close closes the file, and removes a temporary one.
func (f *recordingFile) Close() error { return f.closer() }

// is reports whether a path leads to this file.
func (f *recordingFile) is(path string) bool {
	own, err := f.Stat()
	if path == "" || err != nil {
		return false
	}
	other, err := os.Stat(path)
	return err == nil && os.SameFile(own, other)
}

// read checks the journal, and prints a note if that takes long.
func (f *recordingFile) read(ctx context.Context, w cli.Env, pick replay.Pick) (*replay.Recording, error) {
	defer time.AfterFunc(time.Second, func() { text.Fprintf(w.Stderr, "reading %s, %d MB\n", f.name, f.size>>20) }).Stop()
	return replay.Open(ctx, f.name, f.File, f.size, pick)
}
