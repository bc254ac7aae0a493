package simapi

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"ringback/sim/call"
	"ringback/sim/run"
)

// Clock is the simulated time.
type Clock struct {
	Now    call.Instant `json:"now"`
	Pace   string       `json:"pace" jsonschema:"real, instant, or a factor like 10x"`
	Paused bool         `json:"paused"`
	Still  bool         `json:"still,omitempty" jsonschema:"step: nothing was due, so the time stands where it was"`
}

// Clocking changes how time passes.
type Clocking struct {
	Do      string `json:"do,omitempty" enum:"clocking" jsonschema:"pause; resume; step: pause, and go to what is due next"`
	Pace    string `json:"pace,omitempty" jsonschema:"real, instant, or a factor like 10x"`
	Advance string `json:"advance,omitempty" jsonschema:"move the time on by this duration, like 30s, through all that is due meanwhile, retries included; the answer comes when it is there, with 0s when what is due now is done"`
}

func (b *backend) showClock(*http.Request) (Clock, error) {
	now, pace, paused := b.Session.Loop().Time()
	return Clock{Now: now, Pace: pace.String(), Paused: paused}, nil
}

// maxAdvance is how far the time can be moved on at once.
const maxAdvance = 365 * 24 * time.Hour

func tooFar(advance string) error {
	return wrong("advance", "30s", "%q: want a shorter one: %v", advance, call.ErrTooLate)
}

func (b *backend) setClock(r *http.Request, in Clocking) (Clock, error) {
	var pace run.Pace
	var by time.Duration
	var err error
	if in.Pace != "" {
		if pace, err = run.ParsePace(in.Pace); err != nil {
			return Clock{}, wrong("pace", "10x", "%v", err)
		}
	}
	if in.Advance != "" {
		if by, err = time.ParseDuration(in.Advance); err != nil || by < 0 || by > maxAdvance {
			return Clock{}, wrong("advance", "30s", "%q: want a duration from 0s to %s", in.Advance, maxAdvance)
		}
		if b.Session.Now().Add(by) > call.Latest {
			return Clock{}, tooFar(in.Advance)
		}
	}
	if in.Do == "step" && in.Advance != "" {
		return Clock{}, wrong("advance", "", "does not go with step, which goes to what is due next")
	}
	if pace != 0 {
		if err := b.Session.SetPace(pace); err != nil {
			return Clock{}, wrong("pace", "1000x", "%s", strings.TrimPrefix(err.Error(), "pace: "))
		}
	}
	still := false
	switch in.Do {
	case "pause":
		b.Session.Loop().Pause()
	case "resume":
		b.Session.Loop().Resume()
	case "step":
		moved, err := b.Session.Step(r.Context())
		if err != nil {
			return Clock{}, err
		}
		still = !moved
	}
	if in.Advance != "" {
		err := b.Session.Advance(r.Context(), by)
		if errors.Is(err, call.ErrTooLate) { // another request was first
			return Clock{}, tooFar(in.Advance)
		}
		if err != nil {
			return Clock{}, err
		}
	}
	if err := b.Session.NoteTime(); err != nil {
		return Clock{}, err
	}
	c, err := b.showClock(r)
	c.Still = still
	return c, err
}
