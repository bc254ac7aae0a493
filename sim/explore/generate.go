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

// Draw returns the n-th history of a seed. Every history is lawful (see
// [History.Lawful]): each operation is tried in a rehearsal, and what the rules
// refuse is left out. A phone that sends no heartbeat for the time given is
// offline; 0 means the default.
func Draw(seed, n uint64, g wire.Generation, heartbeat time.Duration) *History {
	return generate(seed, n, g, 0, heartbeat, "").withRareValues(seed, n, true, true)
}

// generate returns a history without rare values, with calls of one type: single or
// group; "" or all means both. Only the callbacks in takes are sent; 0 means all.
func generate(seed, n uint64, g wire.Generation, takes wire.Words, heartbeat time.Duration, types string) *History {
	h := &History{Generation: g, takes: takes, heartbeat: heartbeat}
	a := &generator{rng: draw.Stream(seed, "explore:history", n), h: h, rehearsal: h.rehearse(), types: types}
	a.chooseKind()
	a.addInitialFaults()
	a.addOperations()
	if a.h.Lawful() != nil {
		a.endCalls()
	}
	if a.h.Lawful() != nil {
		a.removeFaults()
	}
	return a.h
}

// generator builds one history.
type generator struct {
	rng *rand.Rand
	h   *History
	*rehearsal
	types string // of the calls: single, group, or all

	now          time.Duration
	bias         bias
	calls        int          // still to be placed
	rooms        []roomChoice // one for each call, in order
	remaining    int          // operations still to be added
	endingChance float64      // probability that all calls end
}

// bias makes a history test one kind of situation. Without a bias some faults are
// rarely reached.
type bias int

const (
	unbiased          bias = iota
	twinCalls              // two calls do the same at the same times
	joiningAndLeaving      // people join and leave a group call that stays open
	manyCallees            // 10 or more callees, and the call stays open
)

var callNames = []string{"first", "second", "third", "fourth"}

// roomChoice is how a history's calls get their rooms. Any other value is a room
// name for the first call.
type roomChoice string

const (
	ownRooms          roomChoice = "" // a number for each call
	sharedRoom        roomChoice = "standup"
	roomsByLetterCase roomChoice = "Retro" // alternates with retro
)

// sampleTexts are rooms and user data with characters that receivers get wrong.
var sampleTexts = []string{"Alice's Room", "会议室 🎉", `"quoted" \ and 100%`, "Ünïcode", "a'; DROP TABLE calls; --", "0042"}

// pick returns a random element of a list.
func pick[T any](rng *rand.Rand, list ...T) T { return list[rng.IntN(len(list))] }

// chance reports true with probability share.
func (g *generator) chance(share float64) bool { return g.rng.Float64() < share }

// weighted returns a random index, with probabilities in proportion to the weights.
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

// chooseKind draws the history's bias, its number of calls and operations, and its rooms.
func (g *generator) chooseKind() {
	g.bias = bias(weighted(g.rng, 57, 15, 16, 12))
	g.calls = 1 + weighted(g.rng, 45, 35, 12, 8)
	g.remaining = 3 + g.rng.IntN(4+4*g.calls)
	g.endingChance = pick(g.rng, 0.3, 0.7, 1)
	switch g.bias {
	case twinCalls:
		g.calls = max(g.calls, 2)
	case joiningAndLeaving:
		g.calls, g.remaining, g.endingChance = 1, 4+g.rng.IntN(5), 0.1
	case manyCallees:
		g.calls, g.remaining, g.endingChance = 1, g.rng.IntN(4), 0.2
	}
	room := []roomChoice{ownRooms, sharedRoom, roomsByLetterCase, roomChoice(pick(g.rng, sampleTexts...))}[weighted(g.rng, 55, 15, 15, 15)]
	for range g.calls {
		g.rooms = append(g.rooms, room)
	}
}

// addOperations adds the operations, from the first call to the end.
func (g *generator) addOperations() {
	for g.place(); g.remaining > 0; g.remaining-- {
		g.advance()
		switch {
		case g.calls > 0 && g.chance(0.35) || g.runningCalls() == nil && g.calls > 0:
			g.place()
		case g.bias == joiningAndLeaving && g.chance(0.3):
			g.addOvertaking()
		case g.chance(0.06):
			g.add(script.Faults(g.drawFaults()))
		case len(g.h.faults()) > 0 && g.chance(0.08):
			g.add(script.Faults(nil))
		default:
			g.addAction()
		}
	}
	if g.chance(g.endingChance) {
		g.endCalls()
	}
	if g.now > g.h.length() { // phones may have stopped ringing meanwhile
		g.add(script.Wait{})
	}
}

