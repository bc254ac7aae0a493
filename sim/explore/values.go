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

// What a receiver gets wrong may be a matter of values rather than of order: of long
// ids, of talk that lasts a day, of what the clock shows, of a memory that is short.
// They come from a stream of their own, so that what happens in the histories of a
// seed does not depend on them.

// Again is a callback that comes once more at the end of a history, when others
// have come in between.
type Again struct {
	Crowd    int             // calls that begin and are cancelled at once before; may be 0
	Callback script.Handling // of a call that has ended
}

// dress gives a history values that few calls have, seldom more than one kind. With
// names it may rename its people, and with crowds have many call at once, in pairs.
func (h *History) dress(seed, n uint64, names, crowds bool) *History {
	rng := draw.Stream(seed, "explore:values", n)
	kinds := []func(*rand.Rand) *History{
		func(*rand.Rand) *History { return h }, h.renamed, h.stretched, h.atBoundary, h.comesAgain,
	}
	dressed := kinds[weighted(rng, 50, 22, 10, 12, 6)](rng)
	if dressed == nil || dressed.Again != nil && !crowds || !names && !slices.Equal(dressed.users(), h.users()) || dressed.Lawful() != nil {
		return h
	}
	return dressed
}

// renamed has people with ids that are easily taken for another, or for a number, or
// calls with such ids or rooms; nil if there are too few of them.
func (h *History) renamed(rng *rand.Rand) *History {
	other := *h
	var id func(i int) string
	switch among(rng, "long", "cased", "digits", "trimmed", "like", "calls", "room") {
	case "long":
		id = func(i int) string { return fmt.Sprintf("the_same_sixteen%016d", i) } // the longest
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
		id = func(i int) string { return fmt.Sprint(144115212830834855 + int64(i)) } // that of the sample, and those next to it
		other.Number = h.Generation == wire.V4 && rng.IntN(2) == 0
	}
	ids := map[string]string{}
	for i, u := range h.users() {
		ids[u] = id(i)
	}
	return other.named(ids, nil)
}

// inPairs are ids of which each second one is the one before, spelled in another way.
func inPairs(spell func(name string) string) func(i int) string {
	return func(i int) string {
		name := people[i/2%len(people)] + strings.Repeat("-x", i/2/len(people))
		if i%2 == 1 {
			name = spell(name)
		}
		return name
	}
}

// inRoom has the first call take place in a room of that name.
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

// named is the history with other names of people and of calls; a name that is not
// there stays.
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
	if h.Again != nil {
		again := *h.Again
		again.Callback.Call = one(calls, again.Callback.Call)
		other.Again = &again
	}
	return other
}

// stretched makes those who talk go on for hours; nil if no one does.
func (h *History) stretched(rng *rand.Rand) *History {
	return h.longer(among(rng, 10*time.Hour, 25*time.Hour))
}

// longer puts some time between the first answer and what follows it.
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
	return h.with(ops).mended()
}

// boundaries are moments at which clocks show something else than a moment later, in
// some zone or in some type.
var boundaries = []string{
	"2026-06-15T00:00:00Z", "2027-01-01T00:00:00Z", "2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z",
	"2027-03-28T01:00:00Z", "2027-10-31T01:00:00Z", // Europe
	"2027-03-14T07:00:00Z", "2027-11-07T06:00:00Z", // New York
	"2038-01-19T03:14:08Z", // the end of 32 bits
}

// A history that is about a boundary begins some hours before it and goes on for
// longer; each time that it is played it begins a little later, so that it has a
// stretch of time of its own.
const (
	beforeBoundary = 9 * time.Hour
	overBoundary   = 10 * time.Hour
	eachLater      = 61 * time.Second
	latestBegin    = 8 * time.Hour
)

// atBoundary makes those who talk do so over a boundary; nil if no one does.
func (h *History) atBoundary(rng *rand.Rand) *History {
	at, err := time.Parse(time.RFC3339, among(rng, boundaries...))
	if err != nil {
		panic(err) // they are our own
	}
	other := h.longer(overBoundary)
	if other != nil {
		other.Begin = call.At(at.Add(-beforeBoundary))
	}
	return other
}

