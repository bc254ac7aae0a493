package explore

import (
	"math/rand/v2"
	"slices"
	"time"

	"ringback/sim/call"
	"ringback/sim/draw"
	"ringback/sim/script"
	"ringback/sim/wire"
)

// Draw makes the n-th history of a seed, where silent phones are offline after
// a while (0 means the usual). It is lawful, whatever is drawn: each operation
// is tried in a rehearsal, and what the rules refuse is left out.
func Draw(seed, n uint64, g wire.Generation, heartbeat time.Duration) *History {
	return happenings(seed, n, g, 0, heartbeat, "").dress(seed, n, true, true)
}

// happenings is a history without odd values, with calls of one type alone: single or
// group; "" or all: of both. Of its callbacks some words are sent, or all (0).
func happenings(seed, n uint64, g wire.Generation, takes wire.Words, heartbeat time.Duration, types string) *History {
	h := &History{Generation: g, takes: takes, heartbeat: heartbeat}
	a := &author{rng: draw.Stream(seed, "explore:history", n), h: h, rehearsal: h.rehearse(), types: types}
	a.plot()
	a.maltreat()
	a.tell()
	if a.h.Lawful() != nil {
		a.close()
	}
	if a.h.Lawful() != nil {
		a.forgoFaults()
	}
	return a.h
}

// author writes one history.
type author struct {
	rng *rand.Rand
	h   *History
	*rehearsal
	types string // of calls

	now    time.Duration
	theme  theme
	calls  int     // that are still to be placed
	rooms  []mood  // of the calls, in their order
	left   int     // operations that are still to come
	ending float64 // how probably all calls end
}

// theme is what a history is about. What is about anything seldom comes to some
// of what goes wrong.
type theme int

const (
	anything  theme = iota
	twins           // two calls do the same at the same moments
	comings         // people come into a group call and leave it, and it goes on
	longTable       // a list of many, and the call goes on
)

var callNames = []string{"first", "second", "third", "fourth"}

// mood is what rooms a history's calls have.
type mood string

const (
	madeUp mood = "" // numbers, each its own
	shared mood = "standup"
	cased  mood = "Retro" // and retro
)

// texts are rooms and user data as people write them.
var texts = []string{"Alice's Room", "会议室 🎉", `"quoted" \ and 100%`, "Ünïcode", "a'; DROP TABLE calls; --", "0042"}

// among draws one of a list.
func among[T any](rng *rand.Rand, list ...T) T { return list[rng.IntN(len(list))] }

// chance is true as often as a share says.
func (a *author) chance(share float64) bool { return a.rng.Float64() < share }

