package explore

import (
	"slices"
	"strings"

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
	v1      bool     // takes a refusal, and the sender of v4 hears none that comes with HTTP 200
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
	{name: "truncate", weight: 1, amounts: []string{"=1", "=20", "=60"}, words: "a callback is cut short", retried: true, v1: true},
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

// unscoped is a fault without the callbacks that it is about.
func unscoped(spec string) string {
	spec, _, _ = strings.Cut(spec, "#")
	spec, _, _ = strings.Cut(spec, "@")
	return spec
}

// scopeOf is what of a fault says which callbacks it is about.
func scopeOf(spec string) string { return strings.TrimPrefix(spec, unscoped(spec)) }
