package features

import (
	"fmt"

	"ringback/sim/text"
)

// UnknownTagError is a tag of [Suite.Known] that no scenario has.
type UnknownTagError struct{ Tag, meant string }

func (e *UnknownTagError) Error() string {
	return fmt.Sprintf("%s: no scenario has this tag%s", text.Quote(e.Tag, maxQuoted), e.meant)
}

// knows finds a tag of Known that no scenario has: one that was renamed would no longer
// be looked for.
func (s *Suite) knows(places map[string]string) error {
	var all []string
	for _, tag := range s.Known {
		if _, ok := places[tag]; ok {
			continue
		}
		for each := range places {
			all = append(all, each)
		}
		return &UnknownTagError{tag, text.Meant(tag, all)}
	}
	return nil
}

// typed reports whether the calls of a scenario are of the type that is asked for.
func (s *Suite) typed(d *draft) bool {
	switch s.CallTypes {
	case "single":
		return !d.group
	case "group":
		return !d.single
	}
	return true
}

// preflightCall is a call of the type that is asked for, as steps name it.
func (s *Suite) preflightCall() string {
	if s.CallTypes == "group" {
		return "group call"
	}
	return "call"
}

// NotSubscribed says which callbacks are left out by a choice of words, as they were
// typed.
func NotSubscribed(words string) string { return "other callbacks, by --subscribe " + words }

// NotJudged says which calls are left out by a choice of their types.
func NotJudged(callTypes string) string {
	if callTypes == "single" {
		return "group calls, by --call-types single"
	}
	return "calls between two, by --call-types group"
}

// counts reports whether a failure of a level breaks the contract.
func (s *Suite) counts(level string) bool { return level == "must" || s.Level == "should" }
