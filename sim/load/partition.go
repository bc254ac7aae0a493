package load

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/run"
	"ringback/sim/traffic"
)

// partition is one engine with its loop, its part of the calls and its
// connections.
type partition struct {
	cfg    *Config
	engine *sim.Engine
	loop   *run.Loop
	calls  *traffic.Source

	begin, until call.Instant  // of the window's end
	ended        bool          // the window is
	over         chan struct{} // closed then
	flying       int           // attempts that were handed out and did not come back
	room         int           // under Max: how many there are to be
	connections  int

	tally *tally // guarded by the loop's lock
}

// newPartition makes one of them. Its engine's calls are told from those of
// the others by their ids.
func newPartition(cfg *Config, generator *traffic.Generator, early time.Duration, index int) *partition {
	p := &partition{cfg: cfg, begin: cfg.Run.Epoch, over: make(chan struct{})}
	from := p.begin.Add(cfg.Ramp)
	p.until = from.Add(cfg.Duration)
	p.tally = newTally(p.begin, from)
	p.tally.sample = newSample(cfg.Sample, cfg.Run.Seed, index, len(generator.Partitions))
	of := len(generator.Partitions)
	connections := (cfg.Connections + of - 1 - index) / of
	p.room = 2 * connections
	header := cfg.Run
	header.Epoch = p.begin.Add(-early)
	rooms := sim.Rooms{Token: header.Token, First: uint64(index) + 1, Step: uint64(of)}
	if of > 1 {
		header.Token = fmt.Sprintf("%s-%d", header.Token, index+1)
	}
	p.connections = connections
	p.engine = sim.New(sim.Config{
		Run: header, Dialect: cfg.Dialect, Rooms: rooms, Order: sim.Unordered, HeartbeatExpiry: sim.PlatformExpiry, Recycle: true,
		Limit: cfg.limit(connections, index, of), Sign: cfg.Sign,
	})
	p.calls = traffic.NewSource(&traffic.Generator{Partitions: generator.Partitions[index : index+1]}, traffic.Feed{
		App: cfg.App, Generation: cfg.Generation, Alternate: true, Reuse: true,
	})
	p.loop = run.New(run.Config{
		Engine: p.engine, Pace: run.Real, NewSender: cfg.NewSender, Workers: connections, Timeout: cfg.Timeout, Precise: cfg.Precise,
		Source: p, Journal: p.record, Landed: p.landed,
	})
	return p
}

// mostLive is how many calls of a partition are under way at most under Max, and
// callbacks that are not settled. They are as many only if calls last, and few of
// their callbacks are wanted, or if callbacks fail and wait for their retries.
const mostLive = 10_000

// upcoming is when the next call starts, or else the window ends.
func (p *partition) upcoming() (at call.Instant, isCall bool) {
	if p.cfg.Max {
		// As soon as can be: but calls that wait for their time take memory.
		// So do callbacks that wait for their retries.
		if st := p.engine.State(); p.flying < p.room && st.Live < mostLive && st.Totals.Open() < mostLive && st.Now < p.until {
			return 0, true
		}
	} else if at, ok := p.calls.Next(); ok && at < p.until {
		return at, true
	}
	return p.until, false
}

// Next is when there is something to take, until the window is over.
func (p *partition) Next() (at call.Instant, ok bool) {
	if p.ended {
		return 0, false
	}
	at, _ = p.upcoming()
	return at, true
}

// Take is the next call, or the end of all calls.
func (p *partition) Take() sim.Input {
	if _, isCall := p.upcoming(); isCall {
		return p.calls.Take()
	}
	p.ended = true
	close(p.over)
	return sim.Drain{}
}

// Refused is told of a call that the engine did not take.
func (p *partition) Refused(err error) error { return p.calls.Refused(err) }

func (p *partition) landed(job *sim.Send, late time.Duration, a *delivery.Answer) {
	p.flying--
	if p.cfg.Max { // nothing is late where there is no schedule
		late = 0
	}
	p.tally.landed(job, late, a)
	p.tally.sample.landed(job, p.engine.State())
}

// record counts a step.
func (p *partition) record(step []sim.Effect) error {
	for i := range step {
		if step[i].Send != nil {
			p.flying++
		}
		p.tally.see(&step[i].Event)
	}
	if p.cfg.Journal != nil {
		return p.cfg.Journal(step)
	}
	return nil
}

// prepare tells the engine where callbacks go. Before that it places the calls
// that are under way when the run begins, of which nobody is told until then.
func (p *partition) prepare() error {
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

// play plays the partition to its end. When the first context ends, nothing new
// is sent, and what is under way has until its timeout to be answered; when the
// second one ends, that is cut, too.
func (p *partition) play(ctx, bound context.Context) error {
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

// open is what is neither acknowledged nor given up nor dropped.
type open struct {
	callbacks uint64
	waiting   uint64 // of these, due and without a connection
	attempts  uint64 // in flight
	retries   uint64 // of these
	calls     int
}

func (o *open) add(p open) {
	o.callbacks += p.callbacks
	o.waiting += p.waiting
	o.attempts += p.attempts
	o.retries += p.retries
	o.calls += p.calls
}

// look adds what the partition counted to a tally, unless that is nil, and counts what is open by
// asking the engine, so that a sum that does not hold shows.
func (p *partition) look(into *tally) (o open) {
	p.loop.Look(func() {
		st := p.engine.State()
		for id, d := range st.Deliveries {
			if !p.tally.counts(id) || d.State.Settled() {
				continue
			}
			o.callbacks++
			if d.State == delivery.Flying {
				o.attempts++
				if d.Attempts > 1 {
					o.retries++
				}
			}
		}
		// The engine takes an attempt for begun when it is due. What waits for a
		// connection is no attempt yet.
		for _, s := range p.loop.Waiting() {
			if !p.tally.counts(s.Delivery) {
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
			into.add(p.tally)
		}
	})
	return o
}
