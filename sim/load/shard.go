package load

import (
	"context"
	"errors"
	"maps"
	"runtime"
	"strconv"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/run"
	"ringback/sim/traffic"
)

// shard is one engine with its loop, some partitions of the traffic and its
// connections. How many shards there are changes nothing that a receiver sees. A shard
// keeps a loop of its own, not package session's, because it measures each attempt and
// shares no lock with other shards.
type shard struct {
	cfg    *Config
	engine *sim.Engine
	loop   *run.Loop
	calls  *traffic.Source

	begin, until call.Instant  // of the ramp and the window together
	ended        bool          // whether the window is over
	windowOver   chan struct{} // closed when the window is over
	inFlight     int           // attempts given to a sender and not completed
	maxInFlight  int           // with Max: calls start while there are fewer in flight
	maxLive      int           // with Max: and while there are fewer live, or unsettled
	connections  int

	counters *counters // guarded by the loop's lock
	lines    []byte    // of the step, with a journal
}

// maxShards is the maximum number of shards.
const maxShards = 8

// numShards returns how many shards play a generator's calls: one with a journal, else
// one for each processor, but no more than there are connections or partitions. More
// shards than processors would only take memory and caches and set timers: already no
// processor would wait for another's lock.
func (c *Config) numShards(generator *traffic.Generator) int {
	if c.Journal != nil {
		return 1
	}
	return min(maxShards, runtime.GOMAXPROCS(0), c.Connections, len(generator.Partitions))
}

// newShard returns one of a number of shards.
func newShard(cfg *Config, generator *traffic.Generator, early time.Duration, index, of int) *shard {
	p := &shard{cfg: cfg, begin: cfg.Run.Epoch, windowOver: make(chan struct{})}
	from := p.begin.Add(cfg.Ramp)
	p.until = from.Add(cfg.Duration)
	p.counters = newCounters(p.begin, from)
	p.counters.reservoir = newReservoir(cfg.Segment.Share(cfg.Sample), cfg.Run.Seed, index, generator.Of)
	connections := (cfg.Connections + of - 1 - index) / of
	p.maxInFlight, p.maxLive = 2*connections, maxLive/of
	header := cfg.Run
	header.Epoch = p.begin.Add(-early)
	header.Flags = maps.Clone(header.Flags)
	if header.Flags == nil {
		header.Flags = map[string]string{}
	}
	if header.Flags["partitions"] = strconv.Itoa(generator.Of); cfg.Segment.Of > 0 {
		header.Flags["segment"] = cfg.Segment.String()
	}
	p.connections = connections
	p.engine = sim.New(sim.Config{
		Run: header, Dialect: cfg.Dialect, Order: sim.Unordered, HeartbeatExpiry: sim.PlatformExpiry, Shared: true, Recycle: true,
		Limit: cfg.limit(connections, index, of), Sign: cfg.Sign,
	})
	own := &traffic.Generator{Of: generator.Of}
	for i := index; i < len(generator.Partitions); i += of {
		own.Partitions = append(own.Partitions, generator.Partitions[i])
	}
	p.calls = traffic.NewSource(own, traffic.Feed{App: cfg.App, Generation: cfg.Generation, Alternate: true, Numbered: true, Reuse: true})
	p.loop = run.New(run.Config{
		Engine: p.engine, Pace: run.Real, NewSender: cfg.NewSender, Workers: connections, Timeout: cfg.Timeout, Precise: cfg.Precise,
		Source: p, Journal: p.record, Completed: p.completed,
	})
	return p
}

// maxLive is the maximum number of live calls, and of unsettled callbacks, of all shards
// together with Max. It is reached only if calls last and few of their callbacks are
// subscribed to, or if callbacks fail and wait for their retries: so many calls take some
// 100 MiB. A core needs 12,000 of --compress 60x to be busy.
const maxLive = 80_000

// upcoming returns when the next call starts or, if none does, when the window
// ends.
func (p *shard) upcoming() (at call.Instant, isCall bool) {
	if p.cfg.Max {
		// As soon as possible, but live calls and waiting retries take memory.
		if st := p.engine.State(); p.inFlight < p.maxInFlight && st.Live < p.maxLive && st.Totals.Open() < uint64(p.maxLive) && st.Now < p.until {
			return 0, true
		}
	} else if at, ok := p.calls.Next(); ok && at < p.until {
		return at, true
	}
	return p.until, false
}

