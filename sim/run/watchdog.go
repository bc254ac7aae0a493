package run

import (
	"fmt"
	"sync"
	"time"

	"ringback/sim/delivery"
)

// Watchdog ends runs against a receiver that hangs. It adds up the wall time during
// which attempts waited in vain until they timed out. Time in which several attempts
// waited counts once, so that a receiver that is slow for a moment does not count as
// one that hangs, and the limits are limits on wall time, however many attempts are
// made at once.
//
// At first only plain attempts count, since a fault can keep a good receiver from
// answering. Once a plain attempt has timed out since the last answer, or the
// watchdog has warned, all attempts count.
//
// Set the fields before the first Watch.
type Watchdog struct {
	Timeout time.Duration     // of an attempt
	Warn    func(text string) // called once, early, to say when and why the run will end; may be nil
	Stop    func(error)       // called once with a [*HangError], to end the run

	mu       sync.Mutex
	hangTime hangTime
	warned   bool
	stopped  bool
}

// HangError means that the run was ended because the receiver hangs.
type HangError struct {
	Limit time.Duration // that was reached, in wall time
	Total bool          // whether it is the limit in total, rather than since the last answer
}

func (e *HangError) Error() string {
	if e.Total {
		return fmt.Sprintf("the receiver hangs: attempts waited %v in all for answers that did not come in time", e.Limit)
	}
	return fmt.Sprintf("the receiver hangs: no answer came for %v", e.Limit)
}

// Watch wraps senders so that the watchdog sees their attempts.
func (w *Watchdog) Watch(newSender func() Sender) func() Sender {
	w.hangTime.timeout = w.Timeout
	return func() Sender { return &watched{newSender(), w} }
}

type watched struct {
	Sender
	watchdog *Watchdog
}

func (s *watched) Send(r *delivery.Request, t delivery.Transport, a *delivery.Answer) {
	s.Sender.Send(r, t, a)
	s.watchdog.note(time.Now(), t, a)
}

// note records an attempt that ended now.
func (w *Watchdog) note(now time.Time, t delivery.Transport, a *delivery.Answer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case a.Failure == delivery.TimedOut:
		w.hangTime.timedOut(now.Add(-a.Took), now, t.Plain())
	case a.Status != 0:
		w.hangTime.answered()
	}
	if w.Warn != nil && !w.warned && w.hangTime.shouldWarn() {
		w.warned = true
		w.Warn(w.hangTime.announcement())
	}
	if err := w.hangTime.hung(); err != nil && !w.stopped {
		w.stopped = true
		w.Stop(err)
	}
}

// The watchdog's limits, in timeouts: for the warning, and for the end of the run
// without any answer (as long as two callbacks with seven attempts take) and in total.
const (
	warnAfter = 3
	maxInARow = 14
	maxTotal  = 42
)

// hangTime adds up how long attempts waited in vain.
type hangTime struct {
	timeout     time.Duration
	until       time.Time // end of the latest of these attempts
	sinceAnswer time.Duration
	total       time.Duration
}

func (w *hangTime) answered() { w.sinceAnswer = 0 }

func (w *hangTime) timedOut(began, ended time.Time, plain bool) {
	if !plain && w.sinceAnswer == 0 && !w.shouldWarn() {
		return
	}
	if began.Before(w.until) {
		began = w.until
	}
	if by := ended.Sub(began); by > 0 {
		w.sinceAnswer, w.total, w.until = w.sinceAnswer+by, w.total+by, ended
	}
}

// shouldWarn reports whether it is time for the warning.
func (w *hangTime) shouldWarn() bool { return w.total >= warnAfter*w.timeout }

func (w *hangTime) announcement() string {
	return fmt.Sprintf("the receiver hangs: attempts waited %v for answers that did not come within --timeout %v; the run ends once no answer came for %v, or %v of waiting are spent",
		warnAfter*w.timeout, w.timeout, maxInARow*w.timeout, maxTotal*w.timeout)
}

func (w *hangTime) hung() error {
	switch {
	case w.sinceAnswer >= maxInARow*w.timeout:
		return &HangError{Limit: maxInARow * w.timeout}
	case w.total >= maxTotal*w.timeout:
		return &HangError{Limit: maxTotal * w.timeout, Total: true}
	}
	return nil
}
