package tui

import (
	"math"
	"strings"
	"sync"
	"time"

	"ringback/sim/call"
	"ringback/sim/journal"
	"ringback/tui/pane"
)

// Recording is a journal as a simulation that no one can change: it stands at
// its end, and can be played again from its beginning, at any pace.
type Recording struct {
	now func() time.Time

	mu     sync.Mutex
	moved  chan struct{} // a command moved it
	events []*journal.Event
	shown  int  // of these, so many are on the screen
	anew   bool // the screen is to begin again
	at     call.Instant
	since  time.Time // when it was that time
	pace   string
	paused bool
	first  bool // nothing was watched yet
}

// NewRecording makes a simulation of a journal's events. They must be valid for
// good; now is the wall clock.
func NewRecording(events []*journal.Event, now func() time.Time) *Recording {
	r := &Recording{now: now, events: events, moved: make(chan struct{}, 1), pace: "10x", paused: true, first: true}
	r.end()
	return r
}

// end goes to the end.
func (r *Recording) end() {
	r.paused = true
	if n := len(r.events); n > 0 {
		r.at = r.events[n-1].At
	}
}

// beat is how often the screen hears of the time while it passes, rest while it
// does not.
const (
	beat = 50 * time.Millisecond
	rest = 100 * time.Millisecond
)

// Watch returns what has come since.
func (r *Recording) Watch() Changes {
	r.mu.Lock()
	wait := rest
	if !r.paused {
		wait = beat
	}
	first := r.first
	r.first = false
	r.mu.Unlock()
	if !first {
		t := time.NewTimer(wait)
		defer t.Stop()
		select {
		case <-t.C:
		case <-r.moved:
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.time()
	c := Changes{Anew: r.anew}
	r.anew = false
	from := r.shown
	for r.shown < len(r.events) && r.events[r.shown].At <= now {
		r.shown++
	}
	c.Events = r.events[from:r.shown]
	if r.shown == len(r.events) && !r.paused {
		r.end()
		now = r.at
	}
	c.Clock = Clock{Now: now, Wall: r.now(), Pace: r.pace, Paused: r.paused}
	return c
}

// time is the recording's time.
func (r *Recording) time() call.Instant {
	if r.paused {
		return r.at
	}
	passed := float64(r.now().Sub(r.since)) * min(speed(r.pace), 1e6)
	return r.at.Add(time.Duration(min(passed, math.MaxInt64/2)))
}

// Do plays, steps and stops; all else is refused.
func (r *Recording) Do(o Command) Done {
	c, ok := o.(SetClock)
	if !ok {
		return Done{Err: errorText(pane.Unchangeable)}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at, r.since = r.time(), r.now()
	switch c.Do {
	case Pause:
		r.paused = true
	case Resume:
		r.rewind()
		r.paused = false
	case Step:
		r.rewind()
		r.paused = true
		if r.shown < len(r.events) {
			r.at = r.events[r.shown].At
		}
	case SetPace:
		r.pace = strings.TrimSpace(c.Pace)
	}
	select {
	case r.moved <- struct{}{}:
	default:
	}
	return Done{}
}

// rewind goes back to the beginning, from the end.
func (r *Recording) rewind() {
	if r.shown == len(r.events) && len(r.events) > 0 {
		r.shown, r.anew = 0, true
		r.at = r.events[0].At
		if h, ok := r.events[0].Data.(*journal.Run); ok {
			r.at = h.Epoch
		}
	}
}
