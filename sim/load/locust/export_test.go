package locust

import "time"

// Fast makes a worker send heartbeats and reports often.
func (w *Worker) Fast() *Worker {
	w.cfg.heartbeat, w.cfg.report = 5*time.Millisecond, 1
	return w
}
