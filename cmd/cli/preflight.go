package cli

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"ringback/sim/preflight"
	"ringback/sim/probe"
	"ringback/sim/text"
)

// Unjudged explains an error of the pre-flight that keeps a command from judging; other
// errors it returns.
func Unjudged(w Env, err error) error {
	switch {
	case errors.Is(err, preflight.ErrUnreachable):
		text.Fprintf(w.Stderr, "ringback: %v\nhint: ringback receiver   (a receiver that answers well, to try against)\n", err)
		return Outcome(ExitUnreachable)
	case errors.Is(err, preflight.ErrBlindProbe):
		flag := "--probe 'http://127.0.0.1:3000/calls/{CallId}'"
		if answered := (*probe.Error)(nil); errors.As(err, &answered) && answered.Elsewhere {
			flag = "--probe-field count=data.rows"
		}
		return Usage(fmt.Errorf("--probe: %w", err), AsTyped+flag)
	}
	return err
}

// Forbidden returns lines about a receiver that answers the first call only with 401 or
// 403, and what it may need. again is the command that plays the same again.
func (s *Config) Forbidden(status int, again string) []string {
	lines := []string{fmt.Sprintf("ringback: warning: the receiver refuses the first call: HTTP %d %s", status, http.StatusText(status))}
	if s.Sign != "" {
		lines = append(lines, "hint: is the token of --sign the one that the receiver has?")
	} else {
		lines = append(lines, "hint: does it check signatures? "+again+" --sign @token.txt")
	}
	if s.Endpoint == nil { // the receiver has registered it itself
		return lines
	}
	if address, query, has := strings.Cut(s.Endpoint.Shown(), "?"); has {
		lines = append(lines, fmt.Sprintf("hint: is %s, the query of --target, the one that it wants?", query))
	} else {
		lines = append(lines, fmt.Sprintf("hint: does it want a token in its address? --target '%s?token=...'", address))
	}
	return lines
}

// Unreachable says that the receiver could not be reached.
func Unreachable(w Env, s *Config) {
	text.Fprintf(w.Stderr, "ringback: %s cannot be reached: no connection was ever made\n", s.Endpoint.Shown())
	fmt.Fprintln(w.Stderr, "hint: ringback receiver   (a receiver that answers well, to try against)")
}
