package run

import (
	"runtime"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
)

// hire starts a worker, unless there are enough.
func (l *Loop) hire() {
	most := l.cfg.Workers
	if l.cfg.Pace != Instant || l.cfg.Linger {
		most++ // when all others are away sending, one has to watch the clock
	}
	if l.workers >= most || l.stopped || l.finishing {
		return
	}
	l.workers++
	s := l.cfg.NewSender()
	l.senders = append(l.senders, s)
	l.group.Go(func() { l.work(s) })
}

// work is the life of a worker: take an attempt, send it, bring the answer
// back.
func (l *Loop) work(s Sender) {
	// One of each for all attempts: whoever is shown them keeps nothing.
	var job sim.Send
	var a delivery.Answer
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.recovered()
	for {
		var ok bool
		if job, ok = l.take(); !ok {
			l.followers.Broadcast() // the others have nothing to wait for either
			l.nudge()
			return
		}
		l.begin(&job)
		l.flying++
		l.recruit()
		began := l.send(s, &job, &a)
		if a.Failure == delivery.OwnFault {
			l.sendAgain(s, &job, &a)
		}
		l.flying--
		l.end(&job)
		if l.cfg.Landed != nil && a.Failure != delivery.Stopped {
			l.cfg.Landed(&job, l.clock.late(job.Due, began), &a)
		}
		l.land(job, &a)
	}
}

// send makes an attempt, without the lock, and returns when it began, in wall time
// of the clock, if that is asked for.
func (l *Loop) send(s Sender, job *sim.Send, a *delivery.Answer) (began time.Duration) {
	l.mu.Unlock()
	defer l.mu.Lock()
	// Whoever else has an answer to bring back does so first, and then all of
	// them send: requests that leave close together find the receiver awake,
	// and cost the system less.
	runtime.Gosched()
	if l.cfg.Landed != nil {
		began = l.clock.wall() // its zero never changes
	}
	s.Send(job.Request, job.Transport, a)
	return began
}

// recruit makes sure that somebody takes care of what comes next, before the
// worker that holds the lock is away sending: of the next attempt, and of the
// time, which under Instant stands still meanwhile. It wakes nobody in vain.
func (l *Loop) recruit() {
	n := l.ready.len()
	if l.flying >= l.cfg.Workers {
		n = 0 // the next attempt is for whoever comes back first
	}
	switch {
	case n == 0 && (l.leading || l.clock.jumps()):
	case l.idle > 0:
		l.followers.Signal()
	case l.leading && n == 1:
		l.nudge()
	case l.leading:
		l.nudge()
		l.hire()
	default:
		l.hire()
	}
}

// land gives an answer to the engine: at once, or under Instant when all of
// the instant's answers are there.
func (l *Loop) land(job sim.Send, a *delivery.Answer) {
	if l.stopped || a.Failure == delivery.Stopped {
		return
	}
	timedOut := a.Failure == delivery.TimedOut
	if !l.clock.jumps() && !(timedOut && l.clock.pace == Instant) { // standing still, it takes its time all the same
		l.answer(l.clock.read(), job, a)
		return
	}
	ld := landing{at: l.clock.now, job: job, answer: *a}
	ld.answer.Body = append([]byte(nil), a.Body...)
	if timedOut {
		ld.at = min(ld.at.Add(l.cfg.Timeout), call.Latest)
	}
	l.landed = append(l.landed, ld)
}

func (l *Loop) answer(now call.Instant, job sim.Send, a *delivery.Answer) {
	// Only an attempt that was given up meanwhile is refused.
	_ = l.step(now, sim.Answered{Delivery: job.Delivery, Attempt: job.Attempt, Answer: a})
}

// breath is after how many steps a worker lets go of the lock.
const breath = 256

// take returns the next attempt to make. It waits for one if it must; ok is
// false when the run is over.
func (l *Loop) take() (job sim.Send, ok bool) {
	for n := 1; !l.stopped && !l.finishing; n++ {
		if n%breath == 0 { // others have a word
			l.mu.Unlock()
			runtime.Gosched()
			l.mu.Lock()
		}
		if l.sendable() {
			return l.ready.pop()
		}
		progress, next := l.advance()
		switch {
		case progress || l.sendable():
		case next == never && l.flying == 0 && !l.cfg.Linger:
			return sim.Send{}, false
		default:
			l.wait(next)
		}
	}
	return sim.Send{}, false
}

// How long an attempt that this machine could not make waits, in wall time,
// before it is tried again: from one to the other.
const (
	firstPause   = 50 * time.Millisecond
	longestPause = time.Second
)

// sendAgain makes an attempt that this machine could not make, as soon as it can.
// Where nobody is told of that, it ends the run. The attempt is then, as at each
// end of a run, under way for another run.
func (l *Loop) sendAgain(s Sender, job *sim.Send, a *delivery.Answer) {
	for pause := firstPause; a.Failure == delivery.OwnFault; pause = min(2*pause, longestPause) {
		fault := &delivery.OwnFaultError{Detail: a.Detail}
		switch {
		case l.cfg.OwnFault == nil:
			l.halt(fault)
		case !l.stopped:
			l.cfg.OwnFault(fault)
		}
		if l.stopped || l.finishing {
			*a = delivery.Answer{Failure: delivery.Stopped}
			return
		}
		l.mu.Unlock()
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-l.over:
			timer.Stop()
		}
		if l.mu.Lock(); !l.stopped {
			l.send(s, job, a)
		}
	}
}
