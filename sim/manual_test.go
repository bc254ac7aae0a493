package sim_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/script"
	"ringback/sim/wire"
)

// manual is something that a person may ask for in a random history.
func manual(t *rapid.T, p *player) sim.Input {
	id := rapid.Uint64Range(1, max(1, p.engine.State().Made)).Draw(t, "delivery")
	return rapid.SampledFrom([]sim.Input{
		sim.RetryNow{Delivery: id},
		sim.GiveUp{Delivery: id},
		sim.Duplicate{Delivery: id},
		sim.Replay{Call: sim.ReadableID("test", rapid.Uint64Range(1, max(1, p.engine.State().Placed)).Draw(t, "call"))},
		sim.SetDialect{Set: []string{"v4_retry=v1"}},
		sim.SetDialect{Set: []string{"v4_retry=none", "case=title"}},
		sim.Warn{About: "actions", Text: rapid.SampledFrom([]string{"one", "another"}).Draw(t, "warning")},
	}).Draw(t, "manual")
}

// failing is a player whose receiver fails until it is told not to.
func failing(t *testing.T) (p *player, heal func()) {
	p = newPlayer(t, config())
	p.answer = func(*sim.Send) delivery.Answer { return delivery.Answer{Status: 500, Connected: true} }
	p.do(sim.Place{Generation: wire.V1, Setup: call.Setup{App: 1400000001, Caller: "alice", Callees: []string{"bob"}, Device: phone}})
	p.until(epoch.Add(1500 * time.Millisecond)) // the third attempt failed at 1 s, the fourth is due at 2 s
	return p, func() { p.answer = ok }
}

// Whoever knows a callback by its place in its call has the same done as whoever
// knows its id; what cannot be done, since it is settled, is left.
func TestHandle(t *testing.T) {
	id := sim.ReadableID("test", 1)
	handle := func(do script.Handle, w wire.Word, number, copy int) sim.Input {
		return sim.Handle{Call: id, Handling: script.Handling{Do: do, Callback: w, Number: number, Copy: copy}}
	}
	for name, pair := range map[string][2]sim.Input{
		"duplicate":             {handle(script.Duplicate, wire.CallerStartCall, 0, 0), sim.Duplicate{Delivery: 1}},
		"of the second word":    {handle(script.Duplicate, wire.CalleeReceiveCall, 1, 0), sim.Duplicate{Delivery: 2}},
		"replay":                {handle(script.Replay, 0, 0, 0), sim.Replay{Call: id}},
		"retry":                 {handle(script.RetryNow, wire.CallerStartCall, 1, 0), sim.RetryNow{Delivery: 1}},
		"give up":               {handle(script.GiveUp, wire.CallerStartCall, 0, 0), sim.GiveUp{Delivery: 1}},
		"give up the same copy": {handle(script.GiveUp, wire.CalleeReceiveCall, 0, 1), sim.GiveUp{Delivery: 3}},
	} {
		var got [2]string
		for i := range pair {
			p, _ := failing(t)
			p.do(sim.Duplicate{Delivery: 2})
			p.settle()
			p.do(pair[i])
			p.until(epoch.Add(time.Minute))
			got[i] = p.journal()
		}
		if diff := cmp.Diff(got[1], got[0]); diff != "" {
			t.Errorf("%s (-by id +by place):\n%s", name, diff)
		}
	}
	p, heal := failing(t)
	heal()
	p.until(epoch.Add(10 * time.Second))
	before := p.journal()
	p.do(handle(script.RetryNow, wire.CallerStartCall, 0, 0))
	p.do(handle(script.GiveUp, wire.CallerStartCall, 0, 0))
	if diff := cmp.Diff(before, p.journal()); diff != "" {
		t.Errorf("something happened to a callback that is acknowledged:\n%s", diff)
	}
	for want, in := range map[string]sim.Input{
		"has no callback caller_start_call number 2":   handle(script.Duplicate, wire.CallerStartCall, 2, 0),
		"has no callback copy 1 of caller_start_call":  handle(script.GiveUp, wire.CallerStartCall, 0, 1),
		`call "x": there is none, or it was over long`: sim.Handle{Call: "x"},
	} {
		if err := p.try(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
