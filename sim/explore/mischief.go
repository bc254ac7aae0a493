package explore

import (
	"fmt"
	"time"

	"ringback/sim/call"
	"ringback/sim/script"
	"ringback/sim/wire"
)

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
		if !harms[i].v1 || a.h.Generation == wire.V1 {
			weights[i] = harms[i].weight
		}
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
