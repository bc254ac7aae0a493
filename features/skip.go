package features

import (
	"fmt"

	"github.com/cucumber/godog"
)

// skip is the error of a scenario that is skipped, with the reason.
type skip struct{ why string }

func (s *skip) Error() string { return s.why }

func (s *skip) Unwrap() error { return godog.ErrSkip }

func skipped(format string, args ...any) error { return &skip{fmt.Sprintf(format, args...)} }

// unjudged is the error of a step in another suite that cannot judge, with the reason.
type unjudged struct{ why string }

func (u *unjudged) Error() string {
	return fmt.Sprintf("not judged: %s (features.Options.SkipUnjudged skips such scenarios)", u.why)
}
