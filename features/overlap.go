package features

import (
	"context"
	"errors"

	"ringback/sim"
	"ringback/sim/probe"
)

// overlaps has the steps about concurrent requests, and about what the receiver
// remembers.
var overlaps = []Step{
	{
		Pattern: `^connections are kept open$`, Form: "connections are kept open", Example: "connections are kept open",
		About:   "up to eight, each used again at once: copies of one callback then arrive within microseconds",
		handler: connectionsAreKept,
	},
	{
		Pattern: `^callbacks of one call do not wait for each other$`, Form: "callbacks of one call do not wait for each other",
		Example: "callbacks of one call do not wait for each other",
		About:   "those of one moment go out at once, as under --order none", handler: doNotWait,
		check: func(d *draft, _ []string) error { d.meet(2); return nil },
	},
	{
		Pattern: `^(\d+) calls end as (\w+) at once$`, Form: "{n} calls end as {result} at once", Example: "100 calls end as normal_end at once",
		About: "calls of as many pairs, all at the same moments", handler: callsEndAtOnce,
		check: func(d *draft, args []string) error {
			n, err := parseNumber(args[0], "calls", 1, maxCalls)
			if err != nil {
				return err
			}
			result, err := parseOutcome(args[1])
			d.placeCrowd(n)
			d.now += usual(result).Length()
			return err
		},
	},
	{
		Pattern: "^" + restart + "$", Form: restart, Example: restart,
		About: "as --restart-cmd does it, while no other scenario plays; skipped without", handler: theReceiverIsRestarted,
	},
	{
		Pattern: "^" + minute + "$", Form: minute, Example: minute,
		About: "and a little more, of real time; skipped without --slow", handler: aMinuteGoesBy,
	},
}

func connectionsAreKept(ctx context.Context) error {
	s := worldOf(ctx)
	s.kept = true
	return s.notBegun()
}

func doNotWait(ctx context.Context) error {
	s := worldOf(ctx)
	s.order = sim.Unordered
	return s.notBegun()
}

// notBegun is an error if the simulator has started without the setting of a step.
func (s *world) notBegun() error {
	if s.session == nil {
		return nil
	}
	return errors.New("it is too late for that: say it before anything happens, and before the faults")
}

func callsEndAtOnce(ctx context.Context, number, result string) error {
	s := worldOf(ctx)
	n, err := parseNumber(number, "calls", 1, maxCalls)
	if err != nil {
		return err
	}
	return s.crowd(ctx, n, func(int) string { return result })
}

// The steps that take long.
const (
	restart = "the receiver is restarted"
	minute  = "a minute goes by"
)

func theReceiverIsRestarted(ctx context.Context) error {
	s := worldOf(ctx)
	if err := s.waits(ctx, s.opts.Restart != nil, "it restarts the receiver: "+s.opts.named("--restart-cmd 'systemctl restart app'")); err != nil {
		return err
	}
	err := s.opts.Restart(ctx)
	if errors.Is(err, ErrNotRestarted) {
		return s.cannotTell(err.Error())
	}
	return err
}

func aMinuteGoesBy(ctx context.Context) error {
	s := worldOf(ctx)
	if err := s.waits(ctx, s.opts.Minute > 0, "it waits for more than a minute: "+s.opts.named("--slow")); err != nil {
		return err
	}
	return probe.Sleep(ctx, s.opts.Minute)
}

// waits settles all callbacks so far before something that takes long. The scenario is
// skipped if that is not possible, or pointless.
func (s *world) waits(ctx context.Context, can bool, what string) error {
	switch {
	case s.asks && s.opts.Probe == nil:
		return s.blind()
	case !can:
		return s.cannotTell(what)
	}
	return s.settle(ctx)
}
