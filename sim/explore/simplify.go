package explore

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"ringback/sim/call"
	"ringback/sim/script"
)

// pass returns simplified versions of a history, most reduced first. They need not be
// lawful.
type pass func(*History) []*History

// passes are tried in this order: whole calls, rare values, operations in chunks and
// one by one, then simpler forms of what is left.
var passes = []pass{fewerCalls, fewerValues, fewerOperations, fewerPairs, simplerFaults, simplerCalls, simplerTimes, simplerNames}

// fewerCalls leaves out one call with everything in it.
func fewerCalls(h *History) (list []*History) {
	for _, name := range slices.Backward(h.calls()) {
		list = append(list, h.without(func(o script.Operation) bool { return callOf(o) == name }))
	}
	return list
}

func callOf(o script.Operation) string {
	switch do := o.Do.(type) {
	case script.Place:
		return do.Call
	case script.Act:
		return do.Call
	}
	return ""
}

// without returns the history without some operations and those that depend on them.
// Faults that name a call by number still name the same call.
func (h *History) without(leaveOut func(script.Operation) bool) *History {
	ops := slices.DeleteFunc(slices.Clone(h.Operations), leaveOut)
	return h.with(ops).repaired().renumbered(h)
}

// renumbered adjusts the call numbers in faults to a history with fewer calls. Faults
// of a call that is gone are removed.
func (h *History) renumbered(before *History) *History {
	old, now := before.calls(), h.calls()
	ops := slices.Clone(h.Operations)
	for i, o := range ops {
		on := asFaults(o)
		if on == nil {
			continue
		}
		kept := script.Faults{}
		for _, spec := range on {
			rest, number, ok := cutCall(spec)
			if !ok {
				kept = append(kept, spec)
			} else if at := slices.Index(now, nameAt(old, number)); at >= 0 {
				kept = append(kept, fmt.Sprintf("%s#%d", rest, at+1))
			}
		}
		ops[i].Do = kept
	}
	return h.with(ops)
}

// nameAt returns the n-th name, from 1, or "none".
func nameAt(names []string, n int) string {
	if n < 1 || n > len(names) {
		return "none"
	}
	return names[n-1]
}

// cutCall splits a fault into what comes before '#' and the number of its call.
func cutCall(spec string) (rest string, number int, ok bool) {
	rest, digits, ok := strings.Cut(spec, "#")
	number, _ = strconv.Atoi(digits)
	return rest, number, ok
}

// fewerOperations leaves out chunks of operations: halves first, single ones last. It
// starts at the end, since what follows a violation is not needed.
func fewerOperations(h *History) (list []*History) {
	n := len(h.Operations)
	for size := n / 2; size > 0; size /= 2 {
		for end := n; end > 0; end -= size {
			begin := max(0, end-size)
			i := -1
			list = append(list, h.without(func(script.Operation) bool { i++; return begin <= i && i < end }))
		}
	}
	return list
}

// fewerPairs leaves out any two operations, if there are at most 8.
func fewerPairs(h *History) (list []*History) {
	const few = 8
	n := len(h.Operations)
	if n > few {
		return nil
	}
	for a := range n {
		for b := a + 1; b < n; b++ {
			i := -1
			list = append(list, h.without(func(script.Operation) bool { i++; return i == a || i == b }))
		}
	}
	return list
}

// edit returns the history with one operation replaced.
func (h *History) edit(i int, do script.Deed) *History {
	ops := slices.Clone(h.Operations)
	ops[i].Do = do
	return h.with(ops).repaired()
}

// simplerFaults removes faults, simplifies them, or turns them on from the start.
func simplerFaults(h *History) (list []*History) {
	for i, o := range h.Operations {
		on, ok := o.Do.(script.Faults)
		if ok && len(on) == 0 { // perhaps only the time matters
			list = append(list, h.edit(i, script.Wait{}))
		}
		for j := range on {
			list = append(list, h.edit(i, slices.Delete(slices.Clone(on), j, j+1)))
		}
		for j := range on {
			for _, spec := range simplerFault(h, on[j]) {
				other := slices.Clone(on)
				other[j] = spec
				list = append(list, h.edit(i, other))
			}
		}
		if on != nil && i > 0 {
			ops := slices.Delete(slices.Clone(h.Operations), i, i+1)
			ops = slices.Insert(ops, 0, script.Operation{Do: on})
			list = append(list, h.with(ops).repaired())
		}
	}
	if h.Retry {
		other := *h
		other.Retry = false
		list = append(list, &other)
	}
	return list
}

// simplerFault returns simpler faults to try in place of one.
func simplerFault(h *History, spec string) (list []string) {
	harm, scope := faultKindOf(spec), scopeOf(spec)
	if harm == nil {
		return nil
	}
	add := func(s string) {
		if s != spec {
			list = append(list, s)
		}
	}
	if word, _, ok := cutCall(scope); ok {
		add(unscoped(spec) + word)
	}
	if harm.needsRetry || harm.name == "replay" || harm.name == "race" {
		add("duplicate" + scope)
	}
	for _, amount := range harm.amounts {
		if harm.name+amount == unscoped(spec) {
			break
		}
		add(harm.name + amount + scope)
	}
	if scope == "" {
		words := append(append([]string{endWord(h.Generation)}, startWords(h.Generation)...), changeWords(h.Generation)...)
		for _, w := range words {
			add(unscoped(spec) + "@" + w)
		}
	}
	return list
}

