package cli

import (
	"errors"
	"fmt"
)

// Exit codes: what scripts rely on.
const (
	ExitOK          = 0
	ExitBroken      = 1 // the receiver broke the contract
	ExitUsage       = 2
	ExitUnreachable = 3 // no connection was ever made
	ExitAbandoned   = 4 // callbacks were abandoned or lost
	ExitNothing     = 5 // nothing was judged
	ExitHungUp      = 129
	ExitInterrupted = 130
	ExitTerminated  = 143
)

// Failure is an error with an exit code, and a hint that can be pasted: a command,
// or several, one a line.
type Failure struct {
	code int
	err  error
	hint string
}

func (f *Failure) Error() string { return f.err.Error() }
func (f *Failure) Unwrap() error { return f.err }

// Fail is the failure of a command that ends with an exit code.
func Fail(code int, err error, hint string) error { return &Failure{code, err, hint} }

// Usage is a failure with the exit code of wrong usage.
func Usage(err error, hint string) error { return Fail(ExitUsage, err, hint) }

// Outcome is a command that did its work and ends with a code other than 0.
type Outcome int

func (o Outcome) Error() string { return fmt.Sprintf("exit code %d", int(o)) }

// words describe the outcome, for output beside another error.
func (o Outcome) words() string {
	return map[Outcome]string{
		ExitOK: "nothing was found wrong", ExitBroken: "the receiver broke the contract or a threshold", ExitUnreachable: "the receiver could not be reached",
		ExitAbandoned: "callbacks were abandoned or lost", ExitNothing: "nothing was judged",
	}[o]
}

// Unwritten is the failure to write a report, a journal or a finding: the verdict stands,
// and the exit code is 2.
func Unwritten(what string, err error) error {
	if err == nil {
		return nil
	}
	return Usage(fmt.Errorf("%s: %w", what, err), "")
}

// Judged is a verdict that stands even if something could not be written.
func Judged(verdict, unwritten error) error {
	if unwritten == nil {
		return verdict
	}
	if verdict == nil {
		verdict = Outcome(ExitOK)
	}
	return errors.Join(unwritten, verdict)
}

// OnlyFile refuses "-" where a flag needs a file or a folder, rather than create one of
// that name.
func OnlyFile(flag, path, hint string) error {
	if path != "-" {
		return nil
	}
	return Usage(fmt.Errorf("--%s: -: want a name; nothing is written to standard output here", flag), hint)
}
