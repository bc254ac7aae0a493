package explore

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"ringback/sim/call"
	"ringback/sim/draw"
	"ringback/sim/script"
	"ringback/sim/wire"
)

// Some receivers fail on values rather than on order: long ids, a talk of a day, a
// clock change, an end repeated after many calls. These values are drawn from a stream
// of their own, so that the operations of a seed do not depend on them.

// Repeat is a callback that is sent again at the end of a history.
type Repeat struct {
	Crowd    int             // calls played in between, cancelled at once; may be 0
	Callback script.Handling // of a call that has ended
}

// withRareValues returns the history with values of at most one rare kind. names allows
// new names for its people, crowds a [Repeat.Crowd].
func (h *History) withRareValues(seed, n uint64, names, crowds bool) *History {
	rng := draw.Stream(seed, "explore:values", n)
	kinds := []func(*rand.Rand) *History{
		func(*rand.Rand) *History { return h }, h.renamed, h.stretched, h.atBoundary, h.repeatingEnd,
	}
	dressed := kinds[weighted(rng, 50, 22, 10, 12, 6)](rng)
	if dressed == nil || dressed.Repeat != nil && !crowds || !names && !slices.Equal(dressed.users(), h.users()) || dressed.Lawful() != nil {
		return h
	}
	return dressed
}

// renamed gives people ids that are easily confused, or calls such ids or rooms; nil if
// there are too few of them.
func (h *History) renamed(rng *rand.Rand) *History {
	other := *h
	var id func(i int) string
	switch pick(rng, "long", "cased", "digits", "trimmed", "like", "calls", "room") {
	case "long":
		id = func(i int) string { return fmt.Sprintf("the_same_sixteen%016d", i) } // 32 characters, the maximum
	case "cased":
		id = inPairs(func(name string) string { return strings.ToUpper(name[:1]) + name[1:] })
	case "trimmed":
		id = inPairs(func(name string) string { return name + "_" })
	case "like":
		id = inPairs(func(name string) string { return name[:1] + "_" + name[2:] })
	case "calls":
		if len(h.calls()) < 2 {
			return nil
		}
		return h.withLongIDs()
	case "room":
		return h.inRoom("1 + 1 is %32")
	default:
		id = func(i int) string { return fmt.Sprint(144115212830834855 + int64(i)) } // the id of the documents' sample, and those next to it
		other.NumberIDs = h.Generation == wire.V4 && rng.IntN(2) == 0
	}
	ids := map[string]string{}
	for i, u := range h.users() {
		ids[u] = id(i)
	}
	return other.named(ids, nil)
}

// inPairs returns ids in pairs: each second one is a variant of the one before.
func inPairs(spell func(name string) string) func(i int) string {
	return func(i int) string {
		name := people[i/2%len(people)] + strings.Repeat("-x", i/2/len(people))
		if i%2 == 1 {
			name = spell(name)
		}
		return name
	}
}

// inRoom returns the history with the first call in a room.
func (h *History) inRoom(name string) *History {
	ops := slices.Clone(h.Operations)
	for i, o := range ops {
		if p, ok := o.Do.(script.Place); ok {
			p.Room = name
			ops[i].Do = p
			break
		}
	}
	return h.with(ops)
}

// named returns the history with other names for people and calls; a name not in the
// maps is kept.
func (h *History) named(people, calls map[string]string) *History {
	one := func(names map[string]string, name string) string {
		if other, ok := names[name]; ok {
			return other
		}
		return name
	}
	all := func(list []string) (named []string) {
		for _, u := range list {
			named = append(named, one(people, u))
		}
		return named
	}
	ops := slices.Clone(h.Operations)
	for i, o := range ops {
		switch do := o.Do.(type) {
		case script.Place:
			do.Call, do.Caller = one(calls, do.Call), one(people, do.Caller)
			do.Callees, do.Busy, do.Unreachable = all(do.Callees), all(do.Busy), all(do.Unreachable)
			ops[i].Do = do
		case script.Act:
			do.Call, do.Action.Users = one(calls, do.Call), all(do.Action.Users)
			if do.Action.By != "" {
				do.Action.By = one(people, do.Action.By)
			}
			ops[i].Do = do
		}
	}
	other := h.with(ops)
	if h.Repeat != nil {
		again := *h.Repeat
		again.Callback.Call = one(calls, again.Callback.Call)
		other.Repeat = &again
	}
	return other
}

// stretched returns the history with a talk of hours; nil if no one talks.
func (h *History) stretched(rng *rand.Rand) *History {
	return h.longer(pick(rng, 10*time.Hour, 25*time.Hour))
}

// longer inserts some time after the first answer.
func (h *History) longer(by time.Duration) *History {
	i := slices.IndexFunc(h.Operations, func(o script.Operation) bool {
		a, ok := o.Do.(script.Act)
		return ok && a.Action.Do == call.DoAccept
	})
	if i < 0 {
		return nil
	}
	ops := slices.Clone(h.Operations)
	for j := i + 1; j < len(ops); j++ {
		ops[j].At += call.Span(by)
	}
	return h.with(ops).repaired()
}

// boundaries are times at which a date, a zone's offset or a 32-bit counter changes.
var boundaries = []string{
	"2026-06-15T00:00:00Z", "2027-01-01T00:00:00Z", "2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z",
	"2027-03-28T01:00:00Z", "2027-10-31T01:00:00Z", // Europe
	"2027-03-14T07:00:00Z", "2027-11-07T06:00:00Z", // New York
	"2038-01-19T03:14:08Z", // the end of 32 bits
}

