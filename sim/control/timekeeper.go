package control

import (
	"time"

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

// keepTime notes the time now and then, so that a restart after a kill does not
// set it back by much.
func (b *Backend) keepTime() {
	if b.file == nil {
		return
	}
	tick := time.NewTicker(keepEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-b.Done():
			return
		case <-b.closing:
			return
		}
		live := 0
		b.Read(func(s *journal.State) { live = s.Live })
		if _, _, paused := b.Time(); live == 0 || paused {
			continue
		}
		if b.session.NoteTime() != nil {
			return
		}
	}
}
