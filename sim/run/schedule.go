package run

import (
	"math"
	"time"

	"ringback/sim"
	"ringback/sim/call"
)

// maxLag is for how much wall time a loop tries to catch up before time slips.
const maxLag = time.Second

// maxBusyDelay is how late something due may be done while all workers are sending.
// Until one of them returns, and does what is due first, no attempt can be made.
const maxBusyDelay = 5 * time.Millisecond

// never is later than anything.
const never = call.Instant(math.MaxInt64)

// nextDue returns when the engine or the source has something to do.
func (l *Loop) nextDue() call.Instant {
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

// runDue does what is due by now, in order of time: the engine's timers and the
// source's inputs, the timers first if both are due at once. It returns the time up
// to which all is done, which is earlier than now if there are more than maxBatch
// steps and the clock runs.
func (l *Loop) runDue(now call.Instant) call.Instant {
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
			l.behindSince = time.Time{}
			return now
		case n == maxBatch && !l.clock.jumps():
			l.noteLag(at)
			return at
		case timers:
			at = engine
			_, _ = l.apply(at, sim.Tick{}) // never refused
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

// noteLag notes that the loop is only done up to a time. If it stays behind for more
// than maxLag, and Config.Slipped allows it, the clock goes back to that time.
func (l *Loop) noteLag(at call.Instant) {
	switch {
	case l.behindSince.IsZero():
		l.behindSince = time.Now()
	case l.cfg.Slipped != nil && l.clock.runs() && time.Since(l.behindSince) > maxLag:
		by := l.clock.read().Sub(at)
		l.clock.rebase(at)
		l.behindSince = time.Time{}
		l.cfg.Slipped(by)
	}
}

// advance does what is due. It reports whether there was anything and, if not, when
// something will be due.
func (l *Loop) advance() (progress bool, next call.Instant) {
	if l.clock.jumps() {
		return l.jump()
	}
	now, next := l.clock.read(), l.nextDue()
	if doneAt, pending := l.nextCompletion(); pending { // left from a jump
		if doneAt <= now {
			l.complete(now)
			return true, 0
		}
		next = min(next, doneAt)
	}
	if next > now {
		return false, next
	}
	l.runDue(now)
	return true, 0
}

// jump moves simulated time to what is due next, unless an attempt is in flight.
func (l *Loop) jump() (progress bool, next call.Instant) {
	if l.inFlight > 0 {
		return false, never
	}
	next = l.nextDue()
	doneAt, pending := l.nextCompletion()
	switch limit := l.clock.limit(); {
	case pending && doneAt <= next && doneAt <= limit:
		l.clock.now = max(l.clock.now, doneAt)
		l.complete(l.clock.now)
	case next > limit && l.clock.reached != nil:
		l.clock.reachGoal()
	case next == never:
		return false, never
	default:
		l.clock.now = max(l.clock.now, next)
		l.runDue(l.clock.now)
	}
	return true, 0
}

// wait blocks the worker until something may have changed. The first worker to wait
// is the leader: it also wakes up when the next thing is due.
func (l *Loop) wait(next call.Instant) {
	l.notifyQuiescent()
	if l.hasLeader {
		if next < l.leaderWakesAt {
			l.wake()
		}
		l.idle++
		l.followers.Wait()
		l.idle--
		return
	}
	if next != never && l.clock.runs() && l.inFlight >= l.cfg.Workers {
		next = max(next, l.clock.simAfter(maxBusyDelay))
	}
	l.hasLeader, l.leaderWakesAt = true, next
	var due <-chan struct{}
	if next != never && l.clock.runs() {
		due = l.setTimer(next)
	}
	l.mu.Unlock()
	select {
	case <-due:
		l.mu.Lock()
		l.setting = timerSetting{}
	case <-l.wakeC:
		l.mu.Lock()
	}
	l.hasLeader = false
}

// timerSetting is what the timer is set to.
type timerSetting struct {
	at    call.Instant
	turns uint64 // of the clock
}

// setTimer sets the timer, unless it is already set to that time. It is called for
// every attempt, and setting the timer is a system call.
func (l *Loop) setTimer(next call.Instant) <-chan struct{} {
	if this := (timerSetting{next, l.clock.generation}); l.setting != this {
		l.setting, l.timerC = this, l.timer.set(l.clock.wallUntil(next))
	}
	return l.timerC
}
