package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ringback/cmd/cli"
	"ringback/cmd/term"
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/run"
	"ringback/sim/session"
	"ringback/sim/text"
	"ringback/sim/traffic"
	"ringback/sim/wire"
)

type simulateFlags struct {
	cli.Flags
	preset string
	users  int
	days   float64
	count  int
	emit   string

	segment string
	part    traffic.Segment // that segment
}

func newSimulate(w cli.Env) *cobra.Command {
	c := new(simulateFlags)
	cmd := &cobra.Command{
		Use: "simulate", Args: cobra.NoArgs,
		Short: "Generate realistic calls, without HTTP, one JSON object a line",
		Long: `Simulates people who call each other, and prints their calls in the order in
which they start: one JSON object a line, for any tool at the other end of a pipe.
Or, with --emit, the callbacks of these calls, or what each phone sees of them.
The same seed, epoch and run token give the same bytes, on any machine. With
--segment, a fixed part of them: merged by time and id, the segments are the whole.

A preset says how people call; see ringback presets, or write a file of your own.`,
		Example: `  ringback simulate --seed 1 --days 7 > week.ndjson
  ringback simulate --preset callcentre --count 1000 --emit callbacks | jq .word
  ringback presets meeting > mine.yaml && ringback simulate --preset mine.yaml`,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.run(cmd, w) },
	}
	f := cmd.Flags()
	f.StringVar(&c.preset, "preset", "consumer", "`consumer`, callcentre, meeting, or a file like those that ringback presets prints")
	f.IntVar(&c.users, "users", 0, "`number` of people instead of the preset's")
	f.Float64Var(&c.days, "days", 1, "simulated `days`, also parts of one")
	f.IntVar(&c.count, "count", 0, "stop after that `number` of calls; without --days no matter how long they take")
	f.StringVar(&c.segment, "segment", "", "only a fixed part of the calls, like 2/4: needs --seed, --run and --epoch; auto/4 takes the part from JOB_COMPLETION_INDEX, where 0 is 1/4")
	f.StringVar(&c.emit, "emit", "calls", "`calls`, callbacks, or phones (what each phone sees: its TUICallEvents)")
	f.Uint32Var(&c.App, "sdkappid", cli.DefaultApp, "app `id` in the callbacks' URL")
	f.StringVar(&c.Generation, "generation", "both", "callback `generation`: v1, v4, or both in turn, call by call")
	c.RegisterSeed(cmd)
	c.Pace, c.Timeout, c.Heartbeat = run.Instant.String(), time.Second, "platform"
	return cmd
}

func (c *simulateFlags) run(cmd *cobra.Command, w cli.Env) error {
	if err := c.resolveSegment(w); err != nil {
		return err
	}
	s, err := c.ResolveSuite()
	if err != nil {
		return err
	}
	generator, err := c.generator(cmd, s)
	if err != nil {
		return err
	}
	emit, ok := map[string]func(context.Context, io.Writer, *cli.Config, *traffic.Generator, *term.Progress) error{
		"calls": c.calls, "callbacks": c.callbacks, "phones": c.phones,
	}[c.emit]
	if !ok {
		return cli.BadWord("ringback simulate", "emit", c.emit, []string{"calls", "callbacks", "phones"}, fmt.Errorf("%q: want calls, callbacks or phones", c.emit))
	}
	text.Fprintf(w.Stderr, "ringback simulate  preset %s  seed %d  epoch %s  run %s\n", c.preset, s.Run.Seed, s.Run.Epoch.Time().Format(time.RFC3339), s.Run.Token)
	m := term.NewProgress(cli.Drawing(w.Stderr), s.Run.Epoch)
	out := bufio.NewWriterSize(w.Stdout, 1<<16)
	err = emit(cmd.Context(), out, s, generator, m)
	if flushed := out.Flush(); err == nil {
		err = flushed
	}
	reached := call.Instant(0) // of the last call
	if err == nil && (c.count == 0 || m.Calls < c.count) {
		reached = c.until(cmd, s)
	}
	m.End(reached, generator.Suppressed())
	return err
}

