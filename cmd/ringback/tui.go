package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ringback/cmd/cli"
	"ringback/cmd/term"
	"ringback/sim"
	"ringback/sim/probe"
	"ringback/sim/store"
	"ringback/sim/traffic"
	"ringback/sim/wire"
	"ringback/tui"
)

func newTUI(w cli.Env) *cobra.Command {
	c := new(tuiFlags)
	cmd := &cobra.Command{
		Use: "tui [FILE]",
		Args: func(cmd *cobra.Command, args []string) error {
			c.given = map[string]bool{} // settings add others later
			cmd.Flags().Visit(func(f *pflag.Flag) { c.given[f.Name] = true })
			return cobra.MaximumNArgs(1)(cmd, args)
		},
		Short: "Watch and play calls in the terminal: see each callback, act as any phone",
		Long: `Shows a run on the screen: its calls, their phones with the TUICallEvents that these
see, and each callback with its attempts, answers, retries and the reasons. Place
calls, act as any phone, retry or give up, switch on faults; ? lists all keys.

Without --target it starts the reference receiver, so that n and Enter already
show something. With FILE it shows a journal, or what record wrote, and does not change it;
with --target, too, R sends the callbacks of a call in it to that receiver.
With --attach it shows a running ringback serve, and acts on it, through its restarts.`,
		Example: `  ringback tui
  ringback tui --target http://127.0.0.1:3000/callback
  ringback tui monday.ndjson
  ringback tui monday.ndjson --target http://127.0.0.1:3000/callback
  ringback tui --attach http://127.0.0.1:8080
  ringback tui --attach https://callkit.example --token @token.txt
  ringback tui --script keys.txt --size 120x32 --dump screen.txt`,
		RunE: func(cmd *cobra.Command, args []string) error {
			c.ascii = c.ascii || !cmd.Flags().Changed("ascii") && (c.spoken || w.ASCIIOnly())
			c.settings = cli.SettingsPath(cmd, w)
			if len(args) == 1 {
				return c.replay(cmd.Context(), w, args[0])
			}
			if c.follow {
				return cli.Usage(errors.New("--follow: wants a FILE that grows; without one the run itself is shown"), "ringback tui --follow monday.ndjson")
			}
			if err := c.attach.check(c.given, ofScreen); err != nil {
				return err
			}
			if c.attach.url != "" {
				return c.attached(cmd.Context(), w)
			}
			return c.live(cmd.Context(), w)
		},
	}
	c.Register(cmd, "10x")
	c.RegisterForce(cmd)
	f := cmd.Flags()
	f.Lookup("target").Usage = "`URL` of the receiver under test (default: a built-in reference receiver)"
	f.Lookup("journal").Usage = "write all events to this `file` (default: a temporary file, which W saves, and which is removed at the end)"
	f.StringVar(&c.people, "traffic", "consumer", "who calls while T has background calls on: a `preset`, or a file like those that ringback presets prints")
	f.StringVar(&c.attach.url, "attach", "", "show the run of the ringback serve at this `URL`, and act on it")
	f.StringVar(&c.attach.sandbox, "sandbox", "", "with --attach: the `ID` of the sandbox to show (default: the first)")
	c.attach.token.Register(cmd, "with --attach: the `token` of serve --token, or that in @FILE; needed beyond this machine")
	f.BoolVar(&c.ascii, "ascii", false, "draw nothing beyond ASCII, for terminals that draw other characters two cells wide (default: under TERM=dumb, and in the locales C, POSIX, zh, ja and ko)")
	f.BoolVar(&c.spoken, "accessible", false, "no screen: lines of text say what happens, and take commands by name, for screen readers and terminals that cannot be drawn on")
	f.StringVar(&c.script, "script", "", "no terminal: play the keys in this `file`, one a line, and print the screen")
	f.StringVar(&c.size, "size", "120x32", "with --script: `columns and rows` of the screen")
	f.StringVar(&c.dump, "dump", "", "with --script: print the screen into this `file`")
	c.probe.Register(f, ": each call that is over is looked up there, and what differs is shown")
	f.StringArrayVar(&c.keys, "keys", nil, "another `key` for a command, like give-up=ctrl+d (repeatable; names: press : on the screen)")
	f.StringArrayVar(&c.theme, "theme", nil, "colors: default, high-contrast or none, and roles with `colors` of the terminal's 16, like good=bright-blue (repeatable)")
	f.BoolVar(&c.follow, "follow", false, "with FILE: show what is added to it, too")
	f.DurationVar(&c.wait, "wait", 10*time.Second, "with --script: how long a line wait may take")
	cli.OwnMeaning(f, "wait")
	return cmd
}

