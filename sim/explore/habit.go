package explore

import (
	"time"

	"ringback/sim/call"
	"ringback/sim/journal"
	"ringback/sim/script"
)

// habits are what phones do, and how often.
var habits = []struct {
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

// act lets somebody do something, and a twin the same.
func (a *author) act() {
	names := a.running()
	const patience = 12 // draws until one is allowed
	for range patience {
		if len(names) == 0 {
			return
		}
		weights := make([]int, len(habits))
		for i := range habits {
			weights[i] = habits[i].weight
		}
		do := habits[weighted(a.rng, weights...)].do
		name := among(a.rng, names...)
		if a.perform(name, do) {
			a.mirror(name, do)
			return
		}
	}
}

// perform lets somebody in a call do something that the rules allow.
func (a *author) perform(name string, do call.Verb) bool {
	if do == call.DoEndByServer {
		return a.add(script.Act{Call: name, Action: call.Action{Do: do}})
	}
	who := a.who(a.call(name), do)
	return len(who) > 0 && a.performBy(name, do, among(a.rng, who...))
}

func (a *author) performBy(name string, do call.Verb, who string) bool {
	c, act := a.call(name), call.Action{Do: do, By: who}
	switch do {
	case call.DoInvite:
		others := a.free()
		act.Users = others[:min(len(others), 1+a.rng.IntN(2))]
	case call.DoCancelInvite:
		act.Users = members(c, (*call.Member).Waiting)
		act.Users = act.Users[:min(len(act.Users), 1)]
	case call.DoChangeMedia:
		act.Media = call.Video - c.Media
	}
	return a.add(script.Act{Call: name, Action: act})
}

// mirror lets the second of two calls do at the same moment what the first did,
// as it often does in a crowd.
func (a *author) mirror(name string, do call.Verb) {
	other := map[string]string{callNames[0]: callNames[1], callNames[1]: callNames[0]}[name]
	if a.theme == twins && other != "" && a.call(other) != nil && a.call(other).Phase != call.Over {
		a.perform(other, do)
	}
}

// who could do something: those whom the rules refuse are found out by trying.
func (a *author) who(c *journal.Call, do call.Verb) []string {
	switch do {
	case call.DoAccept, call.DoReject, call.DoRing, call.DoBusy:
		return members(c, (*call.Member).Waiting)
	case call.DoCancel, call.DoCancelInvite:
		return []string{c.Caller()}
	case call.DoJoin:
		return a.free()
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

// close ends the calls that still go on, each in a way of its own, and two of a
// moment together.
func (a *author) close() {
	together := a.theme == twins || a.chance(0.3)
	for _, name := range a.running() {
		if !together {
			a.pass()
		}
		a.end(name)
	}
}

// end ends a call, if its members can.
func (a *author) end(name string) {
	ways := []call.Verb{call.DoHangUp, call.DoHangUp, call.DoLoseLine, call.DoEndByServer}
	if a.call(name).Phase == call.Ringing {
		ways = []call.Verb{call.DoCancel, call.DoCancel, call.DoReject, call.DoEndByServer}
	}
	way := among(a.rng, ways...)
	for a.call(name).Phase != call.Over {
		if !a.perform(name, way) {
			a.perform(name, call.DoEndByServer)
		}
		if a.chance(0.2) {
			a.now += time.Second
		}
	}
}
