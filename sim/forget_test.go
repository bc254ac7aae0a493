package sim_test

import (
	"testing"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// Calls that went well are forgotten first; of those in trouble a bounded number
// stays, the latest ones, and can still be acted upon.
func TestForgetsTroubleLast(t *testing.T) {
	cfg := config()
	cfg.Keep = 40
	p := newPlayer(t, cfg)
	places := func(n int) {
		for range n {
			p.place(wire.V4, call.CallBusy, "bob")
			p.settle()
			p.now = p.now.Add(time.Second)
		}
	}
	there := func(n uint64) bool { return p.engine.State().Call(sim.ReadableID("test", n)) != nil }
	p.answer = func(*sim.Send) delivery.Answer { return delivery.Answer{Status: 500, Connected: true} }
	places(2)
	p.answer = ok
	places(50)
	for n, want := range map[uint64]bool{1: true, 2: true, 3: false, 30: false, 52: true} {
		if there(n) != want {
			t.Errorf("call %d is there: %t", n, !want)
		}
	}
	p.do(sim.Duplicate{Delivery: p.engine.State().Call(sim.ReadableID("test", 1)).Deliveries[0].ID})
	p.settle()
	p.answer = func(*sim.Send) delivery.Answer { return delivery.Answer{Status: 500, Connected: true} }
	places(journal.MaxFailedCalls + 20)
	if there(1) || there(2) || there(52) || !there(100) {
		t.Errorf("of the calls 1, 2, 52 and 100 those are there: %t %t %t %t, want the last alone", there(1), there(2), there(52), there(100))
	}
	if n := p.engine.State().NumCalls(); n < journal.MaxFailedCalls || n > journal.MaxFailedCalls+40 {
		t.Errorf("%d calls are there", n)
	}
}
