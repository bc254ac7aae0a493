package sim

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"ringback/sim/call"
	"ringback/sim/wire"
)

// maxTalk is how long a call of an outcome may last.
const maxTalk = 24 * time.Hour

// Outcome describes a whole call by how it ends.
type Outcome struct {
	Result call.Result
	Ring   time.Duration // from the start to the answer, the refusal or the cancellation
	Talk   time.Duration // from the answer to the end
}

// Outcomes are the six results that a call can be asked for, in the order in
// which a person would want to see them.
var Outcomes = []call.Result{
	call.NormalEnd, call.Reject, call.NotAnswer, call.CallBusy, call.Cancel, call.Interrupt,
}

// Heard are those of [Outcomes] whose status callback of v1 is one of the words.
func Heard(words wire.Words) (list []call.Result) {
	for _, w := range words.List() {
		if i := slices.IndexFunc(Outcomes, func(r call.Result) bool { return w.Status() && r.String() == w.String() }); i >= 0 {
			list = append(list, Outcomes[i])
		}
	}
	slices.SortFunc(list, func(a, b call.Result) int { return cmp.Compare(slices.Index(Outcomes, a), slices.Index(Outcomes, b)) })
	return list
}

// Plan makes the steps that lead a call of this setup to the outcome, and for
// call_busy marks the callees as busy. In a group call all of them do the
// same; the last one ends it.
//
// A normal_end is the caller hanging up, an interrupt the callee's line being
// lost, both in a call that was answered.
func (o Outcome) Plan(s *call.Setup) ([]call.Step, error) {
	switch {
	case o.Ring < 0 || o.Ring >= RingTimeout || o.Ring%time.Second != 0:
		return nil, fmt.Errorf("ring %s: want whole seconds from 0s to 29s; the ring timer ends a call at %s", o.Ring, RingTimeout)
	case o.Talk < 0 || o.Talk > maxTalk || o.Talk%time.Second != 0:
		return nil, fmt.Errorf("talk %s: want whole seconds up to %s, like 9s", o.Talk, maxTalk)
	}
	var p plan
	switch o.Result {
	case call.NotAnswer:
	case call.CallBusy:
		s.Busy = s.Callees
	case call.Cancel:
		p.add(o.Ring, call.DoCancel, s.Caller)
	case call.Reject:
		p.add(o.Ring, call.DoReject, s.Callees...)
	case call.NormalEnd:
		p.add(o.Ring, call.DoAccept, s.Callees...)
		p.add(o.Ring+o.Talk, call.DoHangUp, s.Caller)
		p.add(o.Ring+o.Talk, call.DoHangUp, s.Callees[1:]...)
	case call.Interrupt:
		p.add(o.Ring, call.DoAccept, s.Callees...)
		p.add(o.Ring+o.Talk, call.DoLoseLine, s.Callees...)
	default:
		return nil, fmt.Errorf("outcome %q: want one of normal_end, reject, not_answer, call_busy, cancel, interrupt", o.Result)
	}
	return p, nil
}

type plan []call.Step

func (p *plan) add(after time.Duration, do call.Verb, users ...string) {
	for _, u := range users {
		*p = append(*p, call.Step{After: call.Span(after), Action: call.Action{Do: do, By: u}})
	}
}

// Length is how long a call of this outcome takes from start to end.
func (o Outcome) Length() time.Duration {
	switch o.Result {
	case call.NormalEnd, call.Interrupt:
		return o.Ring + o.Talk
	case call.NotAnswer:
		return RingTimeout
	case call.CallBusy:
		return 0
	}
	return o.Ring
}
