package features

import (
	"context"
	"fmt"
	"math"
	"strconv"

	"ringback/sim/delivery"
	"ringback/sim/journal"
)

// single has the steps about one callback. It is named by its word; if its call has
// several of that word, by its number among them, and a copy by its number.
var single = []Step{
	{
		Pattern: `^(copy \d+ of \S+|(?:copy \d+ of )?\S+ number \d+) is acknowledged(?: of call (\S+))?$`, Form: "copy {n} of {word} number {n} is acknowledged[ of call {call}]",
		Example: "copy 1 of caller_start_call is acknowledged",
		About:   "this callback was sent and acknowledged as documented, at the latest by a retry", handler: thisIsAcknowledged,
		check: all(of(parseCallback), aCall),
	},
	{
		Pattern: `^((?:copy \d+ of )?\S+(?: number \d+)?) is acknowledged after (\d+) (?:try|tries)(?: of call (\S+))?$`,
		Form:    "[copy {n} of ]{word}[ number {n}] is acknowledged after {n} tries[ of call {call}]", Example: "caller_start_call is acknowledged after 3 tries",
		About: "this callback was acknowledged as documented, by that try and none before", handler: thisIsAcknowledgedAfter,
		check: all(of(parseCallback), aNumber("tries", 1, maxTries), aCall),
	},
	{
		Pattern: `^((?:copy \d+ of )?\S+(?: number \d+)?) is refused(?: of call (\S+))?$`, Form: "[copy {n} of ]{word}[ number {n}] is refused[ of call {call}]",
		Example: "normal_end is refused",
		About:   "no try of this callback was acknowledged; a status of 4xx and a code that is not 0 are as good", handler: thisIsRefused,
		check: all(of(parseCallback), aCall),
	},
	{
		Pattern: `^((?:copy \d+ of )?\S+(?: number \d+)?) is given up after (\d+) (?:try|tries)(?: of call (\S+))?$`,
		Form:    "[copy {n} of ]{word}[ number {n}] is given up after {n} tries[ of call {call}]", Example: "caller_start_call is given up after 7 tries",
		About: "the sender read no acknowledgement of this callback in so many tries, and makes no more", handler: thisIsGivenUpAfter,
		check: all(of(parseCallback), aNumber("tries", 1, maxTries), aCall),
	},
	{
		Pattern: `^((?:copy \d+ of )?\S+(?: number \d+)?) is never sent(?: of call (\S+))?$`, Form: "[copy {n} of ]{word}[ number {n}] is never sent[ of call {call}]",
		Example: "invite_user number 2 is never sent",
		About:   "a fault lost this callback, or it was given up by hand before its first try", handler: thisIsNeverSent,
		check: all(of(parseCallback), aCall),
	},
}

const maxTries = 1000 // including manual ones

// singleOf finds the callback that a step names, once all are settled.
func singleOf(ctx context.Context, which, name string) (*delivery.Delivery, error) {
	s := worldOf(ctx)
	ref, err := parseCallback(which)
	if err != nil {
		return nil, err
	}
	if err := s.opts.needs(ref.Callback); err != nil {
		return nil, err
	}
	if err := s.settle(ctx); err != nil {
		return nil, err
	}
	id, err := s.named(name)
	if err != nil {
		return nil, err
	}
	var d *delivery.Delivery
	s.read(func(st *journal.State) { d = st.Call(id).Callback(ref.Callback, ref.Number, ref.Copy) })
	if d == nil {
		return nil, fmt.Errorf("there is no callback %s: the scenario does not lead to one", ref.Which())
	}
	s.saw++
	return d, nil
}

func thisIsAcknowledged(ctx context.Context, which, name string) error {
	d, err := singleOf(ctx, which, name)
	if err != nil {
		return err
	}
	return acknowledged(d)
}

func thisIsAcknowledgedAfter(ctx context.Context, which, number, name string) error {
	d, err := singleOf(ctx, which, name)
	if err == nil {
		err = acknowledged(d)
	}
	if err != nil {
		return err
	}
	return after(d, number, "a callback is acknowledged by another try than expected", "was acknowledged by try")
}

// after checks the number of tries of a callback.
func after(d *delivery.Delivery, number, cause, how string) error {
	n := len(d.Tries)
	if want, err := strconv.Atoi(number); err != nil || n != want {
		return about(d, &d.Tries[n-1], cause, "%s of %s %s %d, want %s", d.Word, d.CallID, how, n, number)
	}
	return nil
}

func thisIsRefused(ctx context.Context, which, name string) error {
	d, err := singleOf(ctx, which, name)
	if err != nil {
		return err
	}
	return refused(d, math.MaxInt)
}

func thisIsGivenUpAfter(ctx context.Context, which, number, name string) error {
	d, err := singleOf(ctx, which, name)
	switch {
	case err != nil:
		return err
	case len(d.Tries) == 0:
		return notSent(d)
	case d.State != delivery.Abandoned:
		return about(d, &d.Tries[len(d.Tries)-1], "a callback is not given up", "%s of %s is %s, want it given up after %s tries", d.Word, d.CallID, d.State, number)
	}
	return after(d, number, "a callback is given up after another try than expected", "was given up after try")
}

func thisIsNeverSent(ctx context.Context, which, name string) error {
	d, err := singleOf(ctx, which, name)
	if err == nil && len(d.Tries) > 0 {
		return about(d, &d.Tries[0], "a callback is sent that must not be", "%s of %s was sent", d.Word, d.CallID)
	}
	return err
}
