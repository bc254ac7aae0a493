package run

import (
	"fmt"
	"runtime/debug"
)

// PanicError is the error of a run that a panic ended, of its engine or of what
// its configuration has it call.
type PanicError struct {
	Cause any
	Stack []byte // as the runtime prints it
}

// Error says what the panic said.
func (e *PanicError) Error() string { return fmt.Sprintf("broken: %v", e.Cause) }

// recovered, which is to be deferred, makes a panic the error of the run. In a
// goroutine of the loop it would end the program, past whoever hides secrets in
// what that prints.
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

// locked does something under the lock. A panic of it ends the run.
func (l *Loop) locked(do func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.recovered()
	do()
}
