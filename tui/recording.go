package tui

import (
	"errors"
	"io"
	"math"
	"strings"
	"sync"
	"time"

	"ringback/sim/call"
	"ringback/sim/journal"
	"ringback/tui/pane"
)

// Recording is a tape as a simulation that no one can change: it is read to its end, and
// can be played again from any time on, at any pace. What is added at its end is shown
// while it stands there.
type Recording struct {
	// Whole means that the screen gets all events at once, however many and however long
	// it takes to read them, for scripts. Otherwise it shows what is read and takes keys
	// meanwhile.
	Whole bool

	tape Tape
	now  func() time.Time

	mu      sync.Mutex
	moved   chan struct{} // a command moved it
	reader  TapeReader    // nil before the first look
	ahead   []*journal.Event
	shown   uint64 // so many events are on the screen
	ended   bool   // all that is there now was read
	err     error  // why nothing more can be read
	anew    bool   // the screen is to begin again
	from    call.Instant
	to      call.Instant // of the latest event that was read
	at      call.Instant
	since   time.Time // when it was that time
	pace    string
	paused  bool
	seeking bool         // it goes to a time as fast as it can be read
	loading bool         // for the first time
	goal    call.Instant // to that time
	stays   bool         // it stands at the end
}

// NewRecording makes a simulation of a tape; now is the wall clock.
func NewRecording(tape Tape, now func() time.Time) *Recording {
	return &Recording{tape: tape, now: now, moved: make(chan struct{}, 1), pace: "10x", paused: true, seeking: true, loading: true, goal: call.Latest, stays: true}
}

// beat is how often the screen hears of the time while it passes, rest while it
// does not.
const (
	beat = 50 * time.Millisecond
	rest = 100 * time.Millisecond
)

// maxBatch is how many events the screen gets at once. It folds so many in some 10 ms.
const maxBatch = 5000

// Watch returns what has come since.
func (r *Recording) Watch() Changes {
	r.wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	limit := r.time()
	switch {
	case r.seeking:
		limit = r.goal
	case r.stays:
		limit = call.Latest
	}
	events, reached := r.read(limit)
	c := Changes{Anew: r.anew, Events: events}
	r.anew = false
	if n := len(events); n > 0 && (r.seeking || r.stays) {
		r.at = max(r.at, events[n-1].At)
	}
	if r.loading && r.ended {
		c.Note = r.reader.Note()
	}
	over := r.ended && len(r.ahead) == 0 || r.err != nil
	switch {
	case r.seeking && reached:
		r.at, r.seeking, r.loading, r.since = r.goal, false, false, r.now()
	case over && (r.seeking || !r.paused):
		r.at, r.paused, r.seeking, r.loading, r.stays = r.to, true, false, false, true
	}
	c.Clock = Clock{Now: r.time(), Wall: r.now(), Pace: r.pace, Paused: r.paused}
	c.Tape = &Position{From: r.from, To: r.to, Read: 1, Ended: r.stays && !r.loading}
	if read, of := r.reader.Progress(); r.loading && of > 0 {
		c.Tape.Read = min(1, float64(read)/float64(of))
	}
	c.Over = r.err
	return c
}

// wait waits until the screen may have to change.
func (r *Recording) wait() {
	r.mu.Lock()
	wait := rest
	switch {
	case r.seeking:
		wait = 0
	case !r.paused:
		wait = beat
	}
	r.mu.Unlock()
	if wait == 0 {
		return
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
	case <-r.moved:
	}
}

// read returns the next events up to a time, not all if they are many; reached reports
// whether there is one beyond the time.
func (r *Recording) read(limit call.Instant) (events []*journal.Event, reached bool) {
	most := maxBatch
	if r.Whole {
		most = math.MaxInt
	}
	for len(events) < most && r.more() {
		n := 0
		for n < len(r.ahead) && n < most-len(events) && r.ahead[n].At <= limit {
			n++
		}
		events, r.ahead, r.shown = append(events, r.ahead[:n]...), r.ahead[n:], r.shown+uint64(n)
		if len(r.ahead) > 0 && r.ahead[0].At > limit {
			return events, true
		}
	}
	return events, false
}

// more reports whether there is an event that was read and is not shown, and reads on if
// there is none.
func (r *Recording) more() bool {
	if r.reader == nil {
		r.reader = r.tape.Open()
	}
	if len(r.ahead) > 0 || r.err != nil {
		return len(r.ahead) > 0
	}
	next, err := r.reader.Next()
	for r.Whole && r.seeking && len(next) == 0 && err == nil {
		next, err = r.reader.Next()
	}
	switch r.ended = errors.Is(err, io.EOF); {
	case errors.Is(err, ErrReplaced):
		r.rewind()
		r.seeking, r.loading, r.goal, r.to = true, true, call.Latest, 0
		return false
	case err != nil && !r.ended:
		r.err = err
	}
	for _, e := range next {
		if h, ok := e.Data.(*journal.Run); ok {
			r.from = h.Epoch
			r.to = max(r.to, h.Epoch)
		}
		r.to = max(r.to, e.At)
	}
	r.ahead = next
	return len(next) > 0
}

// time is the recording's time.
func (r *Recording) time() call.Instant {
	if r.paused || r.seeking {
		return r.at
	}
	passed := float64(r.now().Sub(r.since)) * min(speed(r.pace), 1e6)
	return r.at.Add(time.Duration(min(passed, math.MaxInt64/2)))
}

// Do plays, steps, seeks and stops; all else is refused.
func (r *Recording) Do(o Command) Done {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch c := o.(type) {
	case Seek:
		r.seek(c.To)
	case SetClock:
		r.setClock(c)
	default:
		return Done{Err: errorText(pane.Unchangeable)}
	}
	select {
	case r.moved <- struct{}{}:
	default:
	}
	return Done{}
}

func (r *Recording) setClock(c SetClock) {
	r.at, r.since = r.time(), r.now()
	switch c.Do {
	case Pause:
		r.paused = true
	case Resume:
		r.again()
		r.paused, r.stays = false, false
	case Step:
		r.again()
		r.paused, r.stays, r.seeking = true, false, false
		if r.more() {
			r.at = r.ahead[0].At
		}
	case SetPace:
		r.pace = strings.TrimSpace(c.Pace)
	}
}

// seek goes to a time, backward by way of the beginning.
func (r *Recording) seek(to call.Instant) {
	now := r.time()
	r.stays = to >= r.to && r.ended || to == call.Latest
	if to = max(to, r.from); to < now {
		r.rewind()
	}
	r.goal, r.seeking = to, true
	if r.loading = r.loading && to == call.Latest; r.stays {
		r.goal = call.Latest
	}
}

// again goes back to the beginning, from the end.
func (r *Recording) again() {
	if r.ended && len(r.ahead) == 0 && r.shown > 0 {
		r.rewind()
	}
}

// rewind goes back to the beginning.
func (r *Recording) rewind() {
	r.reader.Close()
	r.reader = r.tape.Open()
	r.ahead, r.shown, r.ended, r.err, r.anew, r.at = nil, 0, false, nil, true, r.from
}
