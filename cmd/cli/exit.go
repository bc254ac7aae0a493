package cli

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

// ExitCode returns the exit code of a command, and prints what went wrong.
func ExitCode(cmd *cobra.Command, err error, lost error, caught int, w Env) int {
	var broken *run.PanicError // in a goroutine of a run
	if errors.As(err, &broken) {
		return recovered(w, broken.Cause, broken.Stack)
	}
	if hungUp(err, caught) && errors.Is(lost, syscall.EIO) {
		lost = nil // the terminal is gone, so nothing can be written to it
	}
	if err == nil && lost != nil && cmd.Flags().Lookup("target") != nil {
		err = Outcome(ExitOK) // its verdict is printed, too
	}
	if lost != nil && !errors.Is(err, lost) {
		err = errors.Join(lost, err)
	}
	code := codeOf(err, lost, caught)
	var o Outcome
	switch {
	case err == nil || code == caught || code != ExitUsage && errors.As(err, &o):
		return code // the reason was printed already
	}
	f := &Failure{err: faultIn(err)}
	_ = errors.As(err, &f)
	if own := delivery.AsOwnFault(err); own != nil {
		f = &Failure{ExitUsage, own, f.hint}
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
	text.Fprintf(w.Stderr, "ringback: %s\n", text.Paragraph(fromSource(cmd, f.Error())))
	if errors.As(err, &o) {
		fmt.Fprintf(w.Stderr, "ringback: apart from that %s (exit code %d)\n", o.words(), int(o))
	}
	for _, hint := range hints {
		text.Fprintf(w.Stderr, "hint: %s\n", pasteable(cmd, hint, f.Error()))
	}
	return code
}

// hungUp reports whether a command ended because its terminal is gone: by the
// signal, or because it could not be read any more.
func hungUp(err error, caught int) bool {
	var f *Failure
	return caught == ExitHungUp || errors.As(err, &f) && f.code == ExitHungUp
}

// codeOf returns the exit code: the first that applies of 2, 129/130/143, 3, 5, 1, 4.
// lost is the error of standard output, caught the code of a signal, or 0. A command that
// a signal cut short has an error. Commands that run until they are stopped (serve,
// receiver, record, tui) have none after Ctrl-C or SIGTERM; a hangup still counts.
func codeOf(err, lost error, caught int) int {
	var f *Failure
	var o Outcome
	switch {
	case lost != nil || delivery.AsOwnFault(err) != nil || errors.As(err, &f) && f.code == ExitUsage:
		return ExitUsage
	case err == nil && caught != ExitHungUp:
		return ExitOK
	case caught != 0:
		return caught
	case errors.As(err, &o):
		return int(o)
	case f != nil:
		return f.code
	}
	// What cobra itself refuses is wrong usage, and so is whatever failed
	// before any work began.
	return ExitUsage
}

// faultIn returns the first error of a joined one that is not an outcome.
func faultIn(err error) error {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range many.Unwrap() {
			if _, is := e.(Outcome); !is {
				return faultIn(e)
			}
		}
	}
	return err
}

// recovered prints a panic as the runtime does, without secrets.
func recovered(w Env, cause any, stack []byte) int {
	text.Fprintf(w.Stderr, "ringback: broken: %v\n\n%s", cause, text.Styled(stack))
	return ExitUsage
}