// simplerCalls simplifies the setup of each call, and invitations of several users.
func simplerCalls(h *History) (list []*History) {
	for i, o := range h.Operations {
		switch do := o.Do.(type) {
		case script.Place:
			list = append(list, h.withCancel(do))
			for _, p := range simplerSetups(do) {
				list = append(list, h.edit(i, p))
			}
		case script.Act:
			if len(do.Action.Users) > 1 {
				do.Action.Users = do.Action.Users[:1]
				list = append(list, h.edit(i, do))
			}
		}
	}
	return list
}

// withCancel replaces everything that happens in a call by a cancellation by its caller.
func (h *History) withCancel(p script.Place) *History {
	var ops []script.Operation
	last := call.Span(0)
	for _, o := range h.Operations {
		if a, ok := o.Do.(script.Act); ok && a.Call == p.Call {
			last = o.At
		}
	}
	give := script.Operation{At: last, Do: script.Act{Call: p.Call, Action: call.Action{Do: call.DoCancel, By: p.Caller}}}
	for _, o := range h.Operations {
		a, ok := o.Do.(script.Act)
		switch {
		case !ok || a.Call != p.Call:
			ops = append(ops, o)
		case o.At == last && give.Do != nil:
			ops = append(ops, give)
			give.Do = nil
		}
	}
	return h.with(ops)
}

// simplerSetups returns variants of a call with one feature fewer each.
func simplerSetups(p script.Place) (list []script.Place) {
	with := func(change func(*script.Place)) {
		other := p
		other.Callees = slices.Clone(p.Callees)
		if change(&other); !reflect.DeepEqual(other, p) {
			list = append(list, other)
		}
	}
	for n := len(p.Callees); n > 1; n = (n + 1) / 2 {
		with(func(o *script.Place) { keepCallees(o, (n+1)/2) })
	}
	if n := len(p.Callees); n > 2 {
		with(func(o *script.Place) { keepCallees(o, n-1) })
	}
	for _, change := range []func(*script.Place){
		func(o *script.Place) { o.Media = call.Audio },
		func(o *script.Place) { o.Group = false },
		func(o *script.Place) { o.Busy = nil },
		func(o *script.Place) { o.Unreachable = nil },
		func(o *script.Place) { o.Room = "" },
		func(o *script.Place) {
			if o.Room != "" {
				o.Room = string(sharedRoom)
			}
		},
		func(o *script.Place) { o.UserData = "" },
		func(o *script.Place) { o.RingLater = false },
	} {
		with(change)
	}
	return list
}

// simplerTimes sets the gaps between operations to a second, or to no more than now.
func simplerTimes(h *History) (list []*History) {
	atOnce := func(i int) bool { // faults take effect just before the next operation
		return asFaults(h.Operations[i]) != nil || asFaults(h.Operations[i-1]) != nil
	}
	paced := func(gap func(i int, now time.Duration) time.Duration) *History {
		ops := slices.Clone(h.Operations)
		at := time.Duration(0)
		for i := range ops {
			if i > 0 {
				at += gap(i, time.Duration(h.Operations[i].At-h.Operations[i-1].At))
			}
			ops[i].At = call.Span(at)
		}
		return h.with(ops)
	}
	list = append(list, paced(func(i int, now time.Duration) time.Duration {
		if atOnce(i) {
			return 0
		}
		return time.Second
	}))
	list = append(list, paced(func(_ int, now time.Duration) time.Duration { return min(now, time.Second) }))
	for i := 1; i < len(h.Operations); i++ {
		only := func(to func(time.Duration) time.Duration) *History {
			return paced(func(j int, now time.Duration) time.Duration {
				if i == j {
					return to(now)
				}
				return now
			})
		}
		if atOnce(i) {
			list = append(list, only(func(time.Duration) time.Duration { return 0 }))
		} else {
			for _, limit := range []time.Duration{time.Second, 10 * time.Second, 30 * time.Second} {
				list = append(list, only(func(now time.Duration) time.Duration { return min(now, limit) }))
			}
			list = append(list, only(func(now time.Duration) time.Duration { return max(now, time.Second) }))
		}
	}
	return list
}

// keepCallees keeps the first n callees.
func keepCallees(p *script.Place, n int) {
	p.Callees = p.Callees[:n]
	gone := func(u string) bool { return !slices.Contains(p.Callees, u) }
	p.Busy = slices.DeleteFunc(slices.Clone(p.Busy), gone)
	p.Unreachable = slices.DeleteFunc(slices.Clone(p.Unreachable), gone)
}

// simplerNames renames people and calls in order of appearance; the only call of a
// history gets no name.
func simplerNames(h *History) []*History {
	users, calls := map[string]string{}, map[string]string{}
	for i, u := range h.users() {
		users[u] = member(i + 1)
		if i < len(people) {
			users[u] = people[i]
		}
	}
	for i, name := range h.calls() {
		calls[name] = callNames[i]
	}
	if len(calls) == 1 && !h.several() {
		calls[h.calls()[0]] = ""
	}
	return []*History{h.named(users, calls)}
}