// advance moves the time forward by a random step, which may be 0.
func (g *generator) advance() {
	switch weighted(g.rng, 15, 65, 12, 8) {
	case 1:
		g.now += time.Duration(1+g.rng.IntN(5)) * time.Second
	case 2:
		g.now += time.Duration(6+g.rng.IntN(7)) * time.Second
	case 3:
		g.now += 31 * time.Second // as long as phones ring, and heartbeats count
	}
}

// add appends an operation and reports whether the rules allow it.
func (g *generator) add(do script.Deed) bool {
	o := script.Operation{At: call.Span(g.now), Do: do}
	if g.do(o) != nil {
		return false
	}
	g.h.Operations = append(g.h.Operations, o)
	return true
}

// runningCalls returns the names of the calls that have not ended.
func (g *generator) runningCalls() (names []string) {
	for _, n := range g.h.calls() {
		if g.call(n).Phase != call.Over {
			names = append(names, n)
		}
	}
	return names
}

// place adds the next call; with twinCalls, the first two at once.
func (g *generator) place() {
	if g.add(g.newCall()) {
		g.calls--
	}
	if g.bias == twinCalls && len(g.h.calls()) == 1 && g.calls > 0 {
		p := g.h.placed()[0]
		p.Call, p.Room = callNames[1], ""
		p.Caller, p.Callees, p.Busy, p.Unreachable = "", nil, nil, nil
		free := g.freeUsers()
		if n := len(g.h.placed()[0].Callees); len(free) > n {
			p.Caller, p.Callees = free[0], free[1:1+n]
			if g.add(p) {
				g.calls--
			}
		}
	}
}

// freeUsers returns the people who are in no call, in a random order.
func (g *generator) freeUsers() (list []string) {
	in := map[string]bool{}
	for _, n := range g.runningCalls() {
		c := g.call(n)
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
	g.rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// newCall returns the next call to place. A callee may already be in another call;
// they are busy then.
func (g *generator) newCall() script.Place {
	n := len(g.h.calls())
	p := script.Place{Call: callNames[n], Room: g.room(n)}
	free := g.freeUsers()
	if len(free) < 2 {
		return p // refused
	}
	p.Caller = free[0]
	others := free[1:]
	if g.chance(0.15) {
		others = slices.DeleteFunc(slices.Clone(people), func(u string) bool { return u == p.Caller })
		g.rng.Shuffle(len(others), func(i, j int) { others[i], others[j] = others[j], others[i] })
	}
	kind := weighted(g.rng, 55, 35, 10)
	switch g.bias {
	case joiningAndLeaving:
		kind = 1
	case manyCallees:
		kind = 2
	}
	switch kind {
	case 0:
		p.Callees = others[:1]
		p.Group = g.chance(0.05)
	case 1:
		p.Callees = others[:min(len(others), 2+g.rng.IntN(3))]
	default: // a long list
		for i := range 10 + g.rng.IntN(maxMembers-9) {
			p.Callees = append(p.Callees, member(i+1))
		}
	}
	switch {
	case g.types == "single":
		p.Callees, p.Group = p.Callees[:1], false
	case g.types == "group" && kind == 0:
		p.Callees, p.Group = others[:min(len(others), 2)], true
	case g.types == "group" && len(p.Callees) == 1: // no one else is free
		p.Group = true
	}
	if g.chance(0.3) {
		p.Media = call.Video
	}
	switch weighted(g.rng, 70, 8, 8, 4, 4, 6) {
	case 1:
		p.Busy = p.Callees[:1]
	case 2:
		p.Unreachable = p.Callees[:1]
	case 3:
		p.RingLater = true
	case 4:
		p.Fails = true
	case 5:
		p.UserData = pick(g.rng, sampleTexts...)
	}
	return p
}

// room returns the room of the n-th call. Two calls get the same room only one after
// the other, or with names that differ in letter case.
func (g *generator) room(n int) string {
	switch m := g.rooms[n]; m {
	case roomsByLetterCase:
		if n%2 == 1 {
			return "retro"
		}
	case sharedRoom, ownRooms:
	default:
		if n > 0 {
			return ""
		}
	}
	if name := string(g.rooms[n]); !g.taken(name) {
		return name
	}
	return ""
}

// removeFaults removes all fault operations: one of them would hold a callback back
// forever.
func (g *generator) removeFaults() {
	g.h.Operations = slices.DeleteFunc(g.h.Operations, func(o script.Operation) bool { return asFaults(o) != nil })
}
