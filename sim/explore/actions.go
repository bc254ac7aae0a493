package explore

import (
	"time"

	"ringback/sim/call"
	"ringback/sim/journal"
	"ringback/sim/script"
)

// actionWeights are the actions of phones, with how often each is drawn.
var actionWeights = []struct {
	do     call.Verb
	weight int
}{
	{call.DoAccept, 30},
	{call.DoReject, 7},
	{call.DoCancel, 5},
	{call.DoHangUp, 20},
	{call.DoInvite, 6},
	{call.DoCancelInvite, 3},
	{call.DoJoin, 6},
	{call.DoLoseLine, 6},
	{call.DoPullBattery, 5},
	{call.DoChangeMedia, 4},
	{call.DoEndByServer, 2},
	{call.DoRing, 4},
	{call.DoBusy, 2},
	{call.DoSecondLogin, 2},
}

// addAction adds an action of someone in a running call; with twinCalls, in both.
func (g *generator) addAction() {
	names := g.runningCalls()
	const maxDraws = 12 // until the rules allow one
	for range maxDraws {
		if len(names) == 0 {
			return
		}
		weights := make([]int, len(actionWeights))
		for i := range actionWeights {
			weights[i] = actionWeights[i].weight
		}
		do := actionWeights[weighted(g.rng, weights...)].do
		name := pick(g.rng, names...)
		if g.tryAction(name, do) {
			g.repeatInTwin(name, do)
			return
		}
	}
}

// tryAction adds an action by a random member who may do it, and reports whether
// there was one.
func (g *generator) tryAction(name string, do call.Verb) bool {
	if do == call.DoEndByServer {
		return g.add(script.Act{Call: name, Action: call.Action{Do: do}})
	}
	who := g.actors(g.call(name), do)
	return len(who) > 0 && g.tryActionBy(name, do, pick(g.rng, who...))
}

func (g *generator) tryActionBy(name string, do call.Verb, who string) bool {
	c, act := g.call(name), call.Action{Do: do, By: who}
	switch do {
	case call.DoInvite:
		others := g.freeUsers()
		act.Users = others[:min(len(others), 1+g.rng.IntN(2))]
	case call.DoCancelInvite:
		act.Users = members(c, (*call.Member).Waiting)
		act.Users = act.Users[:min(len(act.Users), 1)]
	case call.DoChangeMedia:
		act.Media = call.Video - c.Media
	}
	return g.add(script.Act{Call: name, Action: act})
}

// repeatInTwin adds the same action to the other of two twin calls, at the same time.
func (g *generator) repeatInTwin(name string, do call.Verb) {
	other := map[string]string{callNames[0]: callNames[1], callNames[1]: callNames[0]}[name]
	if g.bias == twinCalls && other != "" && g.call(other) != nil && g.call(other).Phase != call.Over {
		g.tryAction(other, do)
	}
}

// actors returns the users who might do something. Whether the rules allow it is
// found out by trying.
func (g *generator) actors(c *journal.Call, do call.Verb) []string {
	switch do {
	case call.DoAccept, call.DoReject, call.DoRing, call.DoBusy:
		return members(c, (*call.Member).Waiting)
	case call.DoCancel, call.DoCancelInvite:
		return []string{c.Caller()}
	case call.DoJoin:
		return g.freeUsers()
	case call.DoLoseLine:
		return members(c, func(m *call.Member) bool { return m.Status == call.Talking || m.Status == call.Alerting })
	}
	return members(c, func(m *call.Member) bool { return m.Status == call.Talking })
}

func members(c *journal.Call, which func(*call.Member) bool) (ids []string) {
	for i := range c.Members {
		if which(&c.Members[i]) {
			ids = append(ids, c.Members[i].ID)
		}
	}
	return ids
}

// endCalls ends all running calls, sometimes at the same time.
func (g *generator) endCalls() {
	together := g.bias == twinCalls || g.chance(0.3)
	for _, name := range g.runningCalls() {
		if !together {
			g.advance()
		}
		g.endCall(name)
	}
}

// endCall ends a call: by its members, or by the server if they cannot.
func (g *generator) endCall(name string) {
	ways := []call.Verb{call.DoHangUp, call.DoHangUp, call.DoLoseLine, call.DoEndByServer}
	if g.call(name).Phase == call.Ringing {
		ways = []call.Verb{call.DoCancel, call.DoCancel, call.DoReject, call.DoEndByServer}
	}
	way := pick(g.rng, ways...)
	for g.call(name).Phase != call.Over {
		if !g.tryAction(name, way) {
			g.tryAction(name, call.DoEndByServer)
		}
		if g.chance(0.2) {
			g.now += time.Second
		}
	}
}