// resolveSegment reads --segment, and checks that there is what makes segments parts of
// one whole.
func (c *simulateFlags) resolveSegment(w cli.Env) (err error) {
	if c.part, err = parseSegment(w, c.segment); err != nil || c.segment == "" {
		return err
	}
	if missing := unsaid(&c.Flags, "--epoch 2026-01-05T00:00:00Z"); missing != "" {
		return cli.Usage(errors.New("--segment: want the seed, the run token and the epoch, the same for all segments"), cli.AsTyped+missing)
	}
	if c.count > 0 {
		return cli.Usage(errors.New("--count: which calls are the first shows only in all of them; a --segment ends with --days"), "ringback simulate --days 1 --segment 1/4 --seed 7 --run monday --epoch 2026-01-05T00:00:00Z")
	}
	return nil
}

// generator makes the traffic generator, and checks its flags.
func (c *simulateFlags) generator(cmd *cobra.Command, s *cli.Config) (*traffic.Generator, error) {
	model, err := cli.LoadModel("preset", c.preset)
	if err != nil {
		return nil, err
	}
	o := traffic.Options{Seed: s.Run.Seed, Epoch: s.Run.Epoch, Users: c.users, Segment: c.part}
	switch {
	case !(c.days > 0 && c.days <= 3660):
		return nil, cli.Usage(fmt.Errorf("--days: %g: want more than 0, at most 3660", c.days), "ringback simulate --days 7")
	case c.count < 0:
		return nil, cli.Usage(fmt.Errorf("--count: %d: want 1 or more", c.count), "ringback simulate --count 1000")
	case c.users < 0:
		return nil, cli.Usage(fmt.Errorf("--users: %d: want 2 or more", c.users), "ringback simulate --users 2000")
	}
	o.Until = c.until(cmd, s)
	generator, err := traffic.New(model, o)
	if many := (*traffic.SegmentError)(nil); errors.As(err, &many) {
		return nil, cli.Usage(fmt.Errorf("--segment: %w", err), fmt.Sprintf("%s--segment %s", cli.AsTyped, traffic.Segment{Index: 1, Of: many.Partitions}))
	}
	if err != nil {
		return nil, cli.Usage(fmt.Errorf("--users: %w", err), "ringback simulate --users 2000")
	}
	return generator, nil
}

// until returns the end of the simulation; 0 if only the number of calls ends it.
func (c *simulateFlags) until(cmd *cobra.Command, s *cli.Config) call.Instant {
	if c.count > 0 && !cmd.Flags().Changed("days") {
		return 0
	}
	return s.Run.Epoch.Add(time.Duration(c.days * 24 * float64(time.Hour)))
}

// calls prints the calls themselves.
func (c *simulateFlags) calls(ctx context.Context, out io.Writer, s *cli.Config, generator *traffic.Generator, m *term.Progress) error {
	var line []byte
	lines := orderedLines{out: out}
	for one := range generator.Calls() {
		if one.Failed {
			continue
		}
		id := sim.CallID(&s.Run, s.Dialect, one.Number)
		line = one.AppendLine(line[:0], id)
		if err := lines.add(one.Start, id, line); err != nil {
			return err
		}
		m.Count(one.Start)
		if m.Calls == c.count || m.Calls%256 == 0 && ctx.Err() != nil {
			break
		}
	}
	return errors.Join(lines.flush(), ctx.Err())
}

// callbacks prints what a receiver would get if it acknowledged everything.
func (c *simulateFlags) callbacks(ctx context.Context, out io.Writer, s *cli.Config, generator *traffic.Generator, m *term.Progress) error {
	to, err := delivery.ParseEndpoint("http://receiver.invalid/")
	if err != nil {
		return err
	}
	var line bytes.Buffer
	enc := json.NewEncoder(&line)
	enc.SetEscapeHTML(false)
	lines := orderedLines{out: out}
	err = c.play(ctx, s, generator, m, &sim.Register{App: c.App, Generation: s.Generation, Endpoint: to, Words: wire.AllWords()}, func(_ *journal.State, e *journal.Event) error {
		cb, ok := e.Data.(*journal.Callback)
		if !ok {
			return nil
		}
		_, query, _ := strings.Cut(string(cb.URL), "?")
		line.Reset()
		return errors.Join(enc.Encode(struct {
			At         call.Instant    `json:"t"`
			Call       string          `json:"call_id"`
			Generation wire.Generation `json:"generation"`
			Word       wire.Word       `json:"word"`
			User       string          `json:"user,omitempty"`
			Query      string          `json:"query"`
			Body       json.RawMessage `json:"body"`
		}{e.At, e.Call, cb.Generation, cb.Word, cb.User, query, json.RawMessage(cb.Body)}), lines.add(e.At, e.Call, line.Bytes()))
	})
	return errors.Join(lines.flush(), err)
}

