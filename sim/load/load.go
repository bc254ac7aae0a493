package load

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"ringback/sim"
	"ringback/sim/run"
	"ringback/sim/traffic"
)

// Load is one run against a receiver.
type Load struct {
	cfg        Config
	perCall    float64 // callbacks that a call makes, on average
	partitions []*partition

	mu    sync.Mutex
	began time.Time
	ended time.Time
	gauge gauge
}

// New checks a configuration and makes everything ready to begin.
func New(cfg Config) (*Load, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	l := &Load{cfg: cfg}
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
		rate = 10_000 // for the number of users; the receiver says how many there are
	case cfg.Callbacks > 0:
		rate = cfg.Callbacks / l.perCall
		early = filling(l.cfg.Model, rate, cfg.Compress)
	}
	generator, err := traffic.New(l.cfg.Model, traffic.Options{
		Seed: cfg.Run.Seed, Epoch: cfg.Run.Epoch.Add(-early), Rate: rate, Poisson: cfg.Poisson, Ramp: cfg.Ramp, Compress: l.cfg.Compress,
		ObservedFrom: cfg.Run.Epoch,
	})
	if err != nil {
		return nil, err
	}
	for i := range generator.Partitions {
		l.partitions = append(l.partitions, newPartition(&l.cfg, generator, early, i))
	}
	return l, l.each((*partition).prepare)
}

// each does something with all partitions at once.
func (l *Load) each(do func(*partition) error) error {
	errs := make([]error, len(l.partitions))
	var group sync.WaitGroup
	for i, p := range l.partitions {
		group.Go(func() {
			if err := do(p); err != nil {
				errs[i] = fmt.Errorf("partition %d: %w", i+1, err)
			}
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

// filling is how long before its begin a steady run's calls start: until hardly
// any of the first ones is left, but no more calls than are made in seconds.
// Between two, most of them need not be made to see that they are over.
func filling(m *traffic.Model, rate, compress float64) time.Duration {
	const long, ofTwo, ofTeams = 2 * 3600, 20_000_000, 500_000
	most := float64(ofTwo)
	if m.Team != nil {
		most = ofTeams
	}
	return time.Duration(min(long/compress, most/rate) * float64(time.Second))
}

// callbacksPerCall plays a thousand calls without a network and counts.
func callbacksPerCall(cfg *Config) (float64, error) {
	const sample = 1000
	generator, err := traffic.New(cfg.Model, traffic.Options{Seed: cfg.Run.Seed, Epoch: cfg.Run.Epoch, Rate: sample, Compress: noTime})
	if err != nil {
		return 0, err
	}
	source := traffic.NewSource(generator, traffic.Feed{App: cfg.App, Generation: cfg.Generation, Alternate: true, MaxCalls: sample, Reuse: true})
	engine := sim.New(sim.Config{Run: cfg.Run, Dialect: cfg.Dialect, Order: sim.Unordered, Recycle: true})
	loop := run.New(run.Config{
		Engine: engine, Pace: run.Instant, Workers: 1, NewSender: func() run.Sender { return run.Acknowledging{} },
		Source: run.First(run.List{{At: cfg.Run.Epoch, Input: sim.Register{
			App: cfg.App, Generation: cfg.Generation, Endpoint: cfg.Endpoint, Typed: true, Words: cfg.Words,
		}}}, source),
	})
	if err := loop.Run(context.Background()); err != nil {
		return 0, err
	}
	placed, _ := source.Placed()
	return float64(engine.State().Totals.Callbacks) / float64(placed), nil
}

// Play plays the load to its end, which is when all callbacks that became due
// are settled, or the drain has taken as long as it may, or soon after the context
// ends. A run that was stopped or cut has no error: its report says what is
// unfinished.
func (l *Load) Play(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	// What was left of making the calls under way would be collected while the
	// first attempts are due, and would make them late.
	runtime.GC()
	l.mu.Lock()
	l.began, l.gauge.cpu = time.Now(), l.cfg.CPU()
	l.mu.Unlock()
	window := l.cfg.Ramp + l.cfg.Duration
	bound, cut := context.WithTimeout(context.Background(), window+l.cfg.Drain)
	defer cut()
	if l.cfg.NoDrain {
		go func() {
			late := time.NewTimer(window + time.Second) // for a machine that does not even get to the end of the schedule
			defer late.Stop()
			for _, p := range l.partitions {
				select {
				case <-p.over:
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
	group.Go(func() { l.watch(watching) })
	err := l.each(func(p *partition) error {
		err := p.play(ctx, bound)
		if err != nil {
			stop()
		}
		return err
	})
	watched()
	group.Wait()
	l.gaugeNow(true) // what became due while the last answers came
	l.mu.Lock()
	l.ended = time.Now()
	l.mu.Unlock()
	return err
}

// Drain is how long the run may take at most after its duration.
func (l *Load) Drain() time.Duration {
	if l.cfg.NoDrain {
		return 0
	}
	return l.cfg.Drain
}

// PerCall is how many callbacks a call makes on average.
func (l *Load) PerCall() float64 { return l.perCall }