// attached shows the run of a server.
func (c *tuiFlags) attached(ctx context.Context, w cli.Env) error {
	screen, err := c.screenOf(w)
	if err != nil {
		return err
	}
	trust, err := c.Trust()
	if err != nil {
		return err
	}
	server, st, err := c.attach.connect(ctx, trust)
	switch {
	case ctx.Err() != nil: // leaving before there is a screen is the same as leaving one
		return nil
	case err != nil:
		return err
	}
	if c.Insecure {
		fmt.Fprintln(w.Stderr, cli.InsecureWarning)
	}
	cfg := c.config(screen, w)
	cfg.App, cfg.AnyIDs, cfg.Signs, cfg.Generation, cfg.Keep, cfg.Remote = st.Apps[0], st.AnyIDs, st.Signed, wire.Both, tuiKeep, c.attach.shown()
	if cfg.Heartbeat, err = time.ParseDuration(st.Heartbeat); err != nil {
		cfg.Heartbeat = sim.PlatformExpiry
	}
	_, scripted := screen.(*scriptedScreen)
	run := attachTo(server, &st, scripted)
	defer run.close()
	return screen.show(ctx, tui.New(run, cfg))
}

// live plays a run against a receiver.
func (c *tuiFlags) live(ctx context.Context, w cli.Env) error {
	screen, err := c.screenOf(w)
	if err != nil {
		return err
	}
	var closeReceiver func()
	own := c.Target == ""
	if own {
		token, err := cli.SignToken(c.Sign)
		if err != nil {
			return err
		}
		if c.Target, closeReceiver, err = ownReceiver(c.App, token, w); err != nil {
			return err
		}
		defer closeReceiver()
	}
	s, err := c.Resolve()
	if err != nil {
		return err
	}
	asked, err := c.probe.Open(s, "ringback tui")
	if err != nil {
		return err
	}
	if asked == nil && own {
		asked, err = probe.New(probe.Options{URL: "http://" + s.Endpoint.Addr() + "/calls/{CallId}", Timeout: s.Timeout})
		if err != nil {
			return err
		}
	}
	file, err := c.journalFile(screen)
	if err != nil {
		return err
	}
	if file != nil {
		defer file.Close()
	}
	if c.Insecure {
		fmt.Fprintln(w.Stderr, cli.InsecureWarning)
	}
	people, err := cli.Background("traffic", c.people, traffic.Feed{Generation: s.Generation, Alternate: true}, s.Heartbeat)
	if err != nil {
		return err
	}
	cfg := c.config(screen, w)
	cfg.Own, cfg.Settings = own, c.settings
	cfg.Generation, cfg.Target, cfg.Heartbeat, cfg.Signs = s.Generation, shownTarget(s, own), s.Heartbeat, s.Sign != ""
	run := newLiveRun(s, file, screen, people)
	cfg.Keep, run.settings = run.keep, c.settings
	if asked != nil {
		defer asked.Close()
		asking, cancel := context.WithCancel(ctx)
		defer cancel()
		run.stored, cfg.Probe = &asker{probe: asked, ctx: asking, said: run.inbox.ring}, true
	}
	if err := run.start(); err != nil {
		return err
	}
	err = screen.show(ctx, tui.New(run, cfg))
	if _, sitting := screen.(*terminal); sitting {
		run.farewell(ctx, w) // print the summary before waiting
	}
	return errors.Join(err, run.stop(ctx, s.Timeout+time.Second))
}

// shownTarget is the receiver's address without secrets and without the parts that all
// have.
func shownTarget(s *cli.Config, own bool) string {
	if own {
		return "own receiver :" + s.Endpoint.Port
	}
	return withoutScheme(s.Endpoint.Shown())
}

// withoutScheme is an address as shown where there is little room.
func withoutScheme(url string) string { return strings.TrimPrefix(url, "http://") }

// ownReceiver starts the reference receiver on a free port.
func ownReceiver(app uint32, token string, w cli.Env) (target string, closer func(), err error) {
	r, err := newReferenceReceiver(app, "", token, w)
	if err != nil {
		return "", nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		r.Close()
		return "", nil, err
	}
	said := term.NewAsyncWriter(w.Stderr) // shown once the screen is gone
	server := cli.NewServer(cli.Env{Stderr: said}, r)
	go func() { _ = server.Serve(l) }() // ends with the Close below
	return "http://" + l.Addr().String() + "/callback", func() {
		server.Close()
		r.Close()
		go said.Run()
		soon, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		said.Close(soon)
	}, nil
}

// journalFile is the file of --journal or, on a terminal, a temporary one, which the user
// can save.
func (c *tuiFlags) journalFile(s screen) (*journalFile, error) {
	create := c.CreateJournal
	if _, sitting := s.(*terminal); c.Journal == "" && sitting {
		create = store.Temporary
	}
	f, err := create()
	if f == nil || err != nil {
		return nil, err
	}
	return &journalFile{File: f, path: c.Journal}, nil
}
