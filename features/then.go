package features

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// thens has the steps that judge the receiver.
var thens = slices.Concat([]Step{
	{
		Pattern: `^every callback is acknowledged$`, Form: "every callback is acknowledged", Example: "every callback is acknowledged",
		About: "all callbacks so far are acknowledged, at the latest by a retry", handler: everyCallbackIsAcknowledged,
	},
	{
		Pattern: `^(\S+(?:(?:, | and )\S+)*) (?:is|are) acknowledged$`, Form: "{words} are acknowledged", Example: "caller_start_call and callee_receive_call are acknowledged",
		About: "callbacks of each of these words and commands were sent and acknowledged", handler: theseAreAcknowledged,
		check: all(of(parseWords)),
	},
	{
		Pattern: `^the change (\S+) is acknowledged$`, Form: "the change {action} is acknowledged", Example: "the change Cancel_Invite is acknowledged",
		About: "a MemberChanged with this ActionType was sent and acknowledged", handler: theChangeIsAcknowledged,
		check: all(of(parseAction)),
	},
	{
		Pattern: `^every callback is refused$`, Form: "every callback is refused", Example: "every callback is refused",
		About: "none is acknowledged; a status of 4xx and a code that is not 0 are as good", handler: everyCallbackIsRefused,
	},
	{
		Pattern: `^the first callback is (acknowledged|refused)$`, Form: "the first callback is acknowledged", Example: "the first callback is refused",
		About: "the one that was made first", handler: theFirstCallbackIs,
	},
	{
		Pattern: `^every first attempt is refused$`, Form: "every first attempt is refused", Example: "every first attempt is refused",
		About: "no callback is acknowledged at once; what becomes of its retries is another question", handler: everyFirstAttemptIsRefused,
	},
	{
		Pattern: `^every first attempt is acknowledged$`, Form: "every first attempt is acknowledged", Example: "every first attempt is acknowledged",
		About: "each callback is acknowledged at once, and not by a retry", handler: everyFirstAttemptIsAcknowledged,
	},
	{
		Pattern: `^the receiver goes on$`, Form: "the receiver goes on", Example: "the receiver goes on",
		About: "without faults, the callbacks of another call are acknowledged", handler: theReceiverGoesOn, places: true,
		check: func(d *draft, _ []string) error {
			d.place("", "erin", "frank")
			d.now += usual(d.opts.end()).Length()
			return nil
		},
	},
}, single, answering, keeping, storing)

// storing has the steps about what is stored.
var storing = slices.Concat(probing, describing)

func everyCallbackIsAcknowledged(ctx context.Context) error {
	list, err := worldOf(ctx).judged(ctx)
	if err != nil {
		return err
	}
	return allAcknowledged(list)
}

func everyFirstAttemptIsAcknowledged(ctx context.Context) error {
	list, err := worldOf(ctx).judged(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, d := range list {
		errs = append(errs, acknowledgedBy(d, 1))
	}
	return few(errs)
}

func theseAreAcknowledged(ctx context.Context, words string) error {
	s := worldOf(ctx)
	list, err := s.judged(ctx)
	if err != nil {
		return err
	}
	for _, name := range splitList(words) {
		var w wire.Word
		if err := w.UnmarshalText([]byte(name)); err != nil {
			return err
		}
		if err := s.opts.needs(w); err != nil {
			return err
		}
		if err := s.acknowledgedOf(list, name, func(d *delivery.Delivery) bool { return d.Word == w }); err != nil {
			return err
		}
	}
	return nil
}

// acknowledgedOf checks that there is at least one of some callbacks, and that all of
// them are acknowledged.
func (s *world) acknowledgedOf(list []*delivery.Delivery, name string, which func(*delivery.Delivery) bool) error {
	var errs []error
	n := 0
	for _, d := range list {
		if which(d) {
			n++
			errs = append(errs, acknowledged(d))
		}
	}
	if n > 0 {
		return few(errs)
	}
	dropped := false
	s.read(func(st *journal.State) {
		dropped = slices.ContainsFunc(st.DeliveriesAfter(0, ""), func(d *delivery.Delivery) bool { return which(d) })
	})
	if dropped {
		return fmt.Errorf("no callback %s was sent: a fault dropped it", name)
	}
	return fmt.Errorf("no callback %s was sent: the scenario does not lead to one", name)
}

func theChangeIsAcknowledged(ctx context.Context, action string) error {
	s := worldOf(ctx)
	list, err := s.judged(ctx)
	if err != nil {
		return err
	}
	if err := s.opts.needs(wire.AfterMemberChanged); err != nil {
		return err
	}
	sent := s.spelled(action)
	return s.acknowledgedOf(list, "with the action "+sent, func(d *delivery.Delivery) bool { return d.Word == wire.AfterMemberChanged && actionOf(d) == sent })
}

// spelled returns an action as the sender's dialect spells it.
func (s *world) spelled(action string) string {
	switch d := s.dialect; {
	case action == "Accept":
		return d.AcceptAction
	case action == "Hangup":
		return d.HangupAction
	case action == "Invite":
		return d.InviteActions
	case action == "Cancel_Invite" && d.InviteActions == "Invited":
		return "Canncel_Invite"
	}
	return action
}

// actionOf returns the ActionType of a MemberChanged.
func actionOf(d *delivery.Delivery) string {
	var body wire.MemberChanged
	if json.Unmarshal(d.Request.Body(), &body) != nil || len(body.ChangedUserList) == 0 {
		return ""
	}
	return body.ChangedUserList[0].Action
}

func everyCallbackIsRefused(ctx context.Context) error {
	list, err := worldOf(ctx).judged(ctx)
	if err != nil {
		return err
	}
	return allRefused(list, math.MaxInt)
}

func everyFirstAttemptIsRefused(ctx context.Context) error {
	list, err := worldOf(ctx).judged(ctx)
	if err != nil {
		return err
	}
	return allRefused(list, 1)
}

func theFirstCallbackIs(ctx context.Context, what string) error {
	s := worldOf(ctx)
	if _, err := s.judged(ctx); err != nil {
		return err
	}
	var first *delivery.Delivery
	s.read(func(st *journal.State) { first = st.DeliveriesAfter(0, "")[0] })
	if what == "refused" {
		return refused(first, math.MaxInt)
	}
	return acknowledged(first)
}

func theReceiverGoesOn(ctx context.Context) error {
	s := worldOf(ctx)
	if err := s.settle(ctx); err != nil {
		return err
	}
	if err := s.perform(ctx, "there are no faults"); err != nil {
		return err
	}
	if err := s.play(ctx, "", "erin", []string{"frank"}, "audio", s.opts.end().String()); err != nil {
		return err
	}
	if err := s.settle(ctx); err != nil {
		return err
	}
	list, err := s.sent(s.binding.Last())
	if err != nil {
		return err
	}
	err = allAcknowledged(list)
	if err == nil {
		return nil
	}
	if errs := err.(*several).errs; len(errs) == len(list) {
		for _, each := range errs {
			if f, ok := each.(*finding); ok {
				f.Lasting = true
			}
		}
	}
	return fmt.Errorf("afterwards, %w", err)
}
