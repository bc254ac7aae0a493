package run

import (
	"fmt"
	"runtime/debug"
)

// PanicError is the error of a run that was ended by a panic, in the engine or in a
// function of the configuration.
type PanicError struct {
	Cause any
	Stack []byte // as runtime/debug.Stack returns it
}

// Error returns the panic's value as text.
func (e *PanicError) Error() string { return fmt.Sprintf("broken: %v", e.Cause) }

// recovered, which must be deferred, turns a panic into the error of the run. In a
// goroutine of the loop it would otherwise end the program and print secrets that
// the caller hides.
func (l *Loop) recovered() {
	cause := recover()
	if cause == nil {
		return
	}
	l.halt(nil)
	if l.err == nil {
		l.err = &PanicError{cause, debug.Stack()}
	}
}

// locked calls do under the lock. A panic in it ends the run.
func (l *Loop) locked(do func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.recovered()
	do()
}
