package run

import (
	"math"
	"time"

	"ringback/sim"
	"ringback/sim/call"
)

// patience is for how much wall time a loop catches up before its time slips.
const patience = time.Second

// relaxed is how late at most something is done while all workers are away
// sending: there is nobody to make an attempt before one of them comes back, who
// does first what is due by then.
const relaxed = 5 * time.Millisecond

// never is later than anything.
const never = call.Instant(math.MaxInt64)

// due is when the engine or the source has something to do.
func (l *Loop) due() call.Instant {
	at, ok := l.cfg.Engine.Next()
	if !ok {
		at = never
	}
	if l.cfg.Source != nil {
		if s, more := l.cfg.Source.Next(); more {
			at = min(at, s)
		}
	}
	return at
}

// feed does what is due by a time, each at its own time: the engine's timers
// and the source's inputs, the timers first where both are due at once. It
// returns how far it got: while wall time runs on, that is not beyond a breath.
func (l *Loop) feed(now call.Instant) call.Instant {
	var at call.Instant
	for n := 0; !l.stopped; n++ {
		engine, timers := l.cfg.Engine.Next()
		source, more := never, false
		if l.cfg.Source != nil {
			if at, ok := l.cfg.Source.Next(); ok {
				source, more = at, true
			}
		}
		timers = timers && engine <= now && engine <= source
		switch {
		case !timers && !(more && source <= now):
			l.behind = time.Time{}
			return now
		case n == breath && !l.clock.jumps():
			l.lag(at)
			return at
		case timers:
			at = engine
			_, _ = l.apply(at, sim.Tick{}) // a tick is never refused
		default:
			at = max(source, l.cfg.Engine.State().Now)
			if _, err := l.apply(source, l.cfg.Source.Take()); err != nil {
				if err = l.cfg.Source.Refused(err); err != nil {
					l.halt(err)
				}
			}
		}
	}
	return now
}

// lag notes that only what was due up to a time is done. If that goes on for too
// long, it stays that time.
func (l *Loop) lag(at call.Instant) {
	switch {
	case l.behind.IsZero():
		l.behind = time.Now()
	case l.cfg.Slipped != nil && l.clock.runs() && time.Since(l.behind) > patience:
		by := l.clock.read().Sub(at)
		l.clock.hold(at)
		l.behind = time.Time{}
		l.cfg.Slipped(by)
	}
}

// advance does what is due. It reports whether it did anything, and else when
// there will be something to do.
func (l *Loop) advance() (progress bool, next call.Instant) {
	if l.clock.jumps() {
		return l.jump()
	}
	now, next := l.clock.read(), l.due()
	if ld, landed := l.nextLanding(); landed { // left over from a jump
		if ld <= now {
			l.touchDown(now)
			return true, 0
		}
		next = min(next, ld)
	}
	if next > now {
		return false, next
	}
	l.feed(now)
	return true, 0
}

// jump moves the simulated time to what is due next, unless something is in
// flight: then its answer comes first.
func (l *Loop) jump() (progress bool, next call.Instant) {
	if l.flying > 0 {
		return false, never
	}
	next = l.due()
	ld, landed := l.nextLanding()
	switch limit := l.clock.limit(); {
	case landed && ld <= next && ld <= limit:
		l.clock.now = max(l.clock.now, ld)
		l.touchDown(l.clock.now)
	case next > limit && l.clock.at != nil:
		l.clock.arrive()
	case next == never:
		return false, never
	default:
		l.clock.now = max(l.clock.now, next)
		l.feed(l.clock.now)
	}
	return true, 0
}

// wait parks the worker until something may have changed. The first one to
// park leads: it also wakes up when the next thing is due.
func (l *Loop) wait(next call.Instant) {
	l.noteRest()
	if l.leading {
		if next < l.leadsTo {
			l.nudge()
		}
		l.idle++
		l.followers.Wait()
		l.idle--
		return
	}
	if next != never && l.clock.runs() && l.flying >= l.cfg.Workers {
		next = max(next, l.clock.in(relaxed))
	}
	l.leading, l.leadsTo = true, next
	var due <-chan struct{}
	if next != never && l.clock.runs() {
		due = l.arm(next)
	}
	l.mu.Unlock()
	select {
	case <-due:
		l.mu.Lock()
		l.armed = armed{}
	case <-l.wake:
		l.mu.Lock()
	}
	l.leading = false
}

// armed is what an alarm was set for.
type armed struct {
	at    call.Instant
	turns uint64 // of the clock by then
}

// arm sets the alarm, unless it is set for that time already: attempts that
// come and go meanwhile are many, and each time is a call of the system.
func (l *Loop) arm(next call.Instant) <-chan struct{} {
	if this := (armed{next, l.clock.turns}); l.armed != this {
		l.armed, l.rings = this, l.alarm.in(l.clock.until(next))
	}
	return l.rings
}
