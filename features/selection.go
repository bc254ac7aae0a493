package features

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ringback/sim/text"
)

// UnknownTagError is the error of [Run] for a tag of [Suite.Known] that no scenario has.
type UnknownTagError struct {
	Tag   string
	meant string // a suggestion
}

func (e *UnknownTagError) Error() string {
	return fmt.Sprintf("%s: no scenario has this tag%s", text.Quote(e.Tag, maxQuoted), e.meant)
}

// knows finds a tag of Known that no scenario has, as after a scenario was renamed.
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

// typed reports whether the calls of a scenario are of the selected type.
func (o *Options) typed(d *draft) bool {
	switch o.CallTypes {
	case "single":
		return !d.group
	case "group":
		return !d.single
	}
	return true
}

// preflightCall is a call of the selected type, as steps name it.
func (s *Suite) preflightCall() string {
	if s.CallTypes == "group" {
		return "group call"
	}
	return "call"
}

// folded lists people once each. Of those that differ in a number it names the first and
// the last.
func folded(people []string) string {
	var list []string
	numbers := map[string][]int{} // by what is in front of them
	for _, name := range people {
		at := strings.LastIndexByte(name, '-') + 1
		if n, err := strconv.Atoi(name[at:]); err == nil && at > 0 {
			numbers[name[:at]] = append(numbers[name[:at]], n)
		} else {
			list = append(list, name)
		}
	}
	for kind, of := range numbers {
		from, to := slices.Min(of), slices.Max(of)
		name := fmt.Sprint(kind, from)
		if from < to {
			name += fmt.Sprint(" to ", kind, to)
		}
		list = append(list, name)
	}
	slices.Sort(list)
	return strings.Join(slices.Compact(list), ", ")
}

// counts reports whether a failure of a level breaks the contract.
func (s *Suite) counts(level string) bool { return level == "must" || s.Level == "should" }
