package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"ringback/features"
	"ringback/sim"
	"ringback/sim/probe"
	"ringback/sim/wire"
)

// JudgeFlags are the flags of verify and explore, which judge a receiver: what counts,
// and what it takes and shows.
type JudgeFlags struct {
	Flags
	Level     string
	CallTypes string
	subscribe []string
	Probe     ProbeFlags
}

// Register adds all of them: failure is what counts from a level on, of is what a
// journal is written of, then says what is done with what the probe shows.
func (c *JudgeFlags) Register(cmd *cobra.Command, failure, of, then string) {
	c.Flags.Register(cmd, "instant")
	c.RegisterNet(cmd)
	c.RegisterWait(cmd)
	c.RegisterJournals(cmd, of)
	f := cmd.Flags()
	f.Lookup("user-map").Usage = strictUserMap
	c.Probe.Register(f, then)
	f.StringVar(&c.Level, "level", "must", "a "+failure+" counts from this `level` on: must, or should")
	f.StringVar(&c.CallTypes, "call-types", "all", "leave out calls of another type than this `word`: single, group or all")
	f.StringSliceVar(&c.subscribe, "subscribe", nil, "judge a receiver that takes these callback `words` and commands only, comma-separated (default all)")
}

// Subscribed is --subscribe as it was given, "" without it.
func (c *JudgeFlags) Subscribed() string { return strings.Join(c.subscribe, ",") }

// ResolveJudged completes the config of a run in which everything is judged at once,
// callbacks in order unless a flag says otherwise, and in which some people take part
// first. It also returns the words of --subscribe, 0 without it, and the probe or nil.
func (c *JudgeFlags) ResolveJudged(s *Config, first ...string) (words wire.Words, p *probe.Probe, err error) {
	const hint = "ringback call"
	if err = onlyInstant(s); err != nil {
		return 0, nil, err
	}
	if err = CheckWord(hint, "level", c.Level, Levels); err != nil {
		return 0, nil, err
	}
	if err = CheckWord(hint, "call-types", c.CallTypes, features.CallTypes); err != nil {
		return 0, nil, err
	}
	if err = s.KnowsFirst(first...); err != nil {
		return 0, nil, err
	}
	if c.Order == "" {
		s.Order = sim.Serial
	}
	if len(c.subscribe) > 0 {
		if words, err = ParseWords(hint, c.subscribe); err != nil {
			return 0, nil, err
		}
	}
	p, err = c.Probe.Open(s, hint)
	return words, p, err
}
