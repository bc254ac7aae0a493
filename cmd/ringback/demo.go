package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"ringback/cmd/cli"
	"ringback/cmd/term"
	"ringback/features"
	"ringback/features/report"
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/probe"
	"ringback/sim/run"
	"ringback/sim/text"
	"ringback/sim/wire"
)

func newDemo(w cli.Env) *cobra.Command {
	return &cobra.Command{
		Use: "demo", Args: cobra.NoArgs,
		Short: "See it work: every outcome in both generations, against a receiver of its own",
		Long: `Starts the reference receiver on a free port with a temporary SQLite file, plays a
call of each outcome in both generations over real HTTP, lets the receiver fail
now and then, and shows what it stored. Then plays the contract suite against it,
as ringback verify does. Needs nothing and leaves nothing behind.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d := &demo{w: w, style: w.Style()}
			return d.run(cmd.Context())
		},
	}
}

// demo is what the demo command plays.
type demo struct {
	w     cli.Env
	style text.Style
	base  string // of the receiver
	flaky *flaky
	ring  time.Duration
	talk  time.Duration
}

func (d *demo) run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "ringback-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	r, err := newReferenceReceiver(cli.DefaultApp, filepath.Join(dir, "calls.db"), "", d.w)
	if err != nil {
		return err
	}
	defer r.Close()
	d.flaky = &flaky{next: r}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := cli.NewServer(d.w, d.flaky)
	go func() { _ = server.Serve(l) }() // ends with the Close below
	defer server.Close()
	d.base, d.ring, d.talk = "http://"+l.Addr().String(), 3*time.Second, 9*time.Second
	for _, part := range []func(context.Context) error{d.outcomes, d.retry, d.suite} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	text.Fprintf(d.w.Stdout, "\nNow yours:  %s\n            %s\n",
		d.style.Bold.Render("ringback call --target http://127.0.0.1:3000/callback"),
		d.style.Bold.Render("ringback verify --target http://127.0.0.1:3000/callback"))
	return nil
}

// suite plays the contract suite against the receiver.
func (d *demo) suite(ctx context.Context) error {
	s, err := d.config(nil)
	if err != nil {
		return err
	}
	p, err := probe.New(probe.Options{URL: d.base + "/calls/{CallId}", Timeout: demoTimeout})
	if err != nil {
		return err
	}
	defer p.Close()
	text.Fprintf(d.w.Stdout, "\n%s\n", d.style.Bold.Render("The contract suite: what the documents ask of a receiver, clause by clause"))
	rep, err := features.Run(ctx, features.Suite{Options: features.Options{
		Target: s.Endpoint, NewSender: s.Sender,
		Seed: s.Run.Seed, Epoch: s.Run.Epoch, Run: s.Run.Token, Probe: p, Timeout: demoTimeout,
	}})
	if err != nil {
		return err
	}
	if err := rep.WriteTerminal(d.w.Stdout, report.TerminalOptions{Color: d.w.Colorful()}); err != nil {
		return err
	}
	return verdictOf(rep)
}

// demoTimeout is how long an answer may take: receiver and sender share a machine that may
// be busy, and no answer is late by itself.
const demoTimeout = time.Minute

// config is that of one run of the demo.
func (d *demo) config(dialect *wire.Dialect) (*cli.Config, error) {
	at, err := delivery.ParseEndpoint(d.base + "/callback")
	if err != nil {
		return nil, err
	}
	return cli.New(cli.Config{Endpoint: at, App: cli.DefaultApp, Generation: wire.Both, Pace: run.Instant, Order: sim.Serial, Dialect: dialect, Timeout: demoTimeout}), nil
}

// outcomes plays every outcome in both generations, the first one in full.
func (d *demo) outcomes(ctx context.Context) error {
	s, err := d.config(nil)
	if err != nil {
		return err
	}
	t := term.NewTimeline(d.w.Stdout, d.style, s)
	t.Header("demo")
	p := &play{setup: s, words: wire.AllWords()}
	p.start()
	at := s.Run.Epoch
	for _, result := range sim.Outcomes {
		for _, g := range generations(wire.Both) {
			o := sim.Outcome{Result: result, Ring: d.ring, Talk: d.talk}
			over, err := p.place(at, newSetup(s, "alice", []string{"bob"}, call.Audio, &call.Device{Platform: "iOS", IP: "127.0.0.1"}), g, o)
			if err != nil {
				return err
			}
			at = over.Add(time.Minute)
		}
	}
	first := sim.CallID(&s.Run, s.Dialect, 1)
	d.flaky.set("callee_accept_call", http.StatusOK)
	p.watch = func(st *journal.State, e *journal.Event) error {
		if e.Call == first {
			return t.Watch(st, e)
		}
		return nil
	}
	st, err := p.run(ctx)
	if err != nil {
		return err
	}
	if err := d.table(ctx, s, st); err != nil {
		return err
	}
	return verdict(st)
}

// table shows a line for each outcome: its callbacks in both generations, and
// what the receiver stored of the two calls. It fails if that is not what
// happened.
func (d *demo) table(ctx context.Context, s *cli.Config, st *journal.State) error {
	text.Fprintf(d.w.Stdout, "\n%s\n", d.style.Bold.Render("Every outcome in both generations, and what the receiver stored:"))
	var wrong error
	for i, result := range sim.Outcomes {
		line := fmt.Sprintf("  %-11s", result)
		for j, g := range []string{"v1", "v4"} {
			c := st.Call(sim.CallID(&s.Run, s.Dialect, uint64(2*i+j+1)))
			stored, err := d.stored(ctx, c)
			wrong = errors.Join(wrong, err)
			line += fmt.Sprintf("  %s %s%s %-15s", g, d.marks(c), strings.Repeat(" ", max(0, 7-len(c.Deliveries))), stored)
		}
		fmt.Fprintln(d.w.Stdout, strings.TrimRight(line, " "))
	}
	return wrong
}

// marks has a mark for each callback of a call.
func (d *demo) marks(c *journal.Call) (marks string) {
	for _, dl := range c.Deliveries {
		if dl.State == delivery.Acked {
			marks += string(d.style.Good.Render("✓"))
		} else {
			marks += string(d.style.Bad.Render("†"))
		}
	}
	return marks
}

// stored asks the receiver what it stored of a call, as a probe does, and compares it
// with the call.
func (d *demo) stored(ctx context.Context, c *journal.Call) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.base+"/calls/"+url.PathEscape(c.ID), nil)
	if err != nil {
		return "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var got struct {
		Count    int    `json:"count"`
		Result   string `json:"result"`
		Duration int64  `json:"duration"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("the receiver's answer for call %s: HTTP %d, %v", c.ID, resp.StatusCode, err)
	}
	text := got.Result
	if got.Duration > 0 {
		text += fmt.Sprintf(" %ds", got.Duration)
	}
	word := strings.ReplaceAll(strings.ToLower(got.Result), "_", "")
	if got.Count != 1 || word != strings.ReplaceAll(c.Result.String(), "_", "") || got.Duration != talked(c) {
		err = fmt.Errorf("call %s ended as %s after %ds; the receiver has %d times %q after %ds",
			c.ID, c.Result, talked(c), got.Count, got.Result, got.Duration)
	}
	return text, err
}

