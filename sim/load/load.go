package load

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"ringback/sim"
	"ringback/sim/journal"
	"ringback/sim/run"
	"ringback/sim/session"
	"ringback/sim/traffic"
)

// Load is one run against a receiver.
type Load struct {
	cfg     Config
	perCall float64 // callbacks per call, on average
	of      int     // number of partitions of the whole load
	parts   int     // of these, of this segment
	model   string  // a hash of the model
	shards  []*shard

	mu              sync.Mutex
	began           time.Time
	late            time.Duration // after the time at which the load was to start
	ended           time.Time
	overloadMonitor overloadMonitor
}

// New checks a configuration and prepares a run. With [Config.Callbacks] that
// includes generating the calls in progress at the start.
func New(cfg Config) (*Load, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	l := &Load{cfg: cfg, model: fingerprint(cfg.Model)}
	var err error
	if l.perCall, err = callbacksPerCall(&l.cfg); err != nil {
		return nil, err
	}
	if l.perCall == 0 {
		return nil, errors.New("words: no call makes any of these callbacks")
	}
	rate, early := cfg.Calls, time.Duration(0)
	switch {
	case cfg.Max:
		rate = 10_000 // determines the number of users; the receiver determines the rate
	case cfg.Callbacks > 0:
		rate = cfg.Callbacks / l.perCall
		early = warmUp(l.cfg.Model, rate, cfg.Compress)
	}
	generator, err := traffic.New(l.cfg.Model, traffic.Options{
		Seed: cfg.Run.Seed, Epoch: cfg.Run.Epoch.Add(-early), Rate: rate, Poisson: cfg.Poisson, Ramp: cfg.Ramp, Compress: l.cfg.Compress,
		ObservedFrom: cfg.Run.Epoch, Segment: cfg.Segment,
	})
	if err != nil {
		return nil, err
	}
	l.of, l.parts = generator.Of, len(generator.Partitions)
	of := l.cfg.numShards(generator)
	for i := range of {
		l.shards = append(l.shards, newShard(&l.cfg, generator, early, i, of))
	}
	return l, l.forEach((*shard).prepare)
}

// forEach calls do for all shards concurrently.
func (l *Load) forEach(do func(*shard) error) error {
	errs := make([]error, len(l.shards))
	var group sync.WaitGroup
	for i, p := range l.shards {
		group.Go(func() {
			if err := do(p); err != nil {
				errs[i] = fmt.Errorf("engine %d: %w", i+1, err)
			}
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

// warmUp returns how long before the start of a run in the steady state its calls
// start: until hardly any of the first ones is left, but limited to as many calls
// as are generated in seconds. One-on-one calls are cheaper, since those that end
// before the start are skipped.
func warmUp(m *traffic.Model, rate, compress float64) time.Duration {
	const long, ofTwo, ofTeams = 2 * 3600, 20_000_000, 500_000
	maxCalls := float64(ofTwo)
	if m.Team != nil {
		maxCalls = ofTeams
	}
	return time.Duration(min(long/compress, maxCalls/rate) * float64(time.Second))
}

// callbacksPerCall plays a thousand calls without a network and returns the
// average number of callbacks.
func callbacksPerCall(cfg *Config) (float64, error) {
	const sample = 1000
	generator, err := traffic.New(cfg.Model, traffic.Options{Seed: cfg.Run.Seed, Epoch: cfg.Run.Epoch, Rate: sample, Compress: fullCompression})
	if err != nil {
		return 0, err
	}
	source := traffic.NewSource(generator, traffic.Feed{App: cfg.App, Generation: cfg.Generation, Alternate: true, MaxCalls: sample, Reuse: true})
	var callbacks float64
	// The calls are recycled and counted without a state: what is allocated here is part
	// of the run's peak memory.
	if _, err := session.Run(context.Background(), session.Config{
		Engine: sim.Config{Run: cfg.Run, Dialect: cfg.Dialect, Order: sim.Unordered, Recycle: true},
		Pace:   run.Instant, Workers: 1, NewSender: func() run.Sender { return run.Acknowledging{} },
		Source: run.First(run.List{{At: cfg.Run.Epoch, Input: sim.Register{
			App: cfg.App, Generation: cfg.Generation, Endpoint: cfg.Endpoint, Typed: true, Words: cfg.Words,
		}}}, source),
		Watch: func(_ *journal.State, e *journal.Event) error {
			if _, ok := e.Data.(*journal.Callback); ok {
				callbacks++
			}
			return nil
		},
	}); err != nil {
		return 0, err
	}
	placed, _ := source.Placed()
	return callbacks / float64(placed), nil
}

// Run waits for [Config.StartAt], and runs the load until all callbacks that became due
// are settled, or the drain reaches its maximum, or soon after the context ends. A run
// that was stopped returns no error; its report says what is unfinished.
func (l *Load) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	// Else the garbage of preparing the calls in progress would be collected during
	// the first attempts, and make them late.
	runtime.GC()
	start, ok := l.awaitStart(ctx)
	if !ok {
		l.mu.Lock()
		l.ended = time.Now()
		l.mu.Unlock()
		return nil
	}
	l.mu.Lock()
	l.began, l.overloadMonitor.cpu = start, l.cfg.CPU()
	l.mu.Unlock()
	window := l.cfg.Ramp + l.cfg.Duration
	bound, cut := context.WithDeadline(context.Background(), start.Add(window+l.cfg.Drain))
	defer cut()
	if l.cfg.NoDrain {
		go func() {
			late := time.NewTimer(time.Until(start.Add(window + time.Second))) // for a machine too slow to reach the end of the schedule
			defer late.Stop()
			for _, p := range l.shards {
				select {
				case <-p.windowOver:
				case <-late.C:
					stop()
				case <-ctx.Done():
				}
			}
			stop()
		}()
	}
	watching, watched := context.WithCancel(ctx)
	var group sync.WaitGroup
	group.Go(func() { l.monitorOverload(watching) })
	err := l.forEach(func(p *shard) error {
		err := p.run(ctx, bound, start)
		if err != nil {
			stop()
		}
		return err
	})
	watched()
	group.Wait()
	l.attributeTime(true) // the time in which the last answers arrived
	l.mu.Lock()
	l.ended = time.Now()
	l.mu.Unlock()
	return err
}

// awaitStart waits until the load is to start, and returns when that is or was. It
// returns false if the context ends before.
func (l *Load) awaitStart(ctx context.Context) (start time.Time, ok bool) {
	start = time.Now()
	if l.cfg.StartAt.IsZero() {
		return start, true
	}
	start = start.Add(time.Until(l.cfg.StartAt)) // by a clock that no one sets while it runs
	wait := time.NewTimer(time.Until(start))
	defer wait.Stop()
	select {
	case <-wait.C:
		l.mu.Lock()
		l.late = max(0, time.Since(start))
		l.mu.Unlock()
		return start, true
	case <-ctx.Done():
		return start, false
	}
}

// lateStart is how late a start must be to be mentioned.
const lateStart = 100 * time.Millisecond

// share returns which part of the whole load this segment is.
func (l *Load) share() float64 { return float64(l.parts) / float64(l.of) }

// Drain returns the maximum time that the run takes after its duration.
func (l *Load) Drain() time.Duration {
	if l.cfg.NoDrain {
		return 0
	}
	return l.cfg.Drain
}

// PerCall returns the average number of callbacks per call.
func (l *Load) PerCall() float64 { return l.perCall }