// phones prints what each phone sees.
func (c *simulateFlags) phones(ctx context.Context, out io.Writer, s *cli.Config, generator *traffic.Generator, m *term.Progress) error {
	var line []byte
	lines := orderedLines{out: out}
	err := c.play(ctx, s, generator, m, nil, func(st *journal.State, e *journal.Event) (err error) {
		for _, ev := range st.ClientEvents(e) {
			if line, err = journal.AppendClientEvent(line[:0], e, &ev); err != nil {
				return err
			}
			if err = lines.add(e.At, e.Call, line); err != nil {
				return err
			}
		}
		return nil
	})
	return errors.Join(lines.flush(), err)
}

// orderedLines writes lines in the order of their times and, at one time, of their
// calls' ids. The lines of segments, merged so, are those of the whole.
type orderedLines struct {
	out  io.Writer
	at   call.Instant // of all lines in hand
	text []byte       // they
	list []orderedLine
}

type orderedLine struct {
	id       string
	from, to int // in the text
}

// add adds a line that is not earlier than those before.
func (o *orderedLines) add(at call.Instant, id string, line []byte) error {
	var err error
	if at != o.at {
		err = o.flush()
	}
	from := len(o.text)
	o.at, o.text = at, append(o.text, line...)
	o.list = append(o.list, orderedLine{id, from, len(o.text)})
	return err
}

// flush writes the lines in hand.
func (o *orderedLines) flush() error {
	slices.SortStableFunc(o.list, func(a, b orderedLine) int { return strings.Compare(a.id, b.id) })
	var errs []error
	for _, l := range o.list {
		if _, err := o.out.Write(o.text[l.from:l.to]); err != nil {
			errs = append(errs, err)
			break
		}
	}
	o.text, o.list = o.text[:0], o.list[:0]
	return errors.Join(errs...)
}

// play lets an engine play the calls and shows the events. Without a registration it
// recycles nothing, and also passes on the state, from which phones are told.
func (c *simulateFlags) play(ctx context.Context, s *cli.Config, generator *traffic.Generator, m *term.Progress, in *sim.Register, see func(*journal.State, *journal.Event) error) error {
	cfg := session.Config{
		Engine: sim.Config{Run: s.Run, Dialect: s.Dialect, Order: sim.Unordered, HeartbeatExpiry: sim.PlatformExpiry, Recycle: true},
		Pace:   run.Instant, Timeout: s.Timeout, Workers: 1, NewSender: func() run.Sender { return run.Acknowledging{} },
		Watch: func(st *journal.State, e *journal.Event) error {
			if f, ok := e.Data.(*journal.Fact); ok && f.Kind == call.Started {
				m.Count(e.At)
			}
			return see(st, e)
		},
	}
	var register run.List
	if in != nil {
		register = run.List{{At: s.Run.Epoch, Input: *in}}
	} else {
		cfg.Engine.Recycle, cfg.Engine.Keep, cfg.State = false, 1, journal.NewState(1)
	}
	source := traffic.NewSource(generator, traffic.Feed{App: c.App, Generation: s.Generation, Alternate: true, Numbered: true, MaxCalls: c.count, Reuse: cfg.Engine.Recycle})
	cfg.Source = run.First(register, source)
	_, err := session.Run(ctx, cfg)
	if _, refused := source.Placed(); err == nil && refused > 0 {
		return fmt.Errorf("the engine refused %d calls", refused)
	}
	return err
}
