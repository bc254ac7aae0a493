package control

import (
	"errors"
	"net/http"
	"time"

	"ringback/sim/call"
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

// Clock is the simulated time.
type Clock struct {
	Now    call.Instant `json:"now"`
	Pace   string       `json:"pace" jsonschema:"real, instant, or a factor like 10x"`
	Paused bool         `json:"paused"`
}

// Clocking changes how time passes.
type Clocking struct {
	Do      string `json:"do,omitempty" enum:"clocking" jsonschema:"pause or resume"`
	Pace    string `json:"pace,omitempty" jsonschema:"real, instant, or a factor like 10x"`
	Advance string `json:"advance,omitempty" jsonschema:"move the time on by this duration, like 30s, through all that is due meanwhile, retries included; the answer comes when it is there, with 0s when what is due now is done"`
}

func (b *Backend) showClock(*http.Request) (Clock, error) {
	now, pace, paused := b.Time()
	return Clock{Now: now, Pace: pace.String(), Paused: paused}, nil
}

// mostAdvance is how far the time can be moved on at once.
const mostAdvance = 365 * 24 * time.Hour

func tooFar(advance string) error {
	return wrong("advance", "30s", "%q: want a shorter one: %v", advance, call.ErrTooLate)
}

func (b *Backend) setClock(r *http.Request, in Clocking) (Clock, error) {
	var pace run.Pace
	var by time.Duration
	var err error
	if in.Pace != "" {
		if pace, err = run.ParsePace(in.Pace); err != nil {
			return Clock{}, wrong("pace", "10x", "%v", err)
		}
		if pace == run.Instant && b.cfg.Traffic != nil {
			return Clock{}, wrong("pace", "1000x", "%v", ErrEndless)
		}
	}
	if in.Advance != "" {
		if by, err = time.ParseDuration(in.Advance); err != nil || by < 0 || by > mostAdvance {
			return Clock{}, wrong("advance", "30s", "%q: want a duration from 0s to %s", in.Advance, mostAdvance)
		}
		if b.session.Now().Add(by) > call.Latest {
			return Clock{}, tooFar(in.Advance)
		}
	}
	switch in.Do {
	case "pause":
		b.session.Loop().Pause()
	case "resume":
		b.session.Loop().Resume()
	}
	if pace != 0 {
		b.session.Loop().SetPace(pace)
	}
	if in.Advance != "" {
		err := b.session.Advance(r.Context(), by)
		if errors.Is(err, call.ErrTooLate) { // another request was first
			return Clock{}, tooFar(in.Advance)
		}
		if err != nil {
			return Clock{}, err
		}
	}
	if err := b.session.NoteTime(); err != nil {
		return Clock{}, err
	}
	return b.showClock(r)
}
