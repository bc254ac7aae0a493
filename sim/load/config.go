package load

import (
	"errors"
	"fmt"
	"time"

	"ringback/sim"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/run"
	"ringback/sim/traffic"
	"ringback/sim/wire"
)

// Config says what load to make.
type Config struct {
	Model      *traffic.Model
	Run        journal.Run // seed, epoch and token; the epoch is when the load begins
	Dialect    *wire.Dialect
	App        uint32
	Generation wire.Generation // both: in turn, call by call
	Endpoint   *delivery.Endpoint
	Words      []wire.Word // nil means all
	Faults     []string    // in the spelling of package fault

	NewSender   func() run.Sender // makes the attempts, like post.New
	Connections int               // over all partitions; 0 means 64
	Timeout     time.Duration     // of an attempt; 0 means 2 s

	// What is asked for: exactly one of the three.
	Calls     float64 // calls a second
	Callbacks float64 // callbacks a second, from the first second on: calls are under way at the start
	Max       bool    // as many as the receiver takes

	Poisson  bool          // calls come at random, not evenly
	Duration time.Duration // that is measured
	Ramp     time.Duration // before that, the rate rises in a straight line
	Compress float64       // makes the calls so many times as fast; 0 means 1, or under Max no time at all
	// Precise wakes up as exactly as the system can; see [run.Config].
	Precise bool
	// NoDrain ends a run with its duration: what is under way is unfinished.
	NoDrain bool

	// Sample is how many of the calls that end are remembered for [Load.Probe].
	Sample int

	// Journal gets each partition's events; nil keeps none. Under one, the load
	// is in one partition.
	Journal func(step []sim.Effect) error
}

func (c *Config) complete() error {
	asked := 0
	for _, is := range []bool{c.Calls > 0, c.Callbacks > 0, c.Max} {
		if is {
			asked++
		}
	}
	switch {
	case asked != 1:
		return errors.New("calls, callbacks, max: want exactly one of them")
	case c.Model == nil || c.Endpoint == nil || c.NewSender == nil:
		return errors.New("model, endpoint, sender: one is missing")
	case c.Duration <= 0:
		return fmt.Errorf("duration: %s: want more than 0s", c.Duration)
	case c.Ramp < 0:
		return fmt.Errorf("ramp: %s: want 0s or more", c.Ramp)
	case c.Compress < 0:
		return fmt.Errorf("compress: %g: want more than 0", c.Compress)
	}
	own := *c.Model
	c.Model = &own
	if c.Journal != nil {
		own.Partitions = 1
	}
	if c.Words == nil {
		c.Words = wire.AllWords()
	}
	if c.Dialect == nil {
		c.Dialect = wire.Default()
	}
	if c.Connections == 0 {
		c.Connections = 64
	}
	if c.Connections < own.Partitions {
		own.Partitions = c.Connections
	}
	if c.Timeout == 0 {
		c.Timeout = 2 * time.Second
	}
	if c.Compress == 0 {
		c.Compress = 1
		if c.Max {
			c.Compress = noTime
		}
	}
	return nil
}

// noTime is a compression under which a call takes no time to speak of.
const noTime = 1e6
