package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
)

// output is the standard output of a command. It remembers the first write that
// failed, so that no command has to look at each of its own, and none forgets.
type output struct {
	to io.Writer

	mu  sync.Mutex
	err error
}

// Write writes. A reader that closed the pipe has seen enough, which is no fault.
func (o *output) Write(b []byte) (int, error) {
	n, err := o.to.Write(b)
	if err != nil && !errors.Is(err, syscall.EPIPE) && !errors.Is(err, io.ErrClosedPipe) {
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.err == nil {
			o.err = fmt.Errorf("standard output: %w", err)
		}
		return n, o.err
	}
	return n, err
}

// failed is the first write that failed, or nil.
func (o *output) failed() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err
}

// fileOf is the file that a stream writes to, if it is one.
func fileOf(w io.Writer) (*os.File, bool) {
	if o, ok := w.(*output); ok {
		w = o.to
	}
	f, ok := w.(*os.File)
	return f, ok
}

// onlyFile refuses - where a flag wants a file or a folder, rather than make one of
// that name.
func onlyFile(flag, path, hint string) error {
	if path != "-" {
		return nil
	}
	return usage(fmt.Errorf("--%s: -: want a name; nothing is written to standard output here", flag), hint)
}

// unwritten is a failure of what was to be written, a report, a journal or a
// finding: it takes nothing from the verdict, but makes the exit code 2.
func unwritten(what string, err error) error {
	if err == nil {
		return nil
	}
	return usage(fmt.Errorf("%s: %w", what, err), "")
}

// judged is a verdict that stands even if something could not be written.
func judged(verdict, unwritten error) error {
	if unwritten == nil {
		return verdict
	}
	if verdict == nil {
		verdict = outcome(exitOK)
	}
	return errors.Join(unwritten, verdict)
}
