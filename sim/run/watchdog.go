package run

import (
	"fmt"
	"sync"
	"time"

	"ringback/sim/delivery"
)

// Watchdog ends runs against a receiver that hangs. It adds up the wall time
// during which attempts waited for answers that did not come in time; attempts that
// waited side by side share theirs. So a receiver that is slow for a moment, in
// which many wait for it, is not taken for one that hangs, and what is announced
// bounds the wall time, however many attempts are made at once.
//
// It counts attempts that are plain: a fault may keep a good receiver from
// answering. Where plain ones were not answered, since the last answer or for so long
// that it has warned, the others count, too.
//
// Set the fields before the first Watch.
type Watchdog struct {
	Timeout time.Duration     // of an attempt
	Warn    func(text string) // told once, soon, when and why the run will end; may be nil
	Stop    func(error)       // told once, with a [*HangError], to end the run

	mu      sync.Mutex
	waiting waiting
	warned  bool
	stopped bool
}

// HangError says that a receiver left attempts without an answer for so long that
// the run was ended.
type HangError struct {
	Limit time.Duration // of waiting, in wall time
	InAll bool          // answers came in between
}

func (e *HangError) Error() string {
	if e.InAll {
		return fmt.Sprintf("the receiver hangs: attempts waited %v in all for answers that did not come in time", e.Limit)
	}
	return fmt.Sprintf("the receiver hangs: no answer came for %v", e.Limit)
}

// Watch makes senders whose attempts are watched.
func (w *Watchdog) Watch(newSender func() Sender) func() Sender {
	w.waiting.timeout = w.Timeout
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

// note takes in an attempt that ended now.
func (w *Watchdog) note(now time.Time, t delivery.Transport, a *delivery.Answer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case a.Failure == delivery.TimedOut:
		w.waiting.timedOut(now.Add(-a.Took), now, t.Plain())
	case a.Status != 0:
		w.waiting.answered()
	}
	if w.Warn != nil && !w.warned && w.waiting.long() {
		w.warned = true
		w.Warn(w.waiting.announcement())
	}
	if err := w.waiting.tooLong(); err != nil && !w.stopped {
		w.stopped = true
		w.Stop(err)
	}
}

// After how many timeouts that were waited for a watchdog warns, and ends the run:
// without an answer in between, which is two callbacks that are given up, or
// in all.
const (
	hangWarns    = 3
	hangsInARow  = 14
	hangsInTotal = 42
)

// waiting adds up how long a receiver let attempts wait in vain.
type waiting struct {
	timeout time.Duration
	until   time.Time     // when the latest of these attempts ended
	row     time.Duration // since the last answer
	all     time.Duration
}

func (w *waiting) answered() { w.row = 0 }

func (w *waiting) timedOut(began, ended time.Time, plain bool) {
	if !plain && w.row == 0 && !w.long() {
		return
	}
	if began.Before(w.until) {
		began = w.until
	}
	if by := ended.Sub(began); by > 0 {
		w.row, w.all, w.until = w.row+by, w.all+by, ended
	}
}

// long reports whether whoever waits for the run should be told.
func (w *waiting) long() bool { return w.all >= hangWarns*w.timeout }

func (w *waiting) announcement() string {
	return fmt.Sprintf("the receiver hangs: attempts waited %v for answers that did not come within --timeout %v; the run ends once no answer came for %v, or %v of waiting are spent",
		hangWarns*w.timeout, w.timeout, hangsInARow*w.timeout, hangsInTotal*w.timeout)
}

func (w *waiting) tooLong() error {
	switch {
	case w.row >= hangsInARow*w.timeout:
		return &HangError{Limit: hangsInARow * w.timeout}
	case w.all >= hangsInTotal*w.timeout:
		return &HangError{Limit: hangsInTotal * w.timeout, InAll: true}
	}
	return nil
}
