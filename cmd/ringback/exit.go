package main

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"ringback/sim/delivery"
	"ringback/sim/run"
	"ringback/sim/text"
)

// exitCode decides what a command ends with, and says what went wrong.
func exitCode(cmd *cobra.Command, err error, lost error, caught int, w world) int {
	var broken *run.PanicError // in a goroutine of a run
	if errors.As(err, &broken) {
		return recovered(w, broken.Cause, broken.Stack)
	}
	if hungUp(err, caught) && errors.Is(lost, syscall.EIO) {
		lost = nil // the terminal is gone, which is why
	}
	if err == nil && lost != nil && cmd.Flags().Lookup("target") != nil {
		err = outcome(exitOK) // it came to its end, and that is said in spite of all
	}
	if lost != nil && !errors.Is(err, lost) {
		err = errors.Join(lost, err)
	}
	code := codeOf(err, lost, caught)
	var o outcome
	switch {
	case err == nil || code == caught || code != exitUsage && errors.As(err, &o):
		return code // whoever ended so has said why
	}
	f := &failure{err: faultIn(err)}
	_ = errors.As(err, &f)
	if own := delivery.AsOwnFault(err); own != nil {
		f = &failure{exitUsage, own, f.hint}
	}
	hints := strings.Split(f.hint, "\n")
	switch {
	case strings.Contains(f.Error(), "ulimit -n"):
		hints = []string{"ulimit -n 4096"}
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		hints = []string{"df -h"}
	case errors.Is(err, syscall.EFBIG):
		hints = []string{"ulimit -f unlimited"}
	}
	text.Fprintf(w.stderr, "ringback: %s\n", text.Paragraph(fromSource(cmd, f.Error())))
	if errors.As(err, &o) {
		fmt.Fprintf(w.stderr, "ringback: apart from that %s (exit code %d)\n", o.words(), int(o))
	}
	for _, hint := range hints {
		text.Fprintf(w.stderr, "hint: %s\n", pasteable(cmd, hint, f.Error()))
	}
	return code
}

// hungUp reports whether a command ended because its terminal is gone: by the
// signal, or because it could not be read any more.
func hungUp(err error, caught int) bool {
	var f *failure
	return caught == exitHungUp || errors.As(err, &f) && f.code == exitHungUp
}

// codeOf is the exit code: the first that applies of 2, 129/130/143, 3, 5, 1, 4.
// lost is what of standard output could not be written, caught the code of a
// signal, or 0. What a signal cuts off has an error. Ctrl-C and SIGTERM are how
// commands that go on until someone ends them (serve, receiver, tui) are ended,
// so that they have none; but nobody asked for a hangup.
func codeOf(err, lost error, caught int) int {
	var f *failure
	var o outcome
	switch {
	case lost != nil || delivery.AsOwnFault(err) != nil || errors.As(err, &f) && f.code == exitUsage:
		return exitUsage
	case err == nil && caught != exitHungUp:
		return exitOK
	case caught != 0:
		return caught
	case errors.As(err, &o):
		return int(o)
	case f != nil:
		return f.code
	}
	// What cobra itself refuses is wrong usage, and so is whatever failed
	// before any work began.
	return exitUsage
}

// faultIn returns the first error of a joined one that is not an outcome.
func faultIn(err error) error {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range many.Unwrap() {
			if _, is := e.(outcome); !is {
				return faultIn(e)
			}
		}
	}
	return err
}

// recovered says that a command broke, as the runtime does, without secrets.
func recovered(w world, cause any, stack []byte) int {
	text.Fprintf(w.stderr, "ringback: broken: %v\n\n%s", cause, text.Styled(stack))
	return exitUsage
}
