package control

import (
	"context"
	"time"

	"ringback/sim"
	"ringback/sim/journal"
	"ringback/sim/run"
)

// keepEvery is how often the journal is told what time it is while calls go on.
const keepEvery = 5 * time.Second

// timeOf lets time pass as a journal that goes on says, unless the
// configuration does.
func (b *Backend) timeOf(c *journal.Clock) {
	if c != nil && b.cfg.Pace == 0 {
		if p, err := run.ParsePace(c.Pace); err == nil {
			b.cfg.Pace = p
		}
	}
	if b.cfg.Pace == 0 {
		b.cfg.Pace = run.Real
	}
	b.cfg.Paused = b.cfg.Paused || c != nil && c.Paused
}

// noteTime journals what time it is and how it passes.
func (b *Backend) noteTime() error {
	_, pace, paused := b.loop.Time()
	return b.Do(sim.Clock{Pace: pace.String(), Paused: paused}, nil)
}

// keepTime notes the time now and then, so that a restart after a kill does not
// set it back by much.
func (b *Backend) keepTime(ctx context.Context) {
	if b.file == nil {
		return
	}
	tick := time.NewTicker(keepEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		case <-b.closing:
			return
		}
		live := 0
		b.Read(func(s *journal.State) { live = s.Live })
		if _, _, paused := b.Time(); live == 0 || paused {
			continue
		}
		if b.noteTime() != nil {
			return
		}
	}
}
