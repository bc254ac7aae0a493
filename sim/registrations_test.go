package sim_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

func register(t *testing.T, g wire.Generation, words ...wire.Word) sim.Register {
	return sim.Register{App: 1400000001, Generation: g, Endpoint: endpoint(t, "http://"+g.String()+".example/"), Words: words}
}

// A set overwrites; a get in the order of the set.
func TestSetOverwrites(t *testing.T) {
	p := newPlayer(t, config())
	p.do(register(t, wire.V4, wire.AfterEndCall))
	p.do(register(t, wire.V4, wire.AfterMemberChanged, wire.AfterStartCall))
	got := p.engine.State().Target(1400000001, wire.V4)
	if diff := cmp.Diff(journal.Words{wire.AfterMemberChanged, wire.AfterStartCall}, got.Listed); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := len(p.engine.State().Targets); n != 2 {
		t.Errorf("%d registrations, want 2", n)
	}
}

// A call may ring for longer or shorter than others do.
func TestRingsForItsOwnTime(t *testing.T) {
	p := newPlayer(t, config())
	p.do(sim.Place{Generation: wire.V1, Setup: call.Setup{
		App: 1400000001, Caller: "alice", Callees: []string{"bob"}, Device: phone, Extra: &call.Extra{Rings: call.Span(12 * time.Second)},
	}})
	p.finish()
	if c := p.engine.State().Call("rb-test-0001"); c.Result != call.NotAnswer || c.EndAt != epoch.Add(12*time.Second) {
		t.Errorf("ended as %s at %s", c.Result, c.EndAt)
	}
}
