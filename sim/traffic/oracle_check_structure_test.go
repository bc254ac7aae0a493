package traffic_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sort"
)

// structure are the constants of the call rules.
type structure struct {
	timeoutMS   int64 // the ring timeout R
	detectionMS int64 // longest delay between a loss and its interrupt
}

// checkC0 tests what must hold for every single call: its times are in order
// and fit its result, nobody is in two calls at once, busy means that the
// callee really was occupied, and each attempt ends exactly once.
func checkC0(calls []obs, s structure) error {
	if len(calls) == 0 {
		return errors.New("C0: no calls to judge")
	}
	for _, o := range calls {
		if err := s.wellFormed(o); err != nil {
			return fmt.Errorf("C0: intent %d attempt %d, %s to %s at %d: %w",
				o.intent, o.attempt, o.caller, o.callee, o.startMS, err)
		}
	}
	if err := exclusive(calls); err != nil {
		return fmt.Errorf("C0: %w", err)
	}
	if err := honestBusy(calls); err != nil {
		return fmt.Errorf("C0: %w", err)
	}
	if err := countedAttempts(calls); err != nil {
		return fmt.Errorf("C0: %w", err)
	}
	return nil
}

// checkC0Seeds tests that a seed decides everything and that it decides
// something: the same one gives the same calls, another one others.
func checkC0Seeds(run, again, other []obs) error {
	if !slices.Equal(run, again) {
		return fmt.Errorf("C0: expected the same calls from the same seed, found a difference at call %d", difference(run, again))
	}
	if slices.Equal(run, other) {
		return fmt.Errorf("C0: expected other calls from another seed, found the same %d", len(run))
	}
	return nil
}

func difference(a, b []obs) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

func (s structure) wellFormed(o obs) error {
	switch {
	case o.caller == o.callee:
		return errors.New("a user calls himself")
	case o.ringEndMS < o.startMS || o.endMS < o.ringEndMS:
		return fmt.Errorf("start %d, ring end %d, end %d are out of order", o.startMS, o.ringEndMS, o.endMS)
	case o.answered():
		return s.talked(o)
	case o.acceptMS != 0 || o.naturalMS != 0:
		return fmt.Errorf("%s was accepted at %d with a talk of %d ms", o.result, o.acceptMS, o.naturalMS)
	}
	return s.failed(o)
}

// failed are the rules of a call that was not answered.
func (s structure) failed(o obs) error {
	rang := o.ringEndMS - o.startMS
	switch o.result {
	case callBusy:
		if rang != 0 {
			return fmt.Errorf("a busy callee rang for %d ms", rang)
		}
		return nil
	case notAnswer:
		if rang != s.timeoutMS {
			return fmt.Errorf("not_answer: expected a ring of %d ms, found %d", s.timeoutMS, rang)
		}
	case reject, cancel:
		if rang <= 0 || rang >= s.timeoutMS {
			return fmt.Errorf("%s: expected a ring within (0, %d) ms, found %d", o.result, s.timeoutMS, rang)
		}
	default:
		return fmt.Errorf("unknown result %q", o.result)
	}
	if o.endMS != o.ringEndMS {
		return fmt.Errorf("%s: the ring ends at %d and the call at %d", o.result, o.ringEndMS, o.endMS)
	}
	return nil
}

// talked are the rules of a call that was answered.
func (s structure) talked(o obs) error {
	rang, talk := o.ringEndMS-o.startMS, o.endMS-o.acceptMS
	switch {
	case rang <= 0 || rang >= s.timeoutMS:
		return fmt.Errorf("answered: expected a ring within (0, %d) ms, found %d", s.timeoutMS, rang)
	case o.acceptMS != o.ringEndMS:
		return fmt.Errorf("accepted at %d though the ring ends at %d", o.acceptMS, o.ringEndMS)
	case o.result == normalEnd && abs(talk-o.naturalMS) > 1: // each end is rounded to a millisecond
		return fmt.Errorf("normal_end: expected a talk of %d ms, found %d", o.naturalMS, talk)
	case o.result == interrupt && talk > o.naturalMS+s.detectionMS+1:
		return fmt.Errorf("interrupt after %d ms: the talk was over after %d", talk, o.naturalMS)
	}
	return nil
}

