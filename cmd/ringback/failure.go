package main

import (
	"errors"
	"fmt"
)

// Exit codes: what scripts rely on.
const (
	exitOK          = 0
	exitBroken      = 1 // the receiver broke the contract
	exitUsage       = 2
	exitUnreachable = 3 // no connection was ever made
	exitAbandoned   = 4 // callbacks were abandoned or lost
	exitNothing     = 5 // nothing was judged
	exitHungUp      = 129
	exitInterrupted = 130
	exitTerminated  = 143
)

// failure is an error with an exit code, and a hint that can be pasted: a command,
// or several, one a line.
type failure struct {
	code int
	err  error
	hint string
}

func usage(err error, hint string) error { return &failure{exitUsage, err, hint} }

// outcome is a command that did its work and ends with a code other than 0.
type outcome int

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

// onlyFile refuses - where a flag wants a file or a folder, rather than make one of
// that name.
func onlyFile(flag, path, hint string) error {
	if path != "-" {
		return nil
	}
	return usage(fmt.Errorf("--%s: -: want a name; nothing is written to standard output here", flag), hint)
}

func (f *failure) Error() string { return f.err.Error() }

func (f *failure) Unwrap() error { return f.err }

func (o outcome) Error() string { return fmt.Sprintf("exit code %d", int(o)) }

// words are the outcome for whoever does not get to see it otherwise.
func (o outcome) words() string {
	return map[outcome]string{
		exitOK: "nothing was found wrong", exitBroken: "the receiver broke the contract or a threshold", exitUnreachable: "the receiver could not be reached",
		exitAbandoned: "callbacks were abandoned or lost", exitNothing: "nothing was judged",
	}[o]
}
