package attach

import (
	"errors"
	"fmt"
)

// RefusedError says that a server can't be followed, now or later.
type RefusedError struct {
	Why   string // in words
	Token bool   // it wants a token, or another one
}

func (e *RefusedError) Error() string { return e.Why }

func refused(format string, args ...any) error {
	return &RefusedError{Why: fmt.Sprintf(format, args...)}
}

// errGone says that the stream does not go on where it was read last.
var errGone = errors.New("the events from there are no longer kept, or are those of another run")

// errQuiet says that a connection gave no sign of life for too long.
var errQuiet = errors.New("the server has said nothing for too long")