// beginning is when a history begins that is played as the n-th.
func (h *History) beginning(n uint64) call.Instant {
	return h.Begin.Add(time.Duration(n) * eachLater % latestBegin)
}

// comesAgain has the end of a call come again after those of many others; nil if no
// call has ended.
func (h *History) comesAgain(rng *rand.Rand) *History {
	r := h.rehearse()
	for _, o := range h.Operations {
		if r.do(o) != nil {
			return nil
		}
	}
	for _, name := range h.calls() {
		if other := h.endAgain(r, &Again{among(rng, 30, maxCrowd), script.Handling{Do: script.Duplicate, Call: name}}); other != nil {
			return other
		}
	}
	return nil
}

// endAgain has the end of a call come again, whatever its word is, at the end of a
// rehearsal; nil if there is none.
func (h *History) endAgain(r *rehearsal, like *Again) *History {
	other, again := *h, *like
	for _, w := range h.words() {
		again.Callback.Callback = w
		if other.Again = &again; w.Ends() && other.resendable(r) {
			return &other
		}
	}
	return nil
}

// sameAgain is the history with the end of the same call come again, though it may have
// become another one.
func (h *History) sameAgain() *History {
	if h.Again == nil {
		return h
	}
	r := h.rehearse()
	for _, o := range h.Operations {
		if r.do(o) != nil {
			return h
		}
	}
	if other := h.endAgain(r, h.Again); other != nil && !h.resendable(r) {
		return other
	}
	return h
}

// resendable reports whether the callback that comes again was made by a call that is
// over, at the end of a rehearsal.
func (h *History) resendable(r *rehearsal) bool {
	c := r.call(h.Again.Callback.Call)
	return c != nil && c.Phase == call.Over && c.Callback(h.Again.Callback.Callback, 0, 0) != nil
}

// finale are the sentences of what comes after all operations.
func (h *History) finale() (lines []string) {
	if h.Again == nil {
		return nil
	}
	if h.Again.Crowd > 0 {
		if len(h.faults()) > 0 {
			lines = append(lines, "there are no faults")
		}
		lines = append(lines, fmt.Sprintf("%d calls end as cancel at once", h.Again.Crowd))
	}
	return append(lines, script.Operation{Do: h.Again.Callback}.String())
}

// fewerValues leaves out what is special about a history besides what happens.
func fewerValues(h *History) (list []*History) {
	with := func(change func(*History)) {
		other := *h
		change(&other)
		list = append(list, &other)
	}
	if h.Number {
		with(func(o *History) { o.Number = false })
	}
	if h.LongIDs {
		with(func(o *History) { o.LongIDs = false })
	}
	if h.Begin != 0 {
		with(func(o *History) { o.Begin = 0 })
	}
	if a := h.Again; a != nil {
		with(func(o *History) { o.Again = nil })
		for _, fewer := range []int{0, 30} {
			if fewer < a.Crowd {
				with(func(o *History) { o.Again = &Again{fewer, a.Callback} })
			}
		}
	}
	return list
}

// valueTraits are those of a history's values that are left in it.
func valueTraits(h *History, b *Breach) (t trait) {
	if h.Number {
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
		if slices.ContainsFunc(users[:i], func(o string) bool { return near(o, u) }) || strings.Trim(u, "_-") != u {
			t |= nearIDs
		}
	}
	if h.length() >= 9*time.Hour {
		t |= longTalk
	}
	if h.Begin != 0 {
		t |= overClocks
	}
	if a := h.Again; a != nil && a.Crowd > 0 {
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

// near reports whether two ids are one for whoever folds case, or for whom an underscore
// is any character.
func near(a, b string) bool {
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

// sampleRoom is that of the v1 pages.
const sampleRoom = "Alice's Room"
