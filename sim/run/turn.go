package run

import (
	"time"

	"ringback/sim"
	"ringback/sim/delivery"
)

// headStart is how long an attempt is under way before the next one of the same
// moment begins, unless it is answered earlier. A receiver that takes its time
// is still busy with the first when the second comes, and always with the same.
const headStart = 5 * time.Millisecond

// turn is the attempt that began last, for a loop whose attempts go out in turn.
type turn struct {
	delivery uint64
	request  *delivery.Request
	began    time.Time
	landed   bool
}

// sendable reports whether an attempt waits whose turn it is.
func (l *Loop) sendable() bool {
	return l.ready.len() > 0 && l.flying < l.cfg.Workers && (!l.cfg.InTurn || l.mayBegin(l.ready.first()))
}

func (l *Loop) mayBegin(job *sim.Send) bool {
	t := &l.turn
	return l.clock.jumps() && (l.flying == 0 || t.landed || t.request == job.Request || time.Since(t.began) >= headStart)
}

// begin notes that it is an attempt's turn, and has somebody look after the next
// one in time.
func (l *Loop) begin(job *sim.Send) {
	if !l.cfg.InTurn {
		return
	}
	l.turn = turn{delivery: job.Delivery, request: job.Request, began: time.Now()}
	if l.ready.len() > 0 {
		time.AfterFunc(headStart, func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.attend()
		})
	}
}

// end notes that an attempt has landed.
func (l *Loop) end(job *sim.Send) {
	if l.turn.delivery == job.Delivery {
		l.turn.landed = true
	}
}
