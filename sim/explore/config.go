package explore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"ringback/sim"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/probe"
	"ringback/sim/run"
	"ringback/sim/wire"
)

// Probe asks what the receiver stored of a call, like [probe.Probe].
type Probe interface {
	// Until asks until the answer is as wanted, or until nothing that is stored has
	// changed for some time, the rows of the other calls among it. Then it calls behind,
	// if that is not nil, and asks once more.
	Until(
		ctx context.Context, callID string, still time.Duration, wanted func(probe.Stored) bool, behind func(context.Context), also ...string,
	) (probe.Stored, bool, error)
	// CatchUp waits for the ends of calls that were acknowledged last.
	CatchUp(ctx context.Context, callIDs ...string) bool
	// Hide is a text without secrets.
	Hide(text string) string
}

// Config says whom to explore, and for how long. Endpoint and NewSender are a
// must.
type Config struct {
	Run        journal.Run // seed, epoch and token
	Dialect    *wire.Dialect
	App        uint32
	Generation wire.Generation // both: in turn, history by history
	Words      wire.Words      // that the receiver takes; 0: all
	Endpoint   *delivery.Endpoint
	NewSender  func() run.Sender // makes the attempts, like post.New
	Timeout    time.Duration     // of an attempt; 0 means 2 s
	Order      sim.Order
	Heartbeat  time.Duration
	Sign       string // token that signs requests; empty: they are not signed
	AnyIDs     bool
	User       func(name string) string // the id to send for a name, "" if there is none; nil: the name

	// Probe asks what the receiver stored; nil: answers alone are judged.
	Probe Probe
	// Poll is how long a receiver that acknowledged may store nothing of what it is
	// behind with; 0 means 1 s.
	Poll time.Duration

	// LevelOf is the level of a clause for receivers of a generation, must or should;
	// nil: all are must.
	LevelOf func(clause string, g wire.Generation) string
	Level   string // from which on a finding counts: must (also if empty) or should

	CallTypes string // of the calls that are played: single, group or all (also if empty)

	Budget   int // executions that look for something
	Shrink   int // executions more for each finding, to shrink it
	Findings int // after so many different ones that count the search ends

	// Journals has each finding keep the journal of its shortest history, Timings
	// in it how long answers took.
	Journals bool
	Timings  bool

	mapped bool // User is set: ids of its own mean nothing to the receiver

	// KeepCallIDs has all histories played with the dialect's CallIds, even if the
	// receiver turns out to take none of them. Else they go on with readable ones.
	KeepCallIDs bool
	// Before, if set, is called before anything is judged, with a request that the
	// receiver acknowledged: it may be sent again.
	Before func(acknowledged *delivery.Request)
	// Forbidden, if set, is told the HTTP status, 401 or 403, if the receiver refuses
	// the first call with nothing else: each history will find the same.
	Forbidden func(status int)
	// Hangs, if set, is told once, in words, that the receiver hangs and when the
	// search will end because of it.
	Hangs func(text string)
	// Progress, if set, is told how many executions looked for something so far.
	Progress func(done int)
}

// check names the field that is missing or wrong.
func (c *Config) check() error {
	switch {
	case c.Endpoint == nil:
		return errors.New("explore.Config.Endpoint: is missing; delivery.ParseEndpoint makes one")
	case c.NewSender == nil:
		return errors.New("explore.Config.NewSender: is missing; post.New makes a sender")
	case c.User != nil && c.stranger(people[:2]...):
		return errors.New("explore.Config.User: has no id for alice or bob, who are in the first call")
	case len(c.generations()) == 0:
		return fmt.Errorf("explore.Config.Words: none is of the generation %s, so nothing is judged", c.Generation)
	case c.Budget < 1:
		return fmt.Errorf("explore.Config.Budget: %d: want 1 or more, or nothing is judged", c.Budget)
	case c.Shrink < 0:
		return fmt.Errorf("explore.Config.Shrink: %d: want 0 or more", c.Shrink)
	case c.Findings < 1:
		return fmt.Errorf("explore.Config.Findings: %d: want 1 or more, or nothing is judged", c.Findings)
	case c.CallTypes != "" && c.CallTypes != "single" && c.CallTypes != "group" && c.CallTypes != "all":
		return fmt.Errorf("explore.Config.CallTypes: %q: want single, group or all", c.CallTypes)
	case c.Level != "" && c.Level != "must" && c.Level != "should":
		return fmt.Errorf("explore.Config.Level: %q: want must or should", c.Level)
	}
	return nil
}

func (c *Config) complete() {
	if c.Dialect == nil {
		c.Dialect = wire.Default()
	}
	if c.Generation == 0 {
		c.Generation = wire.Both
	}
	if c.Words == 0 {
		c.Words = wire.Every
	}
	if c.Timeout == 0 {
		c.Timeout = delivery.DefaultTimeout
	}
	if c.Poll == 0 {
		c.Poll = time.Second
	}
	if c.mapped = c.User != nil; !c.mapped {
		c.User = func(name string) string { return name }
	}
	if c.LevelOf == nil {
		c.LevelOf = func(string, wire.Generation) string { return "must" }
	}
	if c.Progress == nil {
		c.Progress = func(int) {}
	}
}

// stranger reports whether one of some people has no id that the receiver would know.
func (c *Config) stranger(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return c.User(name) == "" })
}

// generations are those of the histories, in turn: those of which the receiver takes
// any callback.
func (c *Config) generations() (list []wire.Generation) {
	for _, g := range []wire.Generation{wire.V1, wire.V4} {
		if (c.Generation == 0 || c.Generation&g != 0) && len(wordsOf(g, c.Words)) > 0 {
			list = append(list, g)
		}
	}
	return list
}