// weighted draws an index by weights.
func weighted(rng *rand.Rand, weights ...int) int {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	at := rng.IntN(sum)
	for i, w := range weights {
		if at -= w; at < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// plot decides what kind of history it will be.
func (a *author) plot() {
	a.theme = theme(weighted(a.rng, 57, 15, 16, 12))
	a.calls = 1 + weighted(a.rng, 45, 35, 12, 8)
	a.left = 3 + a.rng.IntN(4+4*a.calls)
	a.ending = among(a.rng, 0.3, 0.7, 1)
	switch a.theme {
	case twins:
		a.calls = max(a.calls, 2)
	case comings:
		a.calls, a.left, a.ending = 1, 4+a.rng.IntN(5), 0.1
	case longTable:
		a.calls, a.left, a.ending = 1, a.rng.IntN(4), 0.2
	}
	room := []mood{madeUp, shared, cased, mood(among(a.rng, texts...))}[weighted(a.rng, 55, 15, 15, 15)]
	for range a.calls {
		a.rooms = append(a.rooms, room)
	}
}

// tell writes the operations.
func (a *author) tell() {
	for a.place(); a.left > 0; a.left-- {
		a.pass()
		switch {
		case a.calls > 0 && a.chance(0.35) || a.running() == nil && a.calls > 0:
			a.place()
		case a.theme == comings && a.chance(0.3):
			a.overtake()
		case a.chance(0.06):
			a.add(script.Faults(a.someFaults()))
		case len(a.h.faults()) > 0 && a.chance(0.08):
			a.add(script.Faults(nil))
		default:
			a.act()
		}
	}
	if a.chance(a.ending) {
		a.close()
	}
	if a.now > a.h.length() { // phones may have stopped ringing meanwhile
		a.add(script.Wait{})
	}
}

// pass lets time pass, or none at all.
func (a *author) pass() {
	switch weighted(a.rng, 15, 65, 12, 8) {
	case 1:
		a.now += time.Duration(1+a.rng.IntN(5)) * time.Second
	case 2:
		a.now += time.Duration(6+a.rng.IntN(7)) * time.Second
	case 3:
		a.now += 31 * time.Second // as long as phones ring, and heartbeats count
	}
}

// add writes an operation if the rules allow it.
func (a *author) add(do script.Deed) bool {
	o := script.Operation{At: call.Span(a.now), Do: do}
	if a.do(o) != nil {
		return false
	}
	a.h.Operations = append(a.h.Operations, o)
	return true
}

// running are the calls that go on.
func (a *author) running() (names []string) {
	for _, n := range a.h.calls() {
		if a.call(n).Phase != call.Over {
			names = append(names, n)
		}
	}
	return names
}

// place places the next call, or at the start two at once.
func (a *author) place() {
	if a.add(a.newCall()) {
		a.calls--
	}
	if a.theme == twins && len(a.h.calls()) == 1 && a.calls > 0 {
		p := a.h.placed()[0]
		p.Call, p.Room = callNames[1], ""
		p.Caller, p.Callees, p.Busy, p.Unreachable = "", nil, nil, nil
		free := a.free()
		if n := len(a.h.placed()[0].Callees); len(free) > n {
			p.Caller, p.Callees = free[0], free[1:1+n]
			if a.add(p) {
				a.calls--
			}
		}
	}
}

// free are people in no call, in a random order.
func (a *author) free() (list []string) {
	in := map[string]bool{}
	for _, n := range a.running() {
		c := a.call(n)
		for i := range c.Members {
			if c.Members[i].Present() {
				in[c.Members[i].ID] = true
			}
		}
	}
	for _, p := range people {
		if !in[p] {
			list = append(list, p)
		}
	}
	a.rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// newCall is the next call. Who is called may be in another one, and is busy
// then.
func (a *author) newCall() script.Place {
	n := len(a.h.calls())
	p := script.Place{Call: callNames[n], Room: a.room(n)}
	free := a.free()
	if len(free) < 2 {
		return p // refused
	}
	p.Caller = free[0]
	others := free[1:]
	if a.chance(0.15) {
		others = slices.DeleteFunc(slices.Clone(people), func(u string) bool { return u == p.Caller })
		a.rng.Shuffle(len(others), func(i, j int) { others[i], others[j] = others[j], others[i] })
	}
	kind := weighted(a.rng, 55, 35, 10)
	switch a.theme {
	case comings:
		kind = 1
	case longTable:
		kind = 2
	}
	switch kind {
	case 0:
		p.Callees = others[:1]
		p.Group = a.chance(0.05)
	case 1:
		p.Callees = others[:min(len(others), 2+a.rng.IntN(3))]
	default: // a long list
		for i := range 10 + a.rng.IntN(maxMembers-9) {
			p.Callees = append(p.Callees, member(i+1))
		}
	}
	switch {
	case a.types == "single":
		p.Callees, p.Group = p.Callees[:1], false
	case a.types == "group" && kind == 0:
		p.Callees, p.Group = others[:min(len(others), 2)], true
	case a.types == "group" && len(p.Callees) == 1: // no one else is free
		p.Group = true
	}
	if a.chance(0.3) {
		p.Media = call.Video
	}
	switch weighted(a.rng, 70, 8, 8, 4, 4, 6) {
	case 1:
		p.Busy = p.Callees[:1]
	case 2:
		p.Unreachable = p.Callees[:1]
	case 3:
		p.RingLater = true
	case 4:
		p.Fails = true
	case 5:
		p.UserData = among(a.rng, texts...)
	}
	return p
}

// room is that of the n-th call. Two calls share one only one after the other,
// or if letter case tells them apart.
func (a *author) room(n int) string {
	switch m := a.rooms[n]; m {
	case cased:
		if n%2 == 1 {
			return "retro"
		}
	case shared, madeUp:
	default:
		if n > 0 {
			return ""
		}
	}
	if name := string(a.rooms[n]); !a.taken(name) {
		return name
	}
	return ""
}

// forgoFaults takes the faults back, which would hold a callback back for ever.
func (a *author) forgoFaults() {
	a.h.Operations = slices.DeleteFunc(a.h.Operations, func(o script.Operation) bool { return asFaults(o) != nil })
}
