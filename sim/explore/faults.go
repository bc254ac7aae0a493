package explore

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"ringback/sim/call"
	"ringback/sim/script"
	"ringback/sim/wire"
)

// faultKind is a fault that a correct receiver tolerates: it stores the same in the
// end.
type faultKind struct {
	name       string
	weight     int
	amounts    []string // what may follow the name, simplest first
	text       string   // what it does, for titles
	needsRetry bool     // loses the first attempts, so callbacks must be retried
	needsScope bool     // only for some callbacks, never for all
	v1Only     bool     // needs a refusal to be retried; v4 does not retry one with HTTP 200
}

// faultKinds are the faults used in histories. Messages that a receiver must refuse,
// such as a body that is not JSON, are left to the contract suite: they have no
// effect on what comes next.
var faultKinds = []faultKind{
	{name: "duplicate", weight: 2, amounts: []string{"", "=2", "=3"}, text: "a callback comes twice"},
	{name: "replay", weight: 2, amounts: []string{"", "=2"}, text: "a callback comes again"},
	{name: "race", weight: 3, amounts: []string{"", "=2", "=4"}, text: "a callback comes several times at once"},
	{name: "reorder", weight: 2, amounts: []string{""}, text: "callbacks overtake each other"},
	{name: "delay", weight: 4, amounts: []string{"=1s", "=2s", "=5s", "=10s", "=20s"}, text: "a callback is delayed"},
	{name: "late", weight: 3, amounts: []string{"=1s", "=5s", "=10s"}, text: "a callback comes after the end"},
	{name: "lose_answer", weight: 4, amounts: []string{"", "=2", "=4"}, text: "an answer is lost", needsRetry: true},
	{name: "reset", weight: 2, amounts: []string{"", "=2", "=3"}, text: "a connection breaks", needsRetry: true},
	{name: "truncate", weight: 1, amounts: []string{"=1", "=20", "=60"}, text: "a callback is cut short", needsRetry: true, v1Only: true},
	{name: "drop", weight: 2, amounts: []string{""}, text: "a callback is lost", needsScope: true},
}

func faultKindOf(spec string) *faultKind {
	i := slices.IndexFunc(faultKinds, func(h faultKind) bool { return h.name == faultName(spec) })
	if i < 0 {
		return nil
	}
	return &faultKinds[i]
}

// endWord returns the fault scope for the callbacks that end a call.
func endWord(g wire.Generation) string {
	if g == wire.V4 {
		return wire.AfterEndCall.String()
	}
	return "call_end" // each status
}

// startWords returns the words of the callbacks that a receiver gets first.
func startWords(g wire.Generation) []string {
	if g == wire.V4 {
		return []string{wire.AfterStartCall.String()}
	}
	return []string{wire.CallerStartCall.String(), wire.CalleeReceiveCall.String()}
}

// changeWords returns the words of the callbacks between start and end.
func changeWords(g wire.Generation) []string {
	if g == wire.V4 {
		return []string{wire.AfterMemberChanged.String()}
	}
	var list []string
	for _, w := range []wire.Word{
		wire.CalleeAcceptCall, wire.CallerCallAccepted, wire.CalleeCallEnd, wire.CallerCallEnd, wire.CalleeRejectCall,
		wire.CalleeCallInterrupted, wire.JoinInGroupCall, wire.CalleeCallCanceled,
	} {
		list = append(list, w.String())
	}
	return list
}

// unscoped returns a fault without its scope: name and amount.
func unscoped(spec string) string {
	spec, _, _ = strings.Cut(spec, "#")
	spec, _, _ = strings.Cut(spec, "@")
	return spec
}

// scopeOf returns the scope of a fault: @WORD, #CALL, both or nothing.
func scopeOf(spec string) string { return strings.TrimPrefix(spec, unscoped(spec)) }

// addInitialFaults draws the faults that are on from the start.
func (g *generator) addInitialFaults() {
	if g.h.Generation == wire.V4 {
		g.h.Retry = g.chance(0.15)
	}
	switch {
	case g.bias == joiningAndLeaving && g.chance(0.4):
		g.add(script.Faults{g.drawDelay(startWords(g.h.Generation))})
	case g.chance(0.7):
		g.add(script.Faults(g.drawFaults()))
	}
}

// drawDelay returns a fault that delays callbacks of one of some words.
func (g *generator) drawDelay(words []string) string {
	return "delay=" + pick(g.rng, "5s", "10s", "20s") + "@" + pick(g.rng, words...)
}

// addOvertaking has someone join a call and leave it (or leave and rejoin), while the
// first of the two callbacks is delayed past the second.
func (g *generator) addOvertaking() {
	names := g.runningCalls()
	if len(names) == 0 {
		return
	}
	name, first, second := pick(g.rng, names...), call.DoAccept, call.DoHangUp
	who := members(g.call(name), (*call.Member).Waiting)
	if len(who) == 0 || g.chance(0.3) {
		first, second = call.DoHangUp, call.DoJoin
		who = members(g.call(name), func(m *call.Member) bool { return m.Status == call.Talking })
	}
	if len(who) == 0 {
		return
	}
	user := pick(g.rng, who...)
	g.add(script.Faults{"delay=" + pick(g.rng, "5s", "10s", "20s")})
	g.tryActionBy(name, first, user)
	g.add(script.Faults(nil))
	g.now += time.Duration(1+g.rng.IntN(3)) * time.Second
	if g.call(name).Phase != call.Over {
		g.tryActionBy(name, second, user)
	}
}

// drawFaults draws one to three faults of different kinds.
func (g *generator) drawFaults() (on []string) {
	weights := make([]int, len(faultKinds))
	for i := range faultKinds {
		if !faultKinds[i].v1Only || g.h.Generation == wire.V1 {
			weights[i] = faultKinds[i].weight
		}
	}
	for range 1 + weighted(g.rng, 55, 35, 10) {
		i := weighted(g.rng, weights...)
		weights[i] = 0
		on = append(on, g.drawFault(&faultKinds[i]))
	}
	return on
}

func (g *generator) drawFault(k *faultKind) string {
	gen := g.h.Generation
	if k.needsRetry && gen == wire.V4 {
		g.h.Retry = true
	}
	spec := k.name + pick(g.rng, k.amounts...)
	all := 25
	if k.needsScope {
		all = 0
	}
	switch weighted(g.rng, 30, 20, 25, all) {
	case 0:
		spec += "@" + endWord(gen)
	case 1:
		spec += "@" + pick(g.rng, startWords(gen)...)
	case 2:
		spec += "@" + pick(g.rng, changeWords(gen)...)
	}
	if n := len(g.rooms); n > 1 && g.chance(0.2) {
		spec += fmt.Sprintf("#%d", 1+g.rng.IntN(n))
	}
	return spec
}