// talked returns the talk time that a receiver can know: v1 sends it only for calls that
// ended normally.
func talked(c *journal.Call) int64 {
	if c.AcceptAt == 0 || c.Generation == wire.V1 && c.Result != call.NormalEnd {
		return 0
	}
	return c.EndAt.Seconds() - c.AcceptAt.Seconds()
}

// retry shows a v4 callback that is retried, which its documents do not require.
func (d *demo) retry(ctx context.Context) error {
	dialect := wire.Default()
	dialect.V4Retry = "v1"
	s, err := d.config(dialect)
	if err != nil {
		return err
	}
	text.Fprintf(d.w.Stdout, "\n%s\n", d.style.Bold.Render("v4's documents name no retry; under --dialect v4_retry=v1 it retries as v1 does:"))
	p := &play{setup: s, words: wire.AllWords()}
	p.start()
	o := sim.Outcome{Result: call.NormalEnd, Ring: d.ring, Talk: d.talk}
	if _, err := p.place(s.Run.Epoch, newSetup(s, "alice", []string{"bob"}, call.Video, &call.Device{Platform: "Web", IP: "127.0.0.1"}), wire.V4, o); err != nil {
		return err
	}
	d.flaky.set("Call.CallbackAfterMemberChanged", http.StatusServiceUnavailable)
	t := term.NewTimeline(d.w.Stdout, d.style, s)
	p.watch = func(st *journal.State, e *journal.Event) error {
		if a, ok := e.Data.(*journal.Answer); ok && st.Deliveries[a.Delivery].Word == wire.AfterMemberChanged {
			return t.Watch(st, e)
		}
		return nil
	}
	st, err := p.run(ctx)
	if err != nil {
		return err
	}
	return verdict(st)
}

// flaky is a receiver that fails the first two attempts of one callback: once
// with HTTP 500, once with an error code.
type flaky struct {
	next http.Handler
	what atomic.Pointer[flakyCommand]
}

type flakyCommand struct {
	command string
	second  int // HTTP status of the second failure
	failed  atomic.Int32
}

func (f *flaky) set(command string, second int) {
	f.what.Store(&flakyCommand{command: command, second: second})
}

func (f *flaky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q, c := r.URL.Query(), f.what.Load()
	if r.Method != http.MethodPost || c == nil || q.Get("command")+q.Get("CallbackCommand") != c.command {
		f.next.ServeHTTP(w, r)
		return
	}
	switch c.failed.Add(1) {
	case 1:
		http.Error(w, "deadlock detected", http.StatusInternalServerError)
	case 2:
		w.WriteHeader(c.second)
		fmt.Fprint(w, `{"ErrorCode":1,"ErrorMessage":"try again"}`)
	default:
		f.next.ServeHTTP(w, r)
	}
}
