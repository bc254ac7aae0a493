package run

import (
	"context"
	"fmt"
	"math"
	"time"

	"ringback/sim"
	"ringback/sim/call"
)

// clock maps wall time to simulated time. It runs at a pace, is paused, or jumps to
// what is due next.
type clock struct {
	pace       Pace
	paused     bool
	goal       call.Instant  // of Advance: jump up to this time
	reached    chan struct{} // closed when the goal is reached; nil: no goal
	waiters    int           // calls of Advance that wait for the goal
	origin     time.Time     // wall times count from it, since time.Since is cheaper than time.Now
	start      time.Duration // the wall time at which simulated time was now
	now        call.Instant
	generation uint64 // changes whenever the mapping changes
}

// jumps reports whether simulated time only moves by jumps.
func (c *clock) jumps() bool { return c.reached != nil || c.pace == Instant && !c.paused }

// runs reports whether simulated time follows wall time.
func (c *clock) runs() bool { return !c.jumps() && !c.paused }

// limit returns how far the clock may jump.
func (c *clock) limit() call.Instant {
	if c.reached != nil {
		return c.goal
	}
	return never
}

// wall returns the wall time since the origin.
func (c *clock) wall() time.Duration { return time.Since(c.origin) }

func (c *clock) read() call.Instant {
	if !c.runs() {
		return c.now
	}
	const maxSince = time.Minute // more than that times the pace could overflow
	since := c.wall() - c.start
	now := min(c.now.Add(time.Duration(float64(since)*float64(c.pace))), call.Latest)
	if since > maxSince {
		// Computed from now, so that fractions of a millisecond are not lost.
		c.start += time.Duration(float64(now.Sub(c.now)) / float64(c.pace))
		c.now = now
	}
	return now
}

// late returns by how much a wall time is later than that of a simulated time; 0 if
// the clock does not run.
func (c *clock) late(due call.Instant, at time.Duration) time.Duration {
	if !c.runs() {
		return 0
	}
	return at - c.start - time.Duration(float64(due.Sub(c.now))/float64(c.pace))
}

// wallUntil returns the wall time to wait for a simulated time.
func (c *clock) wallUntil(at call.Instant) time.Duration {
	wall := time.Duration(math.Ceil(float64(at.Sub(c.now)) / float64(c.pace)))
	return wall - (c.wall() - c.start)
}

// simAfter returns the simulated time after a wall time from now.
func (c *clock) simAfter(d time.Duration) call.Instant {
	return c.read().Add(time.Duration(float64(d) * float64(c.pace)))
}

// rebase makes now the time from which the clock continues.
func (c *clock) rebase(now call.Instant) {
	c.now, c.start = now, c.wall()
	c.generation++
}

// reachGoal ends a jump at its goal.
func (c *clock) reachGoal() {
	c.now = c.goal
	c.endJump()
}

// endJump ends a jump where it is.
func (c *clock) endJump() {
	c.start = c.wall()
	c.generation++
	close(c.reached)
	c.reached = nil
}

// time returns the simulated time. It does not pass what is due and not done yet,
// and it does not go back.
func (l *Loop) time() call.Instant {
	return min(l.clock.read(), max(l.nextDue(), l.cfg.Engine.State().Now))
}

// Time returns the simulated time, its pace, and whether it is paused.
func (l *Loop) Time() (now call.Instant, pace Pace, paused bool) {
	<-l.begun
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.time(), l.clock.pace, l.clock.paused
}

// SetPace changes the pace.
func (l *Loop) SetPace(p Pace) { l.adjust(func(c *clock) { c.pace = p }) }

// Pause stops simulated time. Attempts that are due now are still made.
func (l *Loop) Pause() { l.adjust(func(c *clock) { c.paused = true }) }

// Resume ends a pause.
func (l *Loop) Resume() { l.adjust(func(c *clock) { c.paused = false }) }

func (l *Loop) adjust(change func(*clock)) {
	<-l.begun
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clock.rebase(l.time())
	change(&l.clock)
	l.recheckClock()
}

// Advance moves simulated time forward by d, as under [Instant], whatever the pace:
// everything due in that time happens, attempts and retries included. It returns
// when the time is reached; with a d of 0, when all that is due now is done. The
// error is [call.ErrTooLate] if d goes beyond [call.Latest].
func (l *Loop) Advance(ctx context.Context, d time.Duration) error {
	<-l.begun
	l.mu.Lock()
	if l.stopped || l.finishing {
		defer l.mu.Unlock()
		return l.whyStopped()
	}
	if l.clock.reached == nil {
		l.clock.rebase(l.time())
		l.clock.goal = l.clock.now
	}
	if l.clock.goal.Add(d) > call.Latest {
		l.mu.Unlock()
		return call.ErrTooLate
	}
	if l.clock.reached == nil {
		l.clock.reached = make(chan struct{})
	}
	l.clock.goal = l.clock.goal.Add(d)
	at := l.clock.reached
	l.clock.waiters++
	l.recheckClock()
	l.mu.Unlock()
	defer l.abandonAdvance(at)
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

// maxSettling is the maximum simulated time in which callbacks are settled: the
// retry schedule, with attempts that all time out.
const maxSettling = 60 * time.Second

// ErrUnsettled means that callbacks were not settled in the maximum time.
var ErrUnsettled = fmt.Errorf("callbacks are still under way after %s", maxSettling)

// Settle advances simulated time until all callbacks are acknowledged or given up.
// It returns [ErrUnsettled] if that takes more than 60 s of simulated time.
func (l *Loop) Settle(ctx context.Context) error {
	for range maxSettling / time.Second {
		if err := l.Advance(ctx, 0); err != nil { // does what is due now
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

// abandonAdvance ends a jump that no call of Advance waits for.
func (l *Loop) abandonAdvance(at chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.clock.waiters--; l.clock.waiters == 0 && l.clock.reached == at {
		l.clock.endJump()
		l.recheckClock()
	}
}

// recheckClock makes a worker look at the clock again.
func (l *Loop) recheckClock() {
	switch {
	case l.hasLeader:
		l.wake()
	case l.idle > 0:
		l.followers.Signal()
	default:
		l.spawn()
	}
}

// Quiescent returns a channel that is closed once nothing happens without an input:
// the clock is paused, what is due is done, and no attempt is in flight. It stays
// closed when the clock goes on.
func (l *Loop) Quiescent() <-chan struct{} {
	<-l.begun
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.quiescent == nil {
		l.quiescent = make(chan struct{})
	}
	rest := l.quiescent
	l.notifyQuiescent()
	return rest
}

// notifyQuiescent closes the channel of Quiescent if nothing happens any more.
func (l *Loop) notifyQuiescent() {
	if l.quiescent == nil || !l.clock.paused || l.clock.reached != nil || l.inFlight > 0 || l.ready.len() > 0 || l.next() <= l.clock.now {
		return
	}
	close(l.quiescent)
	l.quiescent = nil
}

// Upcoming returns what is due next of the calls and their callbacks, ordered by
// time, at most limit entries.
func (l *Loop) Upcoming(limit int) []sim.Upcoming {
	<-l.begun
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cfg.Engine.Upcoming(limit)
}

// Next returns when something is due next; ok is false if nothing is.
func (l *Loop) Next() (at call.Instant, ok bool) {
	<-l.begun
	l.mu.Lock()
	defer l.mu.Unlock()
	at = l.next()
	return at, at != never
}

func (l *Loop) next() call.Instant {
	at := l.nextDue()
	if doneAt, pending := l.nextCompletion(); pending {
		at = min(at, doneAt)
	}
	return at
}
