package explore

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"ringback/sim/call"
	"ringback/sim/script"
)

// level makes smaller histories of one, the boldest first. Not all of them
// are lawful.
type level func(*History) []*History

// levels are in the order in which they are tried: whole calls, odd values, operations
// in chunks and one by one, then what is left is made simpler.
var levels = []level{fewerCalls, fewerValues, fewerOperations, fewerPairs, simplerFaults, simplerCalls, simplerTimes, simplerNames}

// fewerCalls leaves out each call with all that happens in it.
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

// without is the history without some operations and what makes no sense
// without them. Faults that name a call by its number keep to that call.
func (h *History) without(leaveOut func(script.Operation) bool) *History {
	ops := slices.DeleteFunc(slices.Clone(h.Operations), leaveOut)
	return h.with(ops).mended().renumbered(h)
}

// renumbered has faults of one call concern the same one as in another history,
// or nothing if it is gone.
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

// nameAt is the name of the n-th call, from 1, or "none".
func nameAt(names []string, n int) string {
	if n < 1 || n > len(names) {
		return "none"
	}
	return names[n-1]
}

// cutCall cuts the number of a call off a fault.
func cutCall(spec string) (rest string, number int, ok bool) {
	rest, digits, ok := strings.Cut(spec, "#")
	number, _ = strconv.Atoi(digits)
	return rest, number, ok
}

// fewerOperations leaves out chunks, by halves down to one at a time. The last
// ones come first: what follows what was found is of no use.
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

// fewerPairs leaves out any two operations, once there are few.
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

// edit is the history with one operation changed.
func (h *History) edit(i int, do script.Deed) *History {
	ops := slices.Clone(h.Operations)
	ops[i].Do = do
	return h.with(ops).mended()
}

// simplerFaults leaves out faults, then what makes them special; it has those
// that are on later be on from the start.
func simplerFaults(h *History) (list []*History) {
	for i, o := range h.Operations {
		on, ok := o.Do.(script.Faults)
		if ok && len(on) == 0 { // perhaps only the time is needed
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
			list = append(list, h.with(ops).mended())
		}
	}
	if h.Retry {
		other := *h
		other.Retry = false
		list = append(list, &other)
	}
	return list
}

// simplerFault are faults that are easier to understand than one, and do less.
func simplerFault(h *History, spec string) (list []string) {
	harm, scope := harmOf(spec), scopeOf(spec)
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
	if harm.retried || harm.name == "replay" || harm.name == "race" {
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

// simplerCalls makes each call a plainer one.
func simplerCalls(h *History) (list []*History) {
	for i, o := range h.Operations {
		switch do := o.Do.(type) {
		case script.Place:
			list = append(list, h.cancelled(do))
			for _, p := range plainer(do) {
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

// cancelled has a call be given up by its caller, instead of all that happens in
// it.
func (h *History) cancelled(p script.Place) *History {
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

// plainer are the calls that have one thing less each.
func plainer(p script.Place) (list []script.Place) {
	with := func(change func(*script.Place)) {
		other := p
		other.Callees = slices.Clone(p.Callees)
		change(&other)
		list = append(list, other)
	}
	for n := len(p.Callees); n > 1; n = (n + 1) / 2 {
		half := (n + 1) / 2
		if half < n {
			with(func(o *script.Place) { keepCallees(o, half) })
		}
	}
	if n := len(p.Callees); n > 2 {
		with(func(o *script.Place) { keepCallees(o, n-1) })
	}
	if p.Media != call.Audio {
		with(func(o *script.Place) { o.Media = call.Audio })
	}
	if p.Group {
		with(func(o *script.Place) { o.Group = false })
	}
	if len(p.Busy) > 0 {
		with(func(o *script.Place) { o.Busy = nil })
	}
	if len(p.Unreachable) > 0 {
		with(func(o *script.Place) { o.Unreachable = nil })
	}
	if p.Room != "" {
		with(func(o *script.Place) { o.Room = "" })
		with(func(o *script.Place) { o.Room = string(shared) })
	}
	if p.UserData != "" {
		with(func(o *script.Place) { o.UserData = "" })
	}
	if p.RingLater {
		with(func(o *script.Place) { o.RingLater = false })
	}
	return list
}

// simplerTimes has a second between one operation and the next, or as few as
// may be.
func simplerTimes(h *History) (list []*History) {
	atOnce := func(i int) bool { // faults are there before what they hit
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
			for _, most := range []time.Duration{time.Second, 10 * time.Second, 30 * time.Second} {
				list = append(list, only(func(now time.Duration) time.Duration { return min(now, most) }))
			}
			list = append(list, only(func(now time.Duration) time.Duration { return max(now, time.Second) }))
		}
	}
	return list
}

// keepCallees leaves the first n of them.
func keepCallees(p *script.Place, n int) {
	p.Callees = p.Callees[:n]
	gone := func(u string) bool { return !slices.Contains(p.Callees, u) }
	p.Busy = slices.DeleteFunc(slices.Clone(p.Busy), gone)
	p.Unreachable = slices.DeleteFunc(slices.Clone(p.Unreachable), gone)
}

// simplerNames has people and calls named in the order in which they come, and
// a call that is alone not named at all.
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
