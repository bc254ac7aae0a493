package features

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/probe"
	"ringback/sim/script"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// notOne is the error of a word that is not in a list.
func notOne(what, got string, words []string) error {
	return fmt.Errorf("%s %s: want one of %s%s", what, text.Quote(got, maxQuoted), strings.Join(words, ", "), text.Meant(got, words))
}

// all reads the arguments of a step one by one: check i reads argument i.
func all(checks ...func(*draft, string) error) func(*draft, []string) error {
	return func(d *draft, args []string) error {
		for i, check := range checks {
			if err := check(d, args[i]); err != nil {
				return err
			}
		}
		return nil
	}
}

// of makes a check of what reads a value.
func of[T any](parse func(string) (T, error)) func(*draft, string) error {
	return func(_ *draft, arg string) error {
		_, err := parse(arg)
		return err
	}
}

func aCall(d *draft, name string) error { return d.named(name) }

func aPerson(d *draft, name string) error { return d.known(name) }

func somePeople(d *draft, names string) error { return d.known(splitList(names)...) }

// aNumber checks that an argument is a number in a range.
func aNumber(what string, lo, hi int) func(*draft, string) error {
	return of(func(arg string) (int, error) { return parseNumber(arg, what, lo, hi) })
}

func parseNumber(arg, what string, lo, hi int) (int, error) {
	n, err := strconv.Atoi(arg)
	if err != nil || n < lo || n > hi {
		return 0, fmt.Errorf("%s %s: want %d to %d", arg, what, lo, hi)
	}
	return n, nil
}

// parseSpan reads a duration of a step, at least lo.
func parseSpan(arg, what string, lo time.Duration) (time.Duration, error) {
	span, err := time.ParseDuration(arg)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%s %s: want a time with its unit, like 9s or 1m30s", what, text.Quote(arg, maxQuoted))
	case span < lo || span > time.Duration(script.MaxAt):
		return 0, fmt.Errorf("%s %s: want %s to %s", what, arg, lo, time.Duration(script.MaxAt))
	}
	return span, nil
}

func parseTalk(arg string) (time.Duration, error) { return parseSpan(arg, "talk", 0) }

func parseLimit(arg string) (time.Duration, error) {
	return parseSpan(arg, "time", time.Millisecond)
}

func parsePlatform(arg string) (string, error) {
	if list := wire.Platforms(); !slices.Contains(list, arg) {
		return "", notOne("platform", arg, list)
	}
	return arg, nil
}

// parseOutcome reads how a whole call is to end.
func parseOutcome(arg string) (call.Result, error) {
	var words []string
	for _, o := range sim.Outcomes {
		if o.String() == arg {
			return o, nil
		}
		words = append(words, o.String())
	}
	return 0, notOne("result", arg, words)
}

// parseStored reads a result that may be stored, in the words of either generation.
func parseStored(arg string) (string, error) {
	if _, ok := probe.Result(arg); !ok {
		return "", notOne("result", arg, probe.Results())
	}
	return arg, nil
}

// parseCallback reads which callback of a call is meant.
func parseCallback(arg string) (script.Handling, error) {
	h, err := script.ParseCallback(arg)
	if why := (*script.Error)(nil); errors.As(err, &why) {
		err = errors.New(why.Why) // its hint is for another sentence
	}
	return h, err
}

func parseWords(arg string) (wire.Words, error) { return wire.ParseWords(splitList(arg)) }

// parseAction reads the ActionType of a MemberChanged, as any dialect spells it.
func parseAction(arg string) (string, error) {
	if list := wire.Actions(); !slices.Contains(list, arg) {
		return "", notOne("action", arg, list)
	}
	return arg, nil
}

func parseQuery(arg string) (*delivery.Endpoint, error) {
	return delivery.ParseEndpoint("http://127.0.0.1/callback?" + arg)
}

// parseChoice reads a choice of a dialect.
func parseChoice(arg string) (string, error) {
	err := wire.Default().Set(arg)
	if err == nil {
		return arg, nil
	}
	name, value, _ := strings.Cut(arg, "=")
	var names []string
	for _, k := range wire.Keys() {
		if k.Name == name {
			return "", fmt.Errorf("%w%s", err, text.Meant(value, k.Values))
		}
		names = append(names, k.Name)
	}
	return "", fmt.Errorf("%w%s", err, text.Meant(name, names))
}
