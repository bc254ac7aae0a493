package run

import (
	"context"
	"fmt"
	"math"
	"time"

	"ringback/sim"
	"ringback/sim/call"
)

// clock maps wall time to simulated time. It runs at a pace, stands still, or
// jumps to what is due next.
type clock struct {
	pace   Pace
	paused bool
	goal   call.Instant  // jump up to here
	at     chan struct{} // closed when the goal is reached; nil: no goal
	asked  int           // how many wait for that
	zero   time.Time     // of wall time, which counts from there: time.Since is cheaper than time.Now
	start  time.Duration // when it was now
	now    call.Instant
	turns  uint64 // how often wall time came to mean another simulated time
}

// jumps reports whether time stands still but for jumps.
func (c *clock) jumps() bool { return c.at != nil || c.pace == Instant && !c.paused }

// runs reports whether wall time moves it.
func (c *clock) runs() bool { return !c.jumps() && !c.paused }

// limit is how far it may jump.
func (c *clock) limit() call.Instant {
	if c.at != nil {
		return c.goal
	}
	return never
}

// wall is the wall time.
func (c *clock) wall() time.Duration { return time.Since(c.zero) }

func (c *clock) read() call.Instant {
	if !c.runs() {
		return c.now
	}
	const longest = time.Minute // more of it might not fit, times the pace
	since := c.wall() - c.start
	now := min(c.now.Add(time.Duration(float64(since)*float64(c.pace))), call.Latest)
	if since > longest {
		// By as much wall time as now is away: what is below a millisecond is kept.
		c.start += time.Duration(float64(now.Sub(c.now)) / float64(c.pace))
		c.now = now
	}
	return now
}

// late is how much wall time after a simulated one it was at a moment; 0 where
// time jumps.
func (c *clock) late(due call.Instant, at time.Duration) time.Duration {
	if !c.runs() {
		return 0
	}
	return at - c.start - time.Duration(float64(due.Sub(c.now))/float64(c.pace))
}

// until is the wall time to wait for a simulated time.
func (c *clock) until(at call.Instant) time.Duration {
	wall := time.Duration(math.Ceil(float64(at.Sub(c.now)) / float64(c.pace)))
	return wall - (c.wall() - c.start)
}

// in is the simulated time so much wall time from now.
func (c *clock) in(d time.Duration) call.Instant {
	return c.read().Add(time.Duration(float64(d) * float64(c.pace)))
}

// hold makes a time the one from which the clock goes on.
func (c *clock) hold(now call.Instant) {
	c.now, c.start = now, c.wall()
	c.turns++
}

// arrive ends a jump at its goal.
func (c *clock) arrive() {
	c.now = c.goal
	c.settle()
}

// settle ends a jump where it is.
func (c *clock) settle() {
	c.start = c.wall()
	c.turns++
	close(c.at)
	c.at = nil
}

// time is the simulated time. It comes to nothing that is due before that was
// done, and does not go back.
func (l *Loop) time() call.Instant {
	return min(l.clock.read(), max(l.due(), l.cfg.Engine.State().Now))
}

// Time is the simulated time, how it passes, and whether it stands still.
func (l *Loop) Time() (now call.Instant, pace Pace, paused bool) {
	<-l.begun
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.time(), l.clock.pace, l.clock.paused
}

// SetPace makes time pass at another pace.
func (l *Loop) SetPace(p Pace) { l.adjust(func(c *clock) { c.pace = p }) }

// Pause makes time stand still. What is due now goes on.
func (l *Loop) Pause() { l.adjust(func(c *clock) { c.paused = true }) }

// Resume lets time pass again.
func (l *Loop) Resume() { l.adjust(func(c *clock) { c.paused = false }) }

func (l *Loop) adjust(change func(*clock)) {
	<-l.begun
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clock.hold(l.time())
	change(&l.clock)
	l.attend()
}

// Advance moves the simulated time forward by d, through all that is due
// meanwhile, as under [Instant]: whatever the pace, attempts and their retries
// included. It returns when the time is there; with 0, when all that is due now
// is done. It is refused with [call.ErrTooLate] where simulated time would end.
func (l *Loop) Advance(ctx context.Context, d time.Duration) error {
	<-l.begun
	l.mu.Lock()
	if l.stopped || l.finishing {
		defer l.mu.Unlock()
		return l.whyStopped()
	}
	if l.clock.at == nil {
		l.clock.hold(l.time())
		l.clock.goal = l.clock.now
	}
	if l.clock.goal.Add(d) > call.Latest {
		l.mu.Unlock()
		return call.ErrTooLate
	}
	if l.clock.at == nil {
		l.clock.at = make(chan struct{})
	}
	l.clock.goal = l.clock.goal.Add(d)
	at := l.clock.at
	l.clock.asked++
	l.attend()
	l.mu.Unlock()
	defer l.forgo(at)
	select {
	case <-at:
		return nil
	case <-l.over:
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.whyStopped()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// mostSettling is how long callbacks may take to be acknowledged or given up,
// in simulated time: the retry schedule, with attempts that all time out.
const mostSettling = 60 * time.Second

// ErrUnsettled says that callbacks take longer than they may.
var ErrUnsettled = fmt.Errorf("callbacks are still under way after %s", mostSettling)

// Settle lets the simulated time pass, as [Loop.Advance] does, until all
// callbacks so far are acknowledged or given up, and no longer.
func (l *Loop) Settle(ctx context.Context) error {
	for range mostSettling / time.Second {
		if err := l.Advance(ctx, 0); err != nil { // what is due now
			return err
		}
		open := uint64(0)
		l.Look(func() { open = l.cfg.Engine.State().Totals.Open() })
		if open == 0 {
			return nil
		}
		if err := l.Advance(ctx, time.Second); err != nil {
			return err
		}
	}
	return ErrUnsettled
}

// forgo ends an advance that nobody waits for any more.
func (l *Loop) forgo(at chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.clock.asked--; l.clock.asked == 0 && l.clock.at == at {
		l.clock.settle()
		l.attend()
	}
}

// attend makes sure that some worker looks at the clock anew.
func (l *Loop) attend() {
	switch {
	case l.leading:
		l.nudge()
	case l.idle > 0:
		l.followers.Signal()
	default:
		l.hire()
	}
}

// Rest returns a channel that is closed once nothing happens by itself any more:
// the clock is paused, what is due by now is done, and no attempt is under way.
// It stays closed when the clock goes on.
func (l *Loop) Rest() <-chan struct{} {
	<-l.begun
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.rest == nil {
		l.rest = make(chan struct{})
	}
	rest := l.rest
	l.noteRest()
	return rest
}

// noteRest tells who waits for it that nothing happens any more.
func (l *Loop) noteRest() {
	if l.rest == nil || !l.clock.paused || l.clock.at != nil || l.flying > 0 || l.ready.len() > 0 || l.next() <= l.clock.now {
		return
	}
	close(l.rest)
	l.rest = nil
}

// Upcoming is what is due next of the calls and their callbacks, the first one
// first, up to limit of it.
func (l *Loop) Upcoming(limit int) []sim.Upcoming {
	<-l.begun
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cfg.Engine.Upcoming(limit)
}

// Next is when something is due next, as things stand; ok is false when
// nothing is.
func (l *Loop) Next() (at call.Instant, ok bool) {
	<-l.begun
	l.mu.Lock()
	defer l.mu.Unlock()
	at = l.next()
	return at, at != never
}

func (l *Loop) next() call.Instant {
	at := l.due()
	if ld, landed := l.nextLanding(); landed {
		at = min(at, ld)
	}
	return at
}
