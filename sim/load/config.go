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

// Config describes a load.
type Config struct {
	Model      *traffic.Model
	Run        journal.Run // seed, epoch and token; the load starts at the epoch
	Dialect    *wire.Dialect
	App        uint32
	Segment    traffic.Segment // of the load that all of this describes; the zero value is the whole
	Generation wire.Generation // with wire.Both, calls alternate between the two
	Endpoint   *delivery.Endpoint
	Words      []wire.Word // nil means all
	Faults     []string    // in the spelling of package fault
	Sign       string      // token that signs requests; empty means unsigned

	NewSender   func() run.Sender // makes senders, like post.New
	Connections int               // of this segment; 0 means 64
	Timeout     time.Duration     // of an attempt; 0 means 2 s

	// Exactly one of the three. A rate is that of the whole load.
	Calls     float64 // calls per second
	Callbacks float64 // callbacks per second, in the steady state: calls are in progress at the start
	Max       bool    // as many as the receiver takes

	Poisson  bool          // calls arrive at random rather than evenly
	Duration time.Duration // of the measured window
	// StartAt is when the load starts, with its ramp; zero means at once. If that is in
	// the past, what became due since then is sent at once, late.
	StartAt  time.Time
	Ramp     time.Duration // before the window, in which the rate rises linearly
	Compress float64       // divides the times within calls; 0 means 1, or with Max that calls take no time
	// Precise uses the most precise timers the system has; see [run.Config].
	Precise bool
	// Backlog is the maximum number of callbacks that are due and wait for a
	// connection, over all shards of this segment. A callback that becomes due beyond it is
	// dropped. 0 means [DefaultBacklog], or fewer if they are large. With Max nothing
	// is dropped, since no call starts before a connection is free.
	Backlog int
	// Drain is the maximum time that the run takes after its duration. Attempts in
	// flight are then cut, and what is not settled is unfinished. 0 means as long as
	// a receiver that never answers can make a callback take; see [Load.Drain].
	Drain time.Duration
	// NoDrain ends the run with its duration; what is not settled is unfinished.
	NoDrain bool
	// CPU returns the processor time that the process has used and waited for so
	// far; nil asks the system.
	CPU func() time.Duration

	// Sample is how many of the ended calls of the whole load are kept for [Load.Probe].
	Sample int

	// Journal receives the lines of each step; nil keeps none. With a journal one
	// engine plays all calls.
	Journal func(lines []byte) error
}

// minPartitions is the least number of partitions of a load, however many a model asks
// for, unless there are fewer call centers: so a load can be divided among machines.
const minPartitions = 64

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
	case c.Max && !c.Segment.Whole():
		return errors.New("max: is for a whole load, since a closed loop has no fixed calls")
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
	own.Partitions = max(minPartitions, own.Partitions)
	if c.Words == nil {
		c.Words = wire.AllWords()
	}
	if c.Dialect == nil {
		c.Dialect = wire.Default()
	}
	if c.Connections == 0 {
		c.Connections = 64
	}
	if c.Timeout == 0 {
		c.Timeout = delivery.DefaultTimeout
	}
	if c.Compress == 0 {
		c.Compress = 1
		if c.Max {
			c.Compress = fullCompression
		}
	}
	if c.CPU == nil {
		c.CPU = CPUDemand
	}
	if c.Drain == 0 {
		var err error
		if c.Drain, err = c.defaultDrain(); err != nil {
			return err
		}
	}
	return nil
}

// DefaultBacklog is the default of [Config.Backlog], and backlogBytes bounds the
// memory of what waits under that default.
const (
	DefaultBacklog = 100_000
	backlogBytes   = 256 << 20
)

// limit returns the limit of a shard's engine, given the number of shards.
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

// defaultDrain returns how long a callback takes that is never answered: its waits
// and timeouts, one second more, and the delay of faults.
func (c *Config) defaultDrain() (d time.Duration, err error) {
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

// fullCompression is a compression with which calls take practically no time.
const fullCompression = 1e6
