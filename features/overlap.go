package features

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ringback/sim"
	"ringback/sim/probe"
)

// overlaps are about what meets at the receiver, and about what it remembers.
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

// keptConnections are as many as a scenario keeps for itself: more than a callback
// has copies, and not more than a receiver has to show that it serves.
const keptConnections = 8

func connectionsAreKept(ctx context.Context) error {
	s := stageOf(ctx)
	s.kept = true
	return s.notBegun()
}

func doNotWait(ctx context.Context) error {
	s := stageOf(ctx)
	s.order = sim.Unordered
	return s.notBegun()
}

// notBegun is an error if the simulator has started without what a step chooses.
func (s *stage) notBegun() error {
	if s.session == nil {
		return nil
	}
	return errors.New("it is too late for that: say it before anything happens, and before the faults")
}

func callsEndAtOnce(ctx context.Context, number, result string) error {
	s := stageOf(ctx)
	n, err := parseNumber(number, "calls", 1, maxCalls)
	if err != nil {
		return err
	}
	return s.crowd(ctx, n, func(int) string { return result })
}

// A crowd are so many calls at once that they play while no other scenario does, to a
// receiver that answers a few at once in time.
const (
	crowd      = 100
	leastCrowd = 4
)

// placeCrowd adds calls of as many pairs, all at once.
func (d *draft) placeCrowd(n int) {
	for i := range n {
		d.place(fmt.Sprint(i), pairOf(i)...)
	}
	d.crowd = d.crowd || n >= crowd
}

// fitsCrowd leaves a scenario out whose many calls at once would only wait for each
// other: the receiver does not even answer a few in time.
func (s *stage) fitsCrowd(n int) error {
	if s.opts.throttle == nil || n < crowd {
		return nil
	}
	atOnce, each := s.opts.throttle.AtOnce()
	if atOnce == 0 || atOnce >= leastCrowd {
		return nil
	}
	return skipped("the receiver takes %v for each of several requests at once: the last of %d would wait for %v, and --timeout is %v",
		each.Round(time.Millisecond), n, (time.Duration(n) * each).Round(time.Second), s.opts.Timeout)
}

// crowd plays calls of as many pairs, which begin at once and end in ways of their
// own.
func (s *stage) crowd(ctx context.Context, n int, resultOf func(int) string) error {
	if err := s.fitsCrowd(n); err != nil {
		return err
	}
	last := time.Duration(0)
	for i := range n {
		pair := pairOf(i)
		end, err := s.launch(fmt.Sprint(i), pair[0], pair[1:], "audio", resultOf(i))
		if err != nil {
			return err
		}
		last = max(last, end)
	}
	return s.until(ctx, last)
}

// The steps that take long.
const (
	restart = "the receiver is restarted"
	minute  = "a minute goes by"
)

func theReceiverIsRestarted(ctx context.Context) error {
	s := stageOf(ctx)
	hint := "--restart-cmd 'systemctl restart app'"
	if s.registered {
		hint = "set features.Options.Restart"
	}
	if err := s.waits(ctx, s.opts.Restart != nil, "it restarts the receiver: "+hint); err != nil {
		return err
	}
	err := s.opts.Restart(ctx)
	if errors.Is(err, ErrNotRestarted) {
		return s.cannotTell(err.Error())
	}
	return err
}

func aMinuteGoesBy(ctx context.Context) error {
	s := stageOf(ctx)
	hint := "--slow"
	if s.registered {
		hint = "set features.Options.Minute"
	}
	if err := s.waits(ctx, s.opts.Minute > 0, "it waits for more than a minute: "+hint); err != nil {
		return err
	}
	return probe.Sleep(ctx, s.opts.Minute)
}

// waits has all callbacks so far settled before something that takes long. The
// scenario is left out where that cannot be done, or leads to nothing.
func (s *stage) waits(ctx context.Context, can bool, what string) error {
	switch {
	case s.asks && s.opts.Probe == nil:
		return s.blind()
	case !can:
		return s.cannotTell(what)
	}
	return s.settle(ctx)
}
