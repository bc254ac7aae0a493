package run

import (
	"runtime"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
)

// spawn starts a worker, unless there are enough.
func (l *Loop) spawn() {
	limit := l.cfg.Workers
	if l.cfg.Pace != Instant || l.cfg.Linger {
		limit++ // one watches the clock while all others are sending
	}
	if l.workers >= limit || l.stopped || l.finishing {
		return
	}
	l.workers++
	s := l.cfg.NewSender()
	l.senders = append(l.senders, s)
	l.group.Go(func() { l.work(s) })
}

// work is the goroutine of a worker: it takes an attempt, sends it, and handles the
// answer, in a loop.
func (l *Loop) work(s Sender) {
	// Reused for all attempts, since no one keeps them.
	var job sim.Send
	var a delivery.Answer
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.recovered()
	for {
		var ok bool
		if job, ok = l.take(); !ok {
			l.followers.Broadcast() // the other workers end, too
			l.wake()
			return
		}
		l.noteBegin(&job)
		l.inFlight++
		l.ensureWorker()
		began := l.send(s, &job, &a)
		if a.Failure == delivery.OwnFault {
			l.sendAgain(s, &job, &a)
		}
		l.inFlight--
		l.noteEnd(&job)
		if l.cfg.Completed != nil && a.Failure != delivery.Stopped {
			l.cfg.Completed(&job, l.clock.late(job.Due, began), &a)
		}
		l.handleAnswer(job, &a)
	}
}

// send makes an attempt without holding the lock. It returns when the attempt began,
// in wall time of the clock, if Config.Completed is set.
func (l *Loop) send(s Sender, job *sim.Send, a *delivery.Answer) (began time.Duration) {
	l.mu.Unlock()
	defer l.mu.Lock()
	// Let the other workers handle their answers first, so that all of them then send
	// together: requests that leave close together find the receiver awake and need
	// fewer wakeups.
	runtime.Gosched()
	if l.cfg.Completed != nil {
		began = l.clock.wall() // safe without the lock: the origin never changes
	}
	s.Send(job.Request, job.Transport, a)
	return began
}

// ensureWorker makes sure, before the current worker starts sending, that another
// worker takes the next attempt and watches the clock (which under Instant does not
// move meanwhile). It wakes no worker without need.
func (l *Loop) ensureWorker() {
	n := l.ready.len()
	if l.inFlight >= l.cfg.Workers {
		n = 0 // the next attempt waits for a worker to return
	}
	switch {
	case n == 0 && (l.hasLeader || l.clock.jumps()):
	case l.idle > 0:
		l.followers.Signal()
	case l.hasLeader && n == 1:
		l.wake()
	case l.hasLeader:
		l.wake()
		l.spawn()
	default:
		l.spawn()
	}
}

// handleAnswer gives an answer to the engine at once or, when the clock jumps, keeps
// it for complete.
func (l *Loop) handleAnswer(job sim.Send, a *delivery.Answer) {
	if l.stopped || a.Failure == delivery.Stopped {
		return
	}
	timedOut := a.Failure == delivery.TimedOut
	if !l.clock.jumps() && !(timedOut && l.clock.pace == Instant) { // a timeout takes simulated time under Instant, paused or not
		l.applyAnswer(l.clock.read(), job, a)
		return
	}
	c := completion{at: l.clock.now, job: job, answer: *a}
	c.answer.Body = append([]byte(nil), a.Body...)
	c.answer.Head = append([]byte(nil), a.Head...)
	if timedOut {
		c.at = min(c.at.Add(l.cfg.Timeout), call.Latest)
	}
	l.completions = append(l.completions, c)
}

func (l *Loop) applyAnswer(now call.Instant, job sim.Send, a *delivery.Answer) {
	// Refused only if the attempt was given up meanwhile.
	_ = l.step(now, sim.Answered{Delivery: job.Delivery, Attempt: job.Attempt, Answer: a})
}

// maxBatch is the number of steps after which a worker releases the lock.
const maxBatch = 256

// take waits for the next attempt; ok is false if the run is over.
func (l *Loop) take() (job sim.Send, ok bool) {
	for n := 1; !l.stopped && !l.finishing; n++ {
		if n%maxBatch == 0 { // let others have the lock
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
		case next == never && l.inFlight == 0 && !l.cfg.Linger:
			return sim.Send{}, false
		default:
			l.wait(next)
		}
	}
	return sim.Send{}, false
}

// The pause before an attempt that this machine could not make is repeated, in wall
// time. It doubles from the minimum to the maximum.
const (
	minPause = 50 * time.Millisecond
	maxPause = time.Second
)

// sendAgain repeats an attempt that this machine could not make until it can, or ends
// the run if Config.OwnFault is nil. The callback then stays open for another run.
func (l *Loop) sendAgain(s Sender, job *sim.Send, a *delivery.Answer) {
	for pause := minPause; a.Failure == delivery.OwnFault; pause = min(2*pause, maxPause) {
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
