package load

import (
	"errors"
	"fmt"
	"time"

	"ringback/sim"
	"ringback/sim/delivery"
	"ringback/sim/fault"
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
	Sign       string      // token that signs requests; empty: they are not signed

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
	// Backlog is how many callbacks may be due and wait for a connection, over all
	// partitions; what becomes due beyond that is dropped. 0 means
	// [DefaultBacklog], and fewer if they are large. Under Max nothing is dropped:
	// no call starts before there is room.
	Backlog int
	// Drain is how long the run may take after its duration; what has no end then
	// is unfinished, and attempts in flight are cut. 0 means as long as a receiver
	// that never answers can make a callback take; see [Load.Drain].
	Drain time.Duration
	// NoDrain ends a run with its duration: what is under way is unfinished.
	NoDrain bool
	// CPU is how much processor time the process has used so far, and has waited
	// for; nil asks the system.
	CPU func() time.Duration

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
	case c.Backlog < 0:
		return fmt.Errorf("backlog: %d: want 0 or more", c.Backlog)
	case c.Drain < 0:
		return fmt.Errorf("drain: %s: want 0s or more", c.Drain)
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
		c.Timeout = delivery.DefaultTimeout
	}
	if c.Compress == 0 {
		c.Compress = 1
		if c.Max {
			c.Compress = noTime
		}
	}
	if c.CPU == nil {
		c.CPU = cpuDemand
	}
	if c.Drain == 0 {
		var err error
		if c.Drain, err = c.longest(); err != nil {
			return err
		}
	}
	return nil
}

// DefaultBacklog is how many callbacks wait at most unless [Config.Backlog] says
// otherwise, and backlogBytes is how much memory these may take.
const (
	DefaultBacklog = 100_000
	backlogBytes   = 256 << 20
)

// limit is what a partition's engine may have under way, of so many partitions.
func (c *Config) limit(connections, index, of int) sim.Limit {
	share := func(n int) int { return (n + of - 1 - index) / of }
	switch {
	case c.Max:
		return sim.Limit{}
	case c.Backlog > 0:
		return sim.Limit{Attempts: connections + share(c.Backlog)}
	}
	return sim.Limit{Attempts: connections + share(DefaultBacklog), Bytes: share(backlogBytes)}
}

// longest is how long a callback takes that is never answered, its waits and
// timeouts together, and a second more; longer, if faults delay callbacks.
func (c *Config) longest() (d time.Duration, err error) {
	for _, g := range []wire.Generation{wire.V1, wire.V4} {
		if c.Generation != g && c.Generation != wire.Both {
			continue
		}
		p := delivery.PolicyOf(g, c.Dialect)
		sum := time.Duration(p.Attempts())*c.Timeout + time.Second
		for _, wait := range p.Waits {
			sum += wait
		}
		d = max(d, sum)
	}
	for _, text := range c.Faults {
		f, err := fault.Parse(text)
		if err != nil {
			return 0, err
		}
		d += f.Delay()
	}
	return d, nil
}

// noTime is a compression under which a call takes no time to speak of.
const noTime = 1e6
