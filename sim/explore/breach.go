package explore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"ringback/sim/delivery"
	"ringback/sim/probe"
	"ringback/sim/script"
	"ringback/sim/text"
)

// Kind is what of the contract was broken.
type Kind string

// The kinds.
const (
	Refused      Kind = "refused"       // a callback was not acknowledged
	EndTwice     Kind = "end_twice"     // a call has several ends
	EndEarly     Kind = "end_early"     // a call has an end of which nobody told
	EndMissing   Kind = "end_missing"   // an acknowledged end is not there
	WrongResult  Kind = "wrong_result"  // the end is there, with another result
	WrongTalk    Kind = "wrong_talk"    // with another duration
	WrongCaller  Kind = "wrong_caller"  // somebody else is said to have called
	WrongMembers Kind = "wrong_members" // others are said to be in a running call
	WrongRoom    Kind = "wrong_room"    // another room is said to be its
	MembersLeft  Kind = "members_left"  // somebody is said to be in a call that is over
	NotGoingOn   Kind = "not_going_on"  // after faults, a call without faults fails
)

// titles say in words what should have been.
var titles = map[Kind]string{
	Refused: "Every callback is acknowledged", EndTwice: "A call has one end", EndEarly: "A call has not ended before its end",
	EndMissing: "An end that was acknowledged is stored", WrongResult: "A call is stored with its own result",
	WrongTalk: "The talk of a call is stored", WrongCaller: "The caller of a call is stored", WrongMembers: "The members of a call are stored",
	WrongRoom: "The room of a call is stored as it was sent", MembersLeft: "Nobody is in a call that is over", NotGoingOn: "After faults the receiver goes on",
}

// Breach is one way in which an execution broke the contract.
type Breach struct {
	Kind Kind   `json:"kind"`
	Call string `json:"call,omitempty"` // the call's name in the history
	Got  string `json:"got"`
	Want string `json:"want,omitempty"`
	Then string `json:"then"` // the step that asks for it

	delivery *delivery.Delivery // that was refused
}

// Words are what was found and what was wanted.
func (b *Breach) Words() string {
	text := b.Got
	if b.Call != "" {
		text = "of call " + b.Call + ", " + text
	}
	if b.Want == "" {
		return text
	}
	return text + ", want " + b.Want
}

// judge finds the first thing that is wrong, in an order that is always the
// same: the answers, each call as it is stored, and whether the receiver goes
// on.
func (e *explorer) judge(ctx context.Context, patience time.Duration) func(*play) (*Breach, error) {
	return func(pl *play) (*Breach, error) {
		if b := refused(pl, pl.state.DeliveriesAfter(0, "")); b != nil {
			return b, nil
		}
		if b, err := e.stored(ctx, pl, patience); b != nil || err != nil {
			return b, err
		}
		if len(pl.history.faults()) == 0 || !e.clean[pl.history.Generation] || e.cfg.stranger("erin", "frank") {
			return nil, nil // one who takes no plain call has nothing to go on with
		}
		id, err := pl.goOn(ctx)
		if err != nil {
			return nil, err
		}
		if b := refused(pl, pl.state.DeliveriesAfter(0, id)); b != nil {
			b.Kind, b.Call, b.Then = NotGoingOn, "", "the receiver goes on"
			return b, nil
		}
		return nil, pl.rest(ctx, id)
	}
}

// refused finds the first callback that was not acknowledged.
func refused(pl *play, list []*delivery.Delivery) *Breach {
	for _, d := range list {
		if d.State == delivery.Dropped {
			continue // a fault lost it: nobody could
		}
		how, why := "was not acknowledged", "it is "+d.State.String()
		if n := len(d.Tries); n > 0 && d.Tries[n-1].Verdict != nil {
			if d.Acknowledged(&d.Tries[n-1]) {
				continue
			}
			why = pl.plain(d.Documented(&d.Tries[n-1]).Reason())
			if d.Tries[n-1].Verdict.Acked() { // the sender goes on
				how = "was acknowledged, but not as documented"
			}
		}
		return pl.refusal(d, how, why)
	}
	return nil
}

// unanswered finds the first callback whose latest attempt with an outcome timed
// out, in a history that was not played to its end.
func unanswered(pl *play) *Breach {
	for _, d := range pl.state.DeliveriesAfter(0, "") {
		for _, t := range slices.Backward(d.Tries) {
			if t.Verdict == nil {
				continue
			}
			if t.Verdict.Failure == delivery.TimedOut {
				return pl.refusal(d, "was not acknowledged", pl.plain(t.Verdict.Reason()))
			}
			break
		}
	}
	return nil
}

