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

// Kind is the kind of a violation. Its values are frozen: reports in JSON have them.
type Kind string

// The kinds.
const (
	Refused      Kind = "refused"       // a callback was not acknowledged
	EndTwice     Kind = "end_twice"     // a call has several ends
	EndEarly     Kind = "end_early"     // an end is stored, though no callback said so
	EndMissing   Kind = "end_missing"   // an acknowledged end is not stored
	WrongResult  Kind = "wrong_result"  // the end is stored with another result
	WrongTalk    Kind = "wrong_talk"    // the end is stored with another duration
	WrongCaller  Kind = "wrong_caller"  // another caller is stored
	WrongMembers Kind = "wrong_members" // other members are stored for a running call
	WrongRoom    Kind = "wrong_room"    // another room is stored
	MembersLeft  Kind = "members_left"  // members are stored for a call that is over
	NotGoingOn   Kind = "not_going_on"  // after faults, a call without faults fails
)

// titles say what a correct receiver does.
var titles = map[Kind]string{
	Refused: "Every callback is acknowledged", EndTwice: "A call has one end", EndEarly: "A call has not ended before its end",
	EndMissing: "An end that was acknowledged is stored", WrongResult: "A call is stored with its own result",
	WrongTalk: "The talk of a call is stored", WrongCaller: "The caller of a call is stored", WrongMembers: "The members of a call are stored",
	WrongRoom: "The room of a call is stored as it was sent", MembersLeft: "No one is in a call that is over", NotGoingOn: "After faults the receiver goes on",
}

// Violation is one way in which an execution broke the contract.
type Violation struct {
	Kind Kind   `json:"kind"`
	Call string `json:"call,omitempty"` // name of the call in the history
	Got  string `json:"got"`
	Want string `json:"want,omitempty"`
	Then string `json:"then"` // the suite's step that checks it

	delivery *delivery.Delivery // that was refused
}

// Text says what was found and what was expected.
func (b *Violation) Text() string {
	text := b.Got
	if b.Call != "" {
		text = "of call " + b.Call + ", " + text
	}
	if b.Want == "" {
		return text
	}
	return text + ", want " + b.Want
}

// judge returns a check of an execution, which finds the first violation in a fixed
// order: answers, each call as stored, then a further call without faults. What has to
// appear may take as long as patience.
func (e *explorer) judge(ctx context.Context, patience time.Duration) func(*execution) (*Violation, error) {
	return func(x *execution) (*Violation, error) {
		if b := refused(x, x.state.DeliveriesAfter(0, "")); b != nil {
			return b, nil
		}
		if b, err := e.checkStored(ctx, x, patience); b != nil || err != nil {
			return b, err
		}
		if len(x.history.faults()) == 0 || !e.baselineOK[x.history.Generation] || e.cfg.lacksID("erin", "frank") {
			return nil, nil // it failed the call without faults before, too
		}
		id, err := x.playFollowUp(ctx)
		if err != nil {
			return nil, err
		}
		if b := refused(x, x.state.DeliveriesAfter(0, id)); b != nil {
			b.Kind, b.Call, b.Then = NotGoingOn, "", "the receiver goes on"
			return b, nil
		}
		return nil, x.awaitEnds(ctx, id)
	}
}

// refused returns the first callback that was not acknowledged, or nil.
func refused(x *execution, list []*delivery.Delivery) *Violation {
	for _, d := range list {
		if d.State == delivery.Dropped {
			continue // lost by a fault
		}
		how, why := "was not acknowledged", "it is "+d.State.String()
		if n := len(d.Tries); n > 0 && d.Tries[n-1].Verdict != nil {
			if d.Acknowledged(&d.Tries[n-1]) {
				continue
			}
			why = x.normalize(d.Documented(&d.Tries[n-1]).Reason())
			if d.Tries[n-1].Verdict.Acked() { // the sender does not retry
				how = "was acknowledged, but not as documented"
			}
		}
		return x.refusal(d, how, why)
	}
	return nil
}

// unanswered returns the first callback whose latest answered attempt timed out, in an
// execution that was interrupted.
func unanswered(x *execution) *Violation {
	for _, d := range x.state.DeliveriesAfter(0, "") {
		for _, t := range slices.Backward(d.Tries) {
			if t.Verdict == nil {
				continue
			}
			if t.Verdict.Failure == delivery.TimedOut {
				return x.refusal(d, "was not acknowledged", x.normalize(t.Verdict.Reason()))
			}
			break
		}
	}
	return nil
}

