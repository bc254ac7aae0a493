package features

import (
	"fmt"

	"github.com/cucumber/godog"
)

// skip leaves a scenario out and says why.
type skip struct{ why string }

func (s *skip) Error() string { return s.why }

func (s *skip) Unwrap() error { return godog.ErrSkip }

func skipped(format string, args ...any) error { return &skip{fmt.Sprintf(format, args...)} }

// unjudged is why a step of another suite could not look at what it asks for.
type unjudged struct{ why string }

func (u *unjudged) Error() string {
	return fmt.Sprintf("not judged: %s (features.Options.SkipUnjudged skips such scenarios)", u.why)
}
