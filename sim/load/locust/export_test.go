package locust

import (
	"context"
	"time"
)

// Fast makes a worker send heartbeats and reports often.
func (w *Worker) Fast() *Worker {
	w.cfg.heartbeat, w.cfg.report = 5*time.Millisecond, 1
	return w
}

// At gives a worker another clock.
func (w *Worker) At(now func() time.Time) *Worker {
	w.cfg.now = now
	return w
}

// SpawnAtTheEnd does what Run does when a master asks for users just after the context
// has ended.
func (w *Worker) SpawnAtTheEnd() error {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	w.drive(ctx)
	w.tally = newTally(w.cfg.now())
	w.setUsers(3)
	return w.end()
}
