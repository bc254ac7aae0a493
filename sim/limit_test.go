package sim_test

import (
	"testing"

	"ringback/sim"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/wire"

	"ringback/sim/call"
)

// limited plays a call whose attempts are answered only when they are settled,
// by an engine with a limit, and with a fault.
func limited(t *testing.T, limit sim.Limit, order sim.Order, fault ...string) *player {
	t.Helper()
	cfg := config()
	cfg.Limit, cfg.Order = limit, order
	p := newPlayer(t, cfg)
	p.do(sim.SetFaults{On: fault})
	p.do(sim.Place{Generation: wire.V1, Setup: call.Setup{App: 1400000001, Caller: "alice", Callees: []string{"bob"}, Device: phone}})
	return p
}

// What becomes due beyond the limit is dropped and has its end at once; what is
// due later, when attempts were answered, goes out, and its call has gone on.
func TestLimit(t *testing.T) {
	for name, limit := range map[string]sim.Limit{"attempts": {Attempts: 1}, "bytes": {Bytes: 100}} {
		t.Run(name, func(t *testing.T) {
			p := limited(t, limit, sim.Unordered)
			first := len(p.sends)
			st := p.engine.State()
			if made := st.Totals.Callbacks; first != 1 || made < 2 || st.Totals.Dropped != made-1 {
				t.Fatalf("%d of %d callbacks went out, %d were dropped; want one, and the others dropped", first, made, st.Totals.Dropped)
			}
			c := onlyCall(t, st)
			if !c.Dropped || c.Open != 1 {
				t.Errorf("the call: dropped %t, %d open", c.Dropped, c.Open)
			}
			p.settle()
			p.do(sim.Act{Call: c.ID, Action: call.Action{Do: call.DoAccept, By: "bob"}})
			if len(p.sends) == 0 {
				t.Error("nothing goes out after the answer")
			}
			p.settle()
			p.do(sim.Act{Call: c.ID, Action: call.Action{Do: call.DoHangUp, By: "alice"}})
			p.settle()
			if st := p.engine.State(); st.Totals.Open() != 0 {
				t.Errorf("open in the end: %+v", st.Totals)
			}
		})
	}
}

// What a fault postponed is dropped when its time comes, and so are the copies
// that would go out with it; what stands behind it in order goes on.
func TestLimitOfWhatIsPostponed(t *testing.T) {
	for _, order := range []sim.Order{sim.Serial, sim.Unordered} {
		for _, fault := range []string{"delay=2s", "race=3", "duplicate=2", "late=1s", "reorder", "replay"} {
			p := limited(t, sim.Limit{Attempts: 1}, order, fault)
			most := 0
			for range 1000 {
				at, more := p.next()
				if !more && len(p.sends) == 0 {
					break
				}
				most = max(most, len(p.sends))
				if more && (len(p.sends) == 0 || at <= p.now.Add(1e9)) {
					p.now = max(p.now, at)
					p.do(sim.Tick{})
				} else {
					p.settle()
				}
			}
			st := p.engine.State()
			if st.Totals.Open() != 0 || st.Totals.Callbacks != st.Totals.Acked+st.Totals.Dropped || most > 1 {
				t.Errorf("order %s, %s: %d were under way at once; in the end %+v", order, fault, most, st.Totals)
			}
		}
	}
}

// A retry is not dropped: its callback began.
func TestLimitOfRetries(t *testing.T) {
	p := limited(t, sim.Limit{Attempts: 1}, sim.Unordered)
	p.answer = func(*sim.Send) delivery.Answer { return delivery.Answer{Status: 500, Connected: true} }
	p.finish()
	d := p.engine.State().Deliveries[1]
	if d.State != delivery.Abandoned || d.Attempts != 7 {
		t.Errorf("%s after %d attempts, want abandoned after 7", d.State, d.Attempts)
	}
}

func onlyCall(t *testing.T, st *journal.State) *journal.Call {
	t.Helper()
	for c := range st.Calls() {
		return c
	}
	t.Fatal("there is no call")
	return nil
}
