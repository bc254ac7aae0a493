package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ringback/cmd/cli"
	"ringback/cmd/term"
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/text"
	"ringback/sim/wire"
)

var platforms = wire.Platforms()

type callFlags struct {
	cli.Flags
	result    string
	media     string
	caller    string
	callees   []string
	ring      time.Duration
	talk      time.Duration
	subscribe []string
	platform  string
	clientIP  string
	room      string
	faults    []string
	script    string
	phones    bool
	json      bool
	told      []string // flags given that describe a call
}

func newCall(w cli.Env) *cobra.Command {
	c := new(callFlags)
	cmd := &cobra.Command{
		Use: "call --target URL", Args: cobra.NoArgs,
		Short: "Play one call against a receiver and print each attempt",
		Long: `Plays one call, from the first ring to the end, and sends its callbacks to your
receiver. Each line is an attempt: what was sent, what was answered, and what
CallKit does then. With --generation both the call is played once in each
generation.`,
		Example: `  ringback call --target http://127.0.0.1:3000/callback
  ringback call --target http://127.0.0.1:3000/callback --outcome reject --media video
  ringback call --target http://127.0.0.1:3000/callback --callee bob --callee carol
  ringback call --target http://127.0.0.1:3000/callback --fault delay=20s@call_end`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, name := range storyFlags {
				if cmd.Flags().Changed(name) {
					c.told = append(c.told, name)
				}
			}
			return c.run(cmd.Context(), w)
		},
	}
	c.Register(cmd, "instant")
	c.RegisterNet(cmd)
	c.RegisterForce(cmd)
	c.RegisterWait(cmd)
	f := cmd.Flags()
	f.StringVar(&c.result, "outcome", "normal_end", "how the call ends: `normal_end`, reject, not_answer, call_busy, cancel or interrupt")
	f.StringVar(&c.media, "media", "audio", "`audio` or video")
	f.StringVar(&c.caller, "caller", "alice", "`user` who calls")
	f.StringArrayVar(&c.callees, "callee", []string{"bob"}, "`user` who is called; repeatable, two or more make a group call")
	f.DurationVar(&c.ring, "ring", 3*time.Second, "from the start to the answer, whole seconds under 30s")
	f.DurationVar(&c.talk, "talk", 9*time.Second, "from the answer to the end, whole seconds")
	f.StringSliceVar(&c.subscribe, "subscribe", nil, "callback `words` and commands to deliver, comma-separated (default all)")
	f.StringVar(&c.platform, "platform", "iOS", "the phones' `platform`: "+strings.Join(platforms, ", "))
	f.StringVar(&c.clientIP, "client-ip", "127.0.0.1", "the phones' `address`")
	f.StringVar(&c.room, "room", "", "a room id of any `text` (default: a numeric id)")
	f.StringArrayVar(&c.faults, "fault", nil, "mistreat callbacks: `NAME[=AMOUNT][:SHARE%][@WORD]`, repeatable; ringback faults lists them")
	f.StringVar(&c.script, "script", "", "play this `file` instead: operations in YAML, or a feature file")
	f.BoolVar(&c.phones, "phones", false, "also print what each phone sees: its TUICallEvents")
	f.BoolVar(&c.json, "json", false, "print the journal's events instead of the timeline")
	return cmd
}

func (c *callFlags) run(ctx context.Context, w cli.Env) error {
	s, err := c.Resolve()
	if err != nil {
		return err
	}
	p, err := c.prepare(s)
	if err != nil {
		return err
	}
	file, err := c.CreateJournal()
	if err != nil {
		return err
	}
	if file != nil {
		defer file.Close()
	}
	style := w.Style()
	if c.Insecure {
		fmt.Fprintln(w.Stderr, cli.InsecureWarning)
	}
	if err := c.AwaitReceivers(ctx, w, s, s.Endpoint); err != nil {
		return c.aborted(w, err)
	}
	p.journal, p.watch = file, term.JSONLines(w.Stdout, c.phones)
	t := term.NewTimeline(w.Stdout, style, s)
	if !c.json {
		t.Phones, p.watch = c.phones, t.Watch
		t.Header("call")
	}
	st, err := p.run(ctx)
	if err != nil {
		return c.aborted(w, err)
	}
	if !c.json {
		t.Summary(w, st)
	}
	var lost error
	if file != nil {
		lost = cli.Unwritten("--journal", file.Close())
	}
	return cli.Judged(verdict(st), lost)
}

// aborted explains a run that did not end by itself.
func (c *callFlags) aborted(w cli.Env, err error) error {
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(w.Stderr, "ringback: interrupted; what was in flight is not acknowledged")
	}
	return err
}

