package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ringback/features"
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/probe"
	"ringback/sim/wire"
)

// JudgeFlags are the flags of verify and explore: what counts as a failure, and which
// callbacks and calls the receiver takes.
type JudgeFlags struct {
	Flags
	Level     string
	CallTypes string
	subscribe []string
	Probe     ProbeFlags
}

// Register adds all flags. failure is the word for what counts, of for what has a
// journal; then completes the help of --probe.
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

// Subscribed returns --subscribe as given, "" without it.
func (c *JudgeFlags) Subscribed() string { return strings.Join(c.subscribe, ",") }

// ResolveJudged checks and completes the config of a run that judges a receiver: time is
// instant, and callbacks are in order unless --order says otherwise. first are the users
// of the first call. It also returns the words of --subscribe, 0 without it, and the
// probe or nil.
func (c *JudgeFlags) ResolveJudged(s *Config, first ...string) (words wire.Words, p *probe.Probe, err error) {
	const hint = "ringback call"
	if err = onlyInstant(s); err != nil {
		return 0, nil, err
	}
	if err = CheckWord(hint, "level", c.Level, Levels); err != nil {
		return 0, nil, err
	}
	if err = CheckWord(hint, "call-types", c.CallTypes, features.AllCallTypes); err != nil {
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
		if !c.makes(words) {
			return 0, nil, Usage(fmt.Errorf("--subscribe: no callback of %s is sent of calls by --call-types %s", c.Subscribed(), c.CallTypes), AsTyped+"--call-types all")
		}
	}
	p, err = c.Probe.Open(s, hint)
	return words, p, err
}

// makes reports whether calls of the type that is asked for make any of the callbacks.
func (c *JudgeFlags) makes(words wire.Words) bool {
	kind, one := map[string]call.Kind{"single": call.Single, "group": call.Group}[c.CallTypes]
	return !one || slices.ContainsFunc(words.List(), func(w wire.Word) bool {
		only, some := w.Kind()
		return !some || only == kind
	})
}
