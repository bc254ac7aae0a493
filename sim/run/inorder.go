package run

import (
	"time"

	"ringback/sim"
	"ringback/sim/delivery"
)

// headStart is the time between the starts of two attempts of the same simulated
// time, unless the first is answered earlier. A slow receiver then always handles
// them concurrently, and always in the same order.
const headStart = 5 * time.Millisecond

// lastAttempt describes the attempt that began last, for Config.InOrder.
type lastAttempt struct {
	delivery uint64
	request  *delivery.Request
	began    time.Time
	answered bool
}

// sendable reports whether the next attempt can begin now.
func (l *Loop) sendable() bool {
	return l.ready.len() > 0 && l.inFlight < l.cfg.Workers && (!l.cfg.InOrder || l.mayBegin(l.ready.first()))
}

func (l *Loop) mayBegin(job *sim.Send) bool {
	t := &l.last
	return l.clock.jumps() && (l.inFlight == 0 || t.answered || t.request == job.Request || time.Since(t.began) >= headStart)
}

// noteBegin records the start of an attempt, and makes a worker look at the next one
// after the head start.
func (l *Loop) noteBegin(job *sim.Send) {
	if !l.cfg.InOrder {
		return
	}
	l.last = lastAttempt{delivery: job.Delivery, request: job.Request, began: time.Now()}
	if l.ready.len() > 0 {
		time.AfterFunc(headStart, func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.recheckClock()
		})
	}
}

// noteEnd records that an attempt was answered.
func (l *Loop) noteEnd(job *sim.Send) {
	if l.last.delivery == job.Delivery {
		l.last.answered = true
	}
}