// Next returns when there is something to take, until the window is over.
func (p *shard) Next() (at call.Instant, ok bool) {
	if p.ended {
		return 0, false
	}
	at, _ = p.upcoming()
	return at, true
}

// Take returns the next call, or the input that ends all calls.
func (p *shard) Take() sim.Input {
	if _, isCall := p.upcoming(); isCall {
		return p.calls.Take()
	}
	p.ended = true
	close(p.windowOver)
	return sim.Drain{}
}

// Refused counts a call that the engine refused.
func (p *shard) Refused(err error) error { return p.calls.Refused(err) }

func (p *shard) completed(job *sim.Send, late time.Duration, a *delivery.Answer) {
	p.inFlight--
	if p.cfg.Max { // without a schedule nothing is late
		late = 0
	}
	p.counters.completed(job, late, a)
	p.counters.reservoir.completed(job, p.engine.State())
}

// record counts the events of a step.
func (p *shard) record(step []sim.Effect) error {
	for i := range step {
		if step[i].Send != nil {
			p.inFlight++
		}
		p.counters.observe(&step[i].Event)
	}
	if p.cfg.Journal == nil {
		return nil
	}
	var err error
	if p.lines, err = sim.AppendLines(p.lines[:0], step); err != nil {
		return err
	}
	return p.cfg.Journal(p.lines)
}

// prepare places the calls in progress at the start of the run, and only then
// registers the receiver, so that their earlier callbacks are not sent.
func (p *shard) prepare() error {
	c := p.cfg
	if err := p.record(p.engine.Begin()); err != nil {
		return err
	}
	step := func(at call.Instant, in sim.Input) error {
		fx, err := p.engine.Step(at, in)
		return errors.Join(err, p.record(fx))
	}
	if err := p.calls.UnderWay(p.begin, step); err != nil {
		return err
	}
	if err := step(p.begin, sim.SetFaults{On: c.Faults}); err != nil {
		return err
	}
	return step(p.begin, sim.Register{App: c.App, Generation: c.Generation, Endpoint: c.Endpoint, Typed: true, Words: c.Words})
}

// run runs the shard, which starts at a time, to its end. When ctx ends, nothing new is sent, and
// attempts in flight are completed or time out; when bound ends, they are cut.
func (p *shard) run(ctx, bound context.Context, start time.Time) error {
	p.loop.StartAt(start)
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-ctx.Done():
			soon, cancel := context.WithTimeout(bound, p.cfg.Timeout)
			defer cancel()
			p.loop.Finish(soon)
		case <-bound.Done():
			p.loop.Finish(bound)
		case <-done:
		}
	}()
	return p.loop.Run(context.Background())
}

// openCounts counts what is neither acknowledged nor abandoned nor dropped.
type openCounts struct {
	callbacks uint64
	waiting   uint64 // of the callbacks, due and without a connection
	attempts  uint64 // in flight
	retries   uint64 // of the attempts
	calls     int
}

func (o *openCounts) add(p openCounts) {
	o.callbacks += p.callbacks
	o.waiting += p.waiting
	o.attempts += p.attempts
	o.retries += p.retries
	o.calls += p.calls
}

// snapshot adds the shard's counters to into, unless that is nil. It counts
// what is open from the engine's state rather than by subtraction, so that a sum
// that does not hold shows.
func (p *shard) snapshot(into *counters) (o openCounts) {
	p.loop.Look(func() {
		st := p.engine.State()
		for id, d := range st.Deliveries {
			if !p.counters.counts(id) || d.State.Settled() {
				continue
			}
			o.callbacks++
			if d.State == delivery.InFlight {
				o.attempts++
				if d.Attempts > 1 {
					o.retries++
				}
			}
		}
		// To the engine an attempt begins when it is due. Here one that waits for a
		// connection has not begun.
		for _, s := range p.loop.Waiting() {
			if !p.counters.counts(s.Delivery) {
				continue
			}
			o.waiting++
			o.attempts--
			if s.Attempt > 1 {
				o.retries--
			}
		}
		o.calls = st.Live
		if into != nil {
			into.add(p.counters)
		}
	})
	return o
}