func (x *execution) refusal(d *delivery.Delivery, how, why string) *Violation {
	return &Violation{
		Kind: Refused, Call: x.callName(d.CallID), Got: fmt.Sprintf("%s of %s %s: %s", d.Word, x.userName(d.User), how, text.Short(why, 80)),
		Then: "every callback is acknowledged", delivery: d,
	}
}

// checkStored compares each call with what the receiver stored. All calls together may
// take as long as patience.
func (e *explorer) checkStored(ctx context.Context, x *execution, patience time.Duration) (*Violation, error) {
	if e.cfg.Probe == nil {
		return nil, nil
	}
	began, ids := time.Now(), slices.Sorted(maps.Values(x.binding.Calls()))
	for _, name := range x.history.calls() {
		id, _ := x.binding.Call(name)
		want := expect(x.state.Call(id), name, x.state.Dialect)
		got, ok, err := e.cfg.Probe.Until(ctx, id, patience-time.Since(began), func(s probe.Stored) bool {
			return want.compare(s) == nil || s.Count > want.maxEnds()
		}, func(ctx context.Context) { e.catchUp(ctx, x) }, ids...)
		var broken *probe.Error
		switch {
		case errors.As(err, &broken):
			e.report.probeError(e.cfg.Probe.Hide(err.Error()))
			continue
		case err != nil:
			return nil, err
		}
		if b := want.compare(got); b != nil {
			return x.withNames(b, want), nil
		}
		if ok {
			e.slowest = max(e.slowest, time.Since(began))
			began = time.Now() // the receiver makes progress
		}
		if b, err := e.checkSecondEnd(ctx, x, want); b != nil || err != nil {
			return b, err
		}
	}
	return nil, nil
}

// catchUp waits until the receiver has stored what it acknowledged of an execution so
// far: it plays one more call and waits for that. If the receiver loses such a call,
// later waits are skipped.
func (e *explorer) catchUp(ctx context.Context, x *execution) {
	if e.losesCalls || ctx.Err() != nil {
		return
	}
	e.advancePast(x)
	e.calls++ // keeps the room number of the call after faults free
	_, mark, err := e.execute(ctx, e.baseline(x.history.Generation), func(*execution) (*Violation, error) { return nil, nil })
	if err != nil {
		return
	}
	id := mark.binding.Last()
	acknowledged := slices.ContainsFunc(mark.state.DeliveriesAfter(0, id), func(d *delivery.Delivery) bool {
		return d.Word.Ends() && d.State == delivery.Acked
	})
	e.losesCalls = acknowledged && !e.cfg.Probe.CatchUp(ctx, id) && ctx.Err() == nil
}

// checkSecondEnd looks for a second end that is stored later. Waiting for it in each
// execution would take too long: calls are looked at again at the end of the search,
// and waited for once there was one.
func (e *explorer) checkSecondEnd(ctx context.Context, x *execution, want *expected) (*Violation, error) {
	switch {
	case !want.ended:
		return nil, nil
	case !e.awaitSecondEnd:
		e.rechecks = append(e.rechecks, recheck{x.history, x, want.name})
		e.rechecks = e.rechecks[max(0, len(e.rechecks)-maxRechecks):]
		return nil, nil
	}
	got, more, err := e.cfg.Probe.Until(ctx, want.id, e.shortWait(), func(s probe.Stored) bool { return s.Count > 1 }, nil)
	if err != nil || !more {
		return nil, cmp.Or(ctx.Err(), delivery.AsOwnFault(err))
	}
	return x.withNames(want.compare(got), want), nil
}

// withNames replaces the user ids in a violation by the history's names, which steps
// use.
func (x *execution) withNames(b *Violation, want *expected) *Violation {
	own := *want
	own.caller, own.members = x.userName(want.caller), nil
	for _, u := range want.members {
		own.members = append(own.members, x.userName(u))
	}
	switch b.Kind {
	case WrongRoom:
		b.Then = "the room stored is " + script.FormatText(x.normalize(want.room))
	case WrongCaller:
		b.Then = "the caller stored is " + own.caller
	case WrongMembers, MembersLeft:
		b.Then = own.membersThen()
	}
	b.Got, b.Want = x.normalize(x.cfg.Probe.Hide(b.Got)), x.normalize(b.Want)
	if x.history.several() {
		b.Then += " of call " + b.Call
	}
	return b
}

// userName returns the history's name for a user id.
func (x *execution) userName(id string) string {
	for _, name := range x.history.users() {
		if x.cfg.User(name) == id {
			return name
		}
	}
	return id
}
