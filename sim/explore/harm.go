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

// harm is a fault that a sender or a network has, and that a good receiver
// bears: in the end it stores the same.
type harm struct {
	name    string
	weight  int
	amounts []string // as they follow the name, the simplest first
	words   string   // what happens
	retried bool     // the first attempts are lost, so that there must be others
	scoped  bool     // makes no sense for all callbacks at once
}

// harms are the faults of histories. Those that a receiver has to refuse, like
// a body that is no JSON, the contract suite has scenarios for; one more such
// message changes nothing in what comes next.
var harms = []harm{
	{name: "duplicate", weight: 2, amounts: []string{"", "=2", "=3"}, words: "a callback comes twice"},
	{name: "replay", weight: 2, amounts: []string{"", "=2"}, words: "a callback comes again"},
	{name: "race", weight: 3, amounts: []string{"", "=2", "=4"}, words: "a callback comes several times at once"},
	{name: "reorder", weight: 2, amounts: []string{""}, words: "callbacks overtake each other"},
	{name: "delay", weight: 4, amounts: []string{"=1s", "=2s", "=5s", "=10s", "=20s"}, words: "a callback is delayed"},
	{name: "late", weight: 3, amounts: []string{"=1s", "=5s", "=10s"}, words: "a callback comes after the end"},
	{name: "lose_answer", weight: 4, amounts: []string{"", "=2", "=4"}, words: "an answer is lost", retried: true},
	{name: "reset", weight: 2, amounts: []string{"", "=2", "=3"}, words: "a connection breaks", retried: true},
	{name: "truncate", weight: 1, amounts: []string{"=1", "=20", "=60"}, words: "a callback is cut short", retried: true},
	{name: "drop", weight: 2, amounts: []string{""}, words: "a callback is lost", scoped: true},
}

func harmOf(spec string) *harm {
	i := slices.IndexFunc(harms, func(h harm) bool { return h.name == faultName(spec) })
	if i < 0 {
		return nil
	}
	return &harms[i]
}

// endWord is what a fault is about that concerns the ends of calls.
func endWord(g wire.Generation) string {
	if g == wire.V4 {
		return wire.AfterEndCall.String()
	}
	return "call_end" // each status
}

// startWords are those of which a receiver hears first.
func startWords(g wire.Generation) []string {
	if g == wire.V4 {
		return []string{wire.AfterStartCall.String()}
	}
	return []string{wire.CallerStartCall.String(), wire.CalleeReceiveCall.String()}
}

// changeWords are those that lie between start and end.
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

// maltreat draws what goes wrong from the start.
func (a *author) maltreat() {
	if a.h.Generation == wire.V4 {
		a.h.Retry = a.chance(0.15)
	}
	switch {
	case a.theme == comings && a.chance(0.4):
		a.add(script.Faults{a.late(startWords(a.h.Generation))})
	case a.chance(0.7):
		a.add(script.Faults(a.someFaults()))
	}
}

// late is a fault that lets callbacks of some words come behind later ones.
func (a *author) late(words []string) string {
	return "delay=" + among(a.rng, "5s", "10s", "20s") + "@" + among(a.rng, words...)
}

// overtake lets somebody come into a call and leave it again, or leave and come
// back, and the receiver hear of the first behind the second.
func (a *author) overtake() {
	names := a.running()
	if len(names) == 0 {
		return
	}
	name, first, second := among(a.rng, names...), call.DoAccept, call.DoHangUp
	who := members(a.call(name), (*call.Member).Waiting)
	if len(who) == 0 || a.chance(0.3) {
		first, second = call.DoHangUp, call.DoJoin
		who = members(a.call(name), func(m *call.Member) bool { return m.Status == call.Talking })
	}
	if len(who) == 0 {
		return
	}
	user := among(a.rng, who...)
	a.add(script.Faults{"delay=" + among(a.rng, "5s", "10s", "20s")})
	a.performBy(name, first, user)
	a.add(script.Faults(nil))
	a.now += time.Duration(1+a.rng.IntN(3)) * time.Second
	if a.call(name).Phase != call.Over {
		a.performBy(name, second, user)
	}
}

// someFaults draws one fault or a few, each of another kind.
func (a *author) someFaults() (on []string) {
	weights := make([]int, len(harms))
	for i := range harms {
		weights[i] = harms[i].weight
	}
	for range 1 + weighted(a.rng, 55, 35, 10) {
		i := weighted(a.rng, weights...)
		weights[i] = 0
		on = append(on, a.someFault(&harms[i]))
	}
	return on
}

func (a *author) someFault(h *harm) string {
	g := a.h.Generation
	if h.retried && g == wire.V4 {
		a.h.Retry = true
	}
	spec := h.name + among(a.rng, h.amounts...)
	all := 25
	if h.scoped {
		all = 0
	}
	switch weighted(a.rng, 30, 20, 25, all) {
	case 0:
		spec += "@" + endWord(g)
	case 1:
		spec += "@" + among(a.rng, startWords(g)...)
	case 2:
		spec += "@" + among(a.rng, changeWords(g)...)
	}
	if n := len(a.rooms); n > 1 && a.chance(0.2) {
		spec += fmt.Sprintf("#%d", 1+a.rng.IntN(n))
	}
	return spec
}

// unscoped is a fault without the callbacks that it is about.
func unscoped(spec string) string {
	spec, _, _ = strings.Cut(spec, "#")
	spec, _, _ = strings.Cut(spec, "@")
	return spec
}

// scopeOf is what of a fault says which callbacks it is about.
func scopeOf(spec string) string { return strings.TrimPrefix(spec, unscoped(spec)) }
