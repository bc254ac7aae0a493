package features

import (
	"context"
	"errors"

	"ringback/sim/call"
)

// fixed has the steps that set a value for a scenario about that value, whatever the
// options say.
var fixed = []Step{
	{
		Pattern: `^it is (\S+)$`, Form: "it is {time}", Example: "it is 2026-03-29T00:30:00Z",
		About: "when the scenario begins, as RFC 3339 has it; else --epoch says when", handler: itIs,
		check: func(d *draft, args []string) error {
			if len(d.calls) > 0 {
				return errTimeGoesOn
			}
			_, err := call.ParseEpoch(args[0])
			return err
		},
	},
	{
		Pattern: `^user ids are as written$`, Form: "user ids are as written", Example: "user ids are as written",
		About: "the scenario is about the ids of its users: it is skipped where --user-map puts others in their place", handler: userIDsAreAsWritten,
	},
	{
		Pattern: `^CallIds differ in their last four characters$`, Form: "CallIds differ in their last four characters", Example: "CallIds differ in their last four characters",
		About: "those of the scenario are UUIDs that have 32 of 36 characters in common", handler: callIDsDifferAtTheEnd,
		check: func(d *draft, _ []string) error {
			if len(d.calls) > 0 {
				return errIDsAreMade
			}
			return nil
		},
	},
}

var errTimeGoesOn = errors.New("a call is placed before; say first when the scenario begins")

func itIs(ctx context.Context, when string) (err error) {
	s := worldOf(ctx)
	if s.session != nil {
		return errTimeGoesOn
	}
	s.epoch, err = call.ParseEpoch(when)
	return err
}

func userIDsAreAsWritten(ctx context.Context) error {
	s := worldOf(ctx)
	if s.opts.asWritten {
		return nil
	}
	return skipped("the receiver knows users by ids of its own (%s)", s.opts.named("--user-map"))
}
