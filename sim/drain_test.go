package sim_test

import (
	"testing"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/wire"
)

// Callbacks go on to their ends; calls do not.
func TestDrain(t *testing.T) {
	p, heal := failing(t) // the call rings, and its first callback waits for its fourth attempt
	live := p.engine.State().Live
	p.do(sim.Drain{})
	p.do(sim.Drain{}) // again: nothing
	for _, in := range []sim.Input{
		sim.Place{Generation: wire.V1, Setup: call.Setup{App: 1400000001, Caller: "carol", Callees: []string{"dave"}, Device: phone}},
		sim.Act{Call: sim.ReadableID("test", 1), Action: call.Action{Do: call.DoAccept, By: "bob"}},
	} {
		if err := p.try(in); err == nil {
			t.Errorf("%T was taken", in)
		}
	}
	heal()
	p.until(epoch.Add(time.Minute)) // the ring timer would have ended the call
	st := p.engine.State()
	if st.Live != live || live != 1 {
		t.Errorf("%d calls live, want %d", st.Live, live)
	}
	for id, d := range st.Deliveries {
		if d.State != delivery.Done {
			t.Errorf("delivery %d is %s", id, d.State)
		}
	}
	if _, more := p.engine.Next(); more {
		t.Error("something is still due")
	}
	p.do(sim.Reset{})
	p.do(sim.Place{Generation: wire.V1, Setup: call.Setup{App: 1400000001, Caller: "alice", Callees: []string{"bob"}, Device: phone}})
}