func abs(x int64) int64 { return max(x, -x) }

// span is a time in which a user is occupied.
type span struct{ from, to int64 }

// occupied are each user's rings and talks in either role, sorted. An attempt
// that met a busy callee occupies its caller until he knows.
func occupied(calls []obs) map[string][]span {
	spans := map[string][]span{}
	for _, o := range calls {
		spans[o.caller] = append(spans[o.caller], span{o.startMS, o.endMS})
		if o.rang() {
			spans[o.callee] = append(spans[o.callee], span{o.startMS, o.endMS})
		}
	}
	for _, list := range spans {
		slices.SortFunc(list, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	}
	return spans
}

// exclusive sweeps over each user's calls: one may start in the millisecond in
// which the last one ended, not before.
func exclusive(calls []obs) error {
	spans := occupied(calls)
	for _, user := range sortedKeys(spans) {
		list := spans[user]
		for i := 1; i < len(list); i++ {
			if list[i].from < list[i-1].to {
				return fmt.Errorf("%s starts a call at %d while in another until %d", user, list[i].from, list[i-1].to)
			}
		}
	}
	return nil
}

// honestBusy tests that call_busy, and only that, met an occupied callee, and
// that nobody dials while occupied.
func honestBusy(calls []obs) error {
	spans := occupied(calls)
	for _, o := range calls {
		if o.rang() != o.calleeIdle {
			return fmt.Errorf("%s at %d: result %s, but callee idle is %t", o.callee, o.startMS, o.result, o.calleeIdle)
		}
		if o.rang() {
			continue // exclusive has seen it
		}
		if !inSpan(spans[o.callee], o.startMS, true) {
			return fmt.Errorf("%s at %d: call_busy, but in no call", o.callee, o.startMS)
		}
		if inSpan(spans[o.caller], o.startMS, false) {
			return fmt.Errorf("%s at %d: dials while in a call", o.caller, o.startMS)
		}
	}
	return nil
}

// inSpan reports whether t is inside one of the sorted disjoint spans. What
// happens first within a millisecond cannot be seen, so both ends count or
// neither does.
func inSpan(list []span, t int64, ends bool) bool {
	i := sort.Search(len(list), func(i int) bool { return list[i].to >= t })
	for ; i < len(list) && list[i].from <= t; i++ {
		if ends || list[i].from < t && t < list[i].to {
			return true
		}
	}
	return false
}

// countedAttempts tests that an intent's attempts are numbered 1, 2, ... in
// time, each ending before the next: none is there twice.
func countedAttempts(calls []obs) error {
	for _, list := range byIntent(calls) {
		for i, o := range list {
			if o.attempt != i+1 {
				return fmt.Errorf("intent %d: expected attempt %d, found %d", o.intent, i+1, o.attempt)
			}
			if i > 0 && o.startMS < list[i-1].endMS {
				return fmt.Errorf("intent %d: attempt %d starts before the last one ended", o.intent, o.attempt)
			}
		}
	}
	return nil
}

// byIntent groups the attempts of each intent, sorted by number, the intents
// in order.
func byIntent(calls []obs) [][]obs {
	groups := map[uint64][]obs{}
	for _, o := range calls {
		groups[o.intent] = append(groups[o.intent], o)
	}
	lists := make([][]obs, 0, len(groups))
	for _, intent := range sortedKeys(groups) {
		list := groups[intent]
		slices.SortFunc(list, func(a, b obs) int { return cmp.Compare(a.attempt, b.attempt) })
		lists = append(lists, list)
	}
	return lists
}