// prepare checks everything that the flags say before anything is sent.
func (c *callFlags) prepare(s *cli.Config) (*play, error) {
	var media call.Media
	if err := media.UnmarshalText([]byte(c.media)); err != nil {
		return nil, cli.BadWord("ringback call", "media", c.media, []string{call.Audio.String(), call.Video.String()}, err)
	}
	o := sim.Outcome{Ring: c.ring, Talk: c.talk}
	if err := o.Result.UnmarshalText([]byte(c.result)); err != nil || !slices.Contains(sim.Outcomes, o.Result) {
		return nil, cli.BadWord("ringback call", "outcome", c.result, outcomes(),
			fmt.Errorf("%q: want one of %s", c.result, strings.Join(outcomes(), ", ")))
	}
	if !slices.Contains(platforms, c.platform) {
		return nil, cli.BadWord("ringback call", "platform", c.platform, platforms, fmt.Errorf("%q: want one of %s", c.platform, strings.Join(platforms, ", ")))
	}
	if _, err := netip.ParseAddr(c.clientIP); err != nil {
		return nil, cli.Usage(fmt.Errorf("--client-ip: %q: want an IP address", c.clientIP), "ringback call --client-ip 203.0.113.7")
	}
	p := &play{setup: s, faults: c.faults, words: wire.AllWords()}
	if len(c.subscribe) > 0 {
		words, err := cli.ParseWords("ringback call", c.subscribe)
		if err != nil {
			return nil, err
		}
		p.words = words.List()
	}
	if err := s.CheckFaults(c.faults); err != nil {
		return nil, err
	}
	c.describe(s)
	p.start()
	device := &call.Device{Platform: c.platform, IP: c.clientIP}
	if c.script != "" {
		return p, c.playScript(p, device)
	}
	cs := newSetup(s, c.caller, c.callees, media, device)
	if c.room != "" {
		cs.Room, cs.RoomTag = c.room, call.StringRoom
	}
	at := s.Run.Epoch
	for _, g := range generations(s.Generation) {
		over, err := p.place(at, cs, g, o)
		if err != nil {
			return nil, ofStory(err)
		}
		at = over.Add(scheduleGap)
	}
	return p, nil
}

// playScript plays the operations of a file.
func (c *callFlags) playScript(p *play, d *call.Device) error {
	if len(c.told) > 0 {
		return cli.Usage(fmt.Errorf("--script: the script describes the calls, so leave out %s", quoted(c.told)), "ringback call --script "+text.Shell(c.script)+cli.ButWithout+strings.Join(c.told, " "))
	}
	sc, err := readScript(c.script)
	if err != nil {
		return err
	}
	inputs, err := newScripted(p.setup, sc, d, c.faults, p.words).play()
	p.inputs = append(p.inputs, inputs...)
	return err
}

// describe puts the flags that change the call into the journal's header.
func (c *callFlags) describe(s *cli.Config) {
	f := s.Run.Flags
	f["platform"], f["client-ip"] = c.platform, c.clientIP
	if c.script == "" {
		f["outcome"], f["media"], f["caller"], f["callee"] = c.result, c.media, c.caller, strings.Join(c.callees, ",")
		f["ring"], f["talk"] = c.ring.String(), c.talk.String()
	}
	for name, v := range map[string]string{
		"script": c.script, "room": c.room, "subscribe": strings.Join(c.subscribe, ","), "fault": strings.Join(c.faults, ","),
	} {
		if v != "" {
			f[name] = v
		}
	}
}

func outcomes() (words []string) {
	for _, o := range sim.Outcomes {
		words = append(words, o.String())
	}
	return words
}

// storyFlags describe a call. With --script the script does that.
var storyFlags = []string{"outcome", "media", "caller", "callee", "ring", "talk", "room"}

// ofStory names the flag of an error about a call's story, and hints at a value for it.
func ofStory(err error) error {
	like := map[string]string{
		"outcome": "normal_end", "media": "audio", "caller": "alice", "callee": "bob", "ring": "3s", "talk": "9s", "room": "room-1",
	}
	field, rest, _ := strings.Cut(err.Error(), ": ")
	flag, value, _ := strings.Cut(field, " ")
	flag = strings.TrimSuffix(flag, "s")
	switch {
	case like[flag] == "" || value != "" && flag != "ring" && flag != "talk":
		return cli.Usage(err, "ringback call --caller alice --callee bob --ring 3s --talk 9s")
	case value != "":
		rest = err.Error()
	}
	return cli.Usage(fmt.Errorf("--%s: %s", flag, rest), cli.AsTyped+"--"+flag+" "+like[flag])
}

func generations(g wire.Generation) []wire.Generation {
	if g == wire.Both {
		return []wire.Generation{wire.V1, wire.V4}
	}
	return []wire.Generation{g}
}
