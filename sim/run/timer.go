package run

import "time"

// timer wakes the leader when the next thing is due.
type timer interface {
	// set makes the channel receive after d, and replaces an earlier setting. The
	// channel may still receive for the earlier one.
	set(d time.Duration) <-chan struct{}
	close()
}

// runtimeTimer is a timer of the Go runtime. On an idle core it is late by up to a
// millisecond, the resolution of the system's poll.
type runtimeTimer struct {
	t *time.Timer
	c chan struct{}
}

func newRuntimeTimer() *runtimeTimer { return &runtimeTimer{c: make(chan struct{}, 1)} }

func (t *runtimeTimer) set(d time.Duration) <-chan struct{} {
	t.close()
	t.t = time.AfterFunc(d, func() {
		select {
		case t.c <- struct{}{}:
		default:
		}
	})
	return t.c
}

func (t *runtimeTimer) close() {
	if t.t != nil {
		t.t.Stop()
	}
}