// A history across a boundary begins hours before it and ends after it. Each execution
// begins a little later, so that no two have the same times.
const (
	beforeBoundary = 9 * time.Hour
	overBoundary   = 10 * time.Hour
	beginStep      = 61 * time.Second
	maxBeginShift  = 8 * time.Hour
)

// atBoundary returns the history with a talk across a boundary; nil if no one talks.
func (h *History) atBoundary(rng *rand.Rand) *History {
	at, err := time.Parse(time.RFC3339, pick(rng, boundaries...))
	if err != nil {
		panic(err) // constants of this package
	}
	other := h.longer(overBoundary)
	if other != nil {
		other.Begin = call.At(at.Add(-beforeBoundary))
	}
	return other
}

// beginning returns when the n-th execution begins, for a history with Begin set.
func (h *History) beginning(n uint64) call.Instant {
	return h.Begin.Add(time.Duration(n) * beginStep % maxBeginShift)
}

// repeatingEnd returns the history with the end of a call sent again after many other
// calls; nil if no call has ended.
func (h *History) repeatingEnd(rng *rand.Rand) *History {
	r := h.rehearse()
	for _, o := range h.Operations {
		if r.do(o) != nil {
			return nil
		}
	}
	for _, name := range h.calls() {
		if other := h.withEndRepeated(r, &Repeat{pick(rng, 30, maxCrowd), script.Handling{Do: script.Duplicate, Call: name}}); other != nil {
			return other
		}
	}
	return nil
}

// withEndRepeated repeats the end of the call of like, whichever word it has, at the end
// of a rehearsal; nil if there is none.
func (h *History) withEndRepeated(r *rehearsal, like *Repeat) *History {
	other, again := *h, *like
	for _, w := range h.words() {
		again.Callback.Callback = w
		if other.Repeat = &again; w.Ends() && other.resendable(r) {
			return &other
		}
	}
	return nil
}

// sameEndRepeated returns the history with the end of the same call repeated, even if
// simplifying changed that end's word.
func (h *History) sameEndRepeated() *History {
	if h.Repeat == nil {
		return h
	}
	r := h.rehearse()
	for _, o := range h.Operations {
		if r.do(o) != nil {
			return h
		}
	}
	if other := h.withEndRepeated(r, h.Repeat); other != nil && !h.resendable(r) {
		return other
	}
	return h
}

// resendable reports, at the end of a rehearsal, whether the call of the repeated callback
// is over and has sent it.
func (h *History) resendable(r *rehearsal) bool {
	c := r.call(h.Repeat.Callback.Call)
	return c != nil && c.Phase == call.Over && c.Callback(h.Repeat.Callback.Callback, 0, 0) != nil
}

// closingSteps returns the sentences that come after all operations.
func (h *History) closingSteps() (lines []string) {
	if h.Repeat == nil {
		return nil
	}
	if h.Repeat.Crowd > 0 {
		if len(h.faults()) > 0 {
			lines = append(lines, "there are no faults")
		}
		lines = append(lines, fmt.Sprintf("%d calls end as cancel at once", h.Repeat.Crowd))
	}
	return append(lines, script.Operation{Do: h.Repeat.Callback}.String())
}

// fewerValues removes the rare values of a history.
func fewerValues(h *History) (list []*History) {
	with := func(change func(*History)) {
		other := *h
		change(&other)
		list = append(list, &other)
	}
	if h.NumberIDs {
		with(func(o *History) { o.NumberIDs = false })
	}
	if h.LongIDs {
		with(func(o *History) { o.LongIDs = false })
	}
	if h.Begin != 0 {
		with(func(o *History) { o.Begin = 0 })
	}
	if a := h.Repeat; a != nil {
		with(func(o *History) { o.Repeat = nil })
		for _, fewer := range []int{0, 30} {
			if fewer < a.Crowd {
				with(func(o *History) { o.Repeat = &Repeat{fewer, a.Callback} })
			}
		}
	}
	return list
}

// valueTraits returns the traits of a history's rare values.
func valueTraits(h *History, b *Violation) (t trait) {
	if h.NumberIDs {
		t |= numberIDs
	}
	if h.LongIDs {
		t |= longCallIDs
	}
	users := h.users()
	for i, u := range users {
		if len(u) == 32 || strings.Trim(u, "0123456789") == "" {
			t |= oddIDs
		}
		if slices.ContainsFunc(users[:i], func(o string) bool { return alike(o, u) }) || strings.Trim(u, "_-") != u {
			t |= nearIDs
		}
	}
	if h.length() >= 9*time.Hour {
		t |= longTalk
	}
	if h.Begin != 0 {
		t |= overClocks
	}
	if a := h.Repeat; a != nil && a.Crowd > 0 {
		t |= inBetween | severalCalls
	} else if a != nil {
		t |= repeated
	}
	for _, p := range h.placed() {
		if p.Call == b.Call && p.Room == sampleRoom && h.Generation == wire.V1 {
			t |= roomOfSample
		}
	}
	return t
}

// alike reports whether two ids are equal to a receiver that ignores case, or that treats
// an underscore as a wildcard.
func alike(a, b string) bool {
	if strings.EqualFold(a, b) {
		return true
	}
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if a[i] != b[i] && a[i] != '_' && b[i] != '_' {
			return false
		}
	}
	return true
}

// sampleRoom is the room in the samples of the v1 pages.
const sampleRoom = "Alice's Room"
