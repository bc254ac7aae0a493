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

// Probe reads what the receiver stored of a call. [probe.Probe] implements it.
type Probe interface {
	// Until asks until wanted accepts the answer, or until nothing stored of this call
	// and of the others in also has changed for the time still. Then it calls behind, if
	// not nil, and asks once more. It reports whether wanted accepted.
	Until(
		ctx context.Context, callID string, still time.Duration, wanted func(probe.Stored) bool, behind func(context.Context), also ...string,
	) (probe.Stored, bool, error)
	// CatchUp waits until the ends of calls are stored, and reports whether they are.
	CatchUp(ctx context.Context, callIDs ...string) bool
	// Hide returns a text without secrets.
	Hide(text string) string
}

// Config says which receiver to explore, and for how long. Endpoint, NewSender, Budget
// and Findings are required.
type Config struct {
	Run        journal.Run // seed, epoch and token
	Dialect    *wire.Dialect
	App        uint32
	Generation wire.Generation // both: histories alternate
	Words      wire.Words      // callbacks that the receiver takes; 0: all
	Endpoint   *delivery.Endpoint
	NewSender  func() run.Sender // makes the attempts, like post.New
	Timeout    time.Duration     // of an attempt; 0 means 2 s
	Order      sim.Order
	Heartbeat  time.Duration
	Sign       string // token that signs requests; empty: they are not signed
	AnyIDs     bool
	User       func(name string) string // returns the id to send for a name, or "" for none; nil: the name itself

	// Probe reads what the receiver stored; nil: only answers are checked.
	Probe Probe
	// Poll is how long a receiver may store nothing new of what it acknowledged before
	// it counts as lost; 0 means 1 s.
	Poll time.Duration

	// LevelOf is the level of a clause for receivers of a generation, must or should;
	// nil: all are must.
	LevelOf func(clause string, g wire.Generation) string
	Level   string // lowest level at which a finding counts: must (also if empty) or should

	CallTypes string // of the calls that are played: single, group or all (also if empty)

	Budget   int // executions that search
	Shrink   int // further executions to shrink each finding
	Findings int // the search ends after this many different findings that count

	// Journals keeps the journal of each finding's shrunk history; Timings adds how long
	// answers took.
	Journals bool
	Timings  bool

	userMap bool // User is set, so the receiver knows no other ids

	// KeepCallIDs uses the dialect's CallIds even if the receiver takes none of them.
	// Otherwise readable ones are used then.
	KeepCallIDs bool
	// Before, if set, is called before anything is checked, with a request that the
	// receiver acknowledged and that may be sent again.
	Before func(acknowledged *delivery.Request)
	// Forbidden, if set, is called with the HTTP status, 401 or 403, if the receiver
	// answers every callback of the first call with it.
	Forbidden func(status int)
	// Hangs, if set, is called once if the receiver hangs, with a text that says when
	// the search will end because of it.
	Hangs func(text string)
	// Progress, if set, is called with the number of executions that searched so far.
	Progress func(done int)
}

// check returns an error that names the field that is missing or wrong.
func (c *Config) check() error {
	switch {
	case c.Endpoint == nil:
		return errors.New("explore.Config.Endpoint: is missing; delivery.ParseEndpoint makes one")
	case c.NewSender == nil:
		return errors.New("explore.Config.NewSender: is missing; post.New makes a sender")
	case c.User != nil && c.lacksID(people[:2]...):
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
	if c.userMap = c.User != nil; !c.userMap {
		c.User = func(name string) string { return name }
	}
	if c.LevelOf == nil {
		c.LevelOf = func(string, wire.Generation) string { return "must" }
	}
	if c.Progress == nil {
		c.Progress = func(int) {}
	}
}

// lacksID reports whether the receiver has no id for one of some people.
func (c *Config) lacksID(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return c.User(name) == "" })
}

// generations returns those that histories alternate between: those of which the
// receiver takes any callback.
func (c *Config) generations() (list []wire.Generation) {
	for _, g := range []wire.Generation{wire.V1, wire.V4} {
		if (c.Generation == 0 || c.Generation&g != 0) && len(wordsOf(g, c.Words)) > 0 {
			list = append(list, g)
		}
	}
	return list
}
