package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"testing"

	"ringback/sim/delivery"
)

// The exit code is the first that applies of 2, 129/130/143, 3, 5, 1, 4.
func TestExitCode(t *testing.T) {
	own := &delivery.OwnFaultError{Detail: "socket: too many open files; raise ulimit -n"}
	full := &os.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.ENOSPC}
	plain := errors.New("something")
	for _, c := range []struct {
		name   string
		err    error
		lost   error
		caught int
		want   int
	}{
		{"all well", nil, nil, 0, 0},
		{"a server that was stopped", nil, nil, ExitInterrupted, 0},
		{"well, but unwritten", nil, full, 0, 2},
		{"broken", Outcome(ExitBroken), nil, 0, 1},
		{"unreachable", Outcome(ExitUnreachable), nil, 0, 3},
		{"abandoned", Outcome(ExitAbandoned), nil, 0, 4},
		{"nothing judged", Outcome(ExitNothing), nil, 0, 5},
		{"usage", Usage(plain, ""), nil, 0, 2},
		{"what cobra refuses", plain, nil, 0, 2},
		{"usage, then a signal", Usage(plain, ""), nil, ExitInterrupted, 2},
		{"a signal", context.Canceled, nil, ExitInterrupted, 130},
		{"hung up", context.Canceled, nil, ExitHungUp, 129},
		{"terminated", context.Canceled, nil, ExitTerminated, 143},
		{"a signal before a verdict", Outcome(ExitBroken), nil, ExitInterrupted, 130},
		{"a signal, and unreachable", Outcome(ExitUnreachable), nil, ExitTerminated, 143},
		{"our own fault", fmt.Errorf("partition 1: %w", own), nil, 0, 2},
		{"our own fault, then a signal", own, nil, ExitInterrupted, 2},
		{"our own fault, and a verdict", errors.Join(own, Outcome(ExitBroken)), nil, 0, 2},
		{"a report unwritten, and broken", Judged(Outcome(ExitBroken), Unwritten("--report html", full)), nil, 0, 2},
		{"a report unwritten, and well", Judged(nil, Unwritten("--report html", full)), nil, 0, 2},
		{"output unwritten, and broken", Outcome(ExitBroken), full, 0, 2},
		{"output unwritten, and a signal", context.Canceled, full, ExitInterrupted, 2},
	} {
		if got := codeOf(c.err, c.lost, c.caught); got != c.want {
			t.Errorf("%s: exit code %d, want %d", c.name, got, c.want)
		}
	}
}
