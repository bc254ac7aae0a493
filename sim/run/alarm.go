package run

import "time"

// alarm wakes whoever waits for what is due next.
type alarm interface {
	// in is told so long from now, and what was set before is forgotten. The
	// channel may also be told of what was forgotten.
	in(d time.Duration) <-chan struct{}
	close()
}

// timer is an alarm by the runtime's timers, which on an idle core are late by
// up to a millisecond: that is how long the system's poll sleeps at least.
type timer struct {
	t *time.Timer
	c chan struct{}
}

func newTimer() *timer { return &timer{c: make(chan struct{}, 1)} }

func (t *timer) in(d time.Duration) <-chan struct{} {
	t.close()
	t.t = time.AfterFunc(d, func() {
		select {
		case t.c <- struct{}{}:
		default:
		}
	})
	return t.c
}

func (t *timer) close() {
	if t.t != nil {
		t.t.Stop()
	}
}