func (pl *play) refusal(d *delivery.Delivery, how, why string) *Breach {
	return &Breach{
		Kind: Refused, Call: pl.name(d.CallID), Got: fmt.Sprintf("%s of %s %s: %s", d.Word, pl.who(d.User), how, text.Short(why, 80)),
		Then: "every callback is acknowledged", delivery: d,
	}
}

// stored holds each call against what the receiver shows of it. What must
// appear has some time for it, all calls together.
func (e *explorer) stored(ctx context.Context, pl *play, patience time.Duration) (*Breach, error) {
	if e.cfg.Probe == nil {
		return nil, nil
	}
	began, ids := time.Now(), slices.Sorted(maps.Values(pl.binding.Calls()))
	for _, name := range pl.history.calls() {
		id, _ := pl.binding.Call(name)
		want := expect(pl.state.Call(id), name, pl.state.Dialect)
		got, ok, err := e.cfg.Probe.Until(ctx, id, patience-time.Since(began), func(s probe.Stored) bool {
			return want.breach(s) == nil || s.Count > want.most()
		}, func(ctx context.Context) { e.catchUp(ctx, pl) }, ids...)
		var broken *probe.Error
		switch {
		case errors.As(err, &broken):
			e.report.probeError(e.cfg.Probe.Hide(err.Error()))
			continue
		case err != nil:
			return nil, err
		}
		if b := want.breach(got); b != nil {
			return pl.inNames(b, want), nil
		}
		if ok {
			e.slowest = max(e.slowest, time.Since(began))
			began = time.Now() // it goes on
		}
		if b, err := e.second(ctx, pl, want); b != nil || err != nil {
			return b, err
		}
	}
	return nil, nil
}

// catchUp waits until the receiver has stored what it acknowledged of a play so far, by
// one more call behind it. A receiver that loses such a call is not waited for again.
func (e *explorer) catchUp(ctx context.Context, pl *play) {
	if e.loses || ctx.Err() != nil {
		return
	}
	e.passed(pl)
	e.calls++ // the room of the call that shows whether the receiver goes on
	_, mark, err := e.play(ctx, e.plain(pl.history.Generation), func(*play) (*Breach, error) { return nil, nil })
	if err != nil {
		return
	}
	id := mark.binding.Last()
	acknowledged := slices.ContainsFunc(mark.state.DeliveriesAfter(0, id), func(d *delivery.Delivery) bool {
		return d.Word.Ends() && d.State == delivery.Acked
	})
	e.loses = acknowledged && !e.cfg.Probe.CatchUp(ctx, id) && ctx.Err() == nil
}

// second finds a second end that appears later. To wait for it each time would
// take too long: the calls are looked at again at the end, and waited for when
// there was one.
func (e *explorer) second(ctx context.Context, pl *play, want *expectation) (*Breach, error) {
	switch {
	case !want.ended:
		return nil, nil
	case !e.linger:
		e.later = append(e.later, laterEnd{pl.history, pl, want.name})
		e.later = e.later[max(0, len(e.later)-maxLater):]
		return nil, nil
	}
	got, more, err := e.cfg.Probe.Until(ctx, want.id, e.impatience(), func(s probe.Stored) bool { return s.Count > 1 }, nil)
	if err != nil || !more {
		return nil, cmp.Or(ctx.Err(), delivery.AsOwnFault(err))
	}
	return pl.inNames(want.breach(got), want), nil
}

// inNames says a breach by the history's names: with ids of a backend's own,
// the steps still use those.
func (pl *play) inNames(b *Breach, want *expectation) *Breach {
	own := *want
	own.caller, own.members = pl.who(want.caller), nil
	for _, u := range want.members {
		own.members = append(own.members, pl.who(u))
	}
	switch b.Kind {
	case WrongRoom:
		b.Then = "the room stored is " + script.FormatText(pl.plain(want.room))
	case WrongCaller:
		b.Then = "the caller stored is " + own.caller
	case WrongMembers, MembersLeft:
		b.Then = own.membersThen()
	}
	b.Got, b.Want = pl.plain(pl.cfg.Probe.Hide(b.Got)), pl.plain(b.Want)
	if pl.history.several() {
		b.Then += " of call " + b.Call
	}
	return b
}

// who is the history's name of a user.
func (pl *play) who(id string) string {
	for _, name := range pl.history.users() {
		if pl.cfg.User(name) == id {
			return name
		}
	}
	return id
}
