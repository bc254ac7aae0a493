package sim_test

import (
	"testing"

	"ringback/sim"
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
