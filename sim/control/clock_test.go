package control_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ringback/fixtures/harness"
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/control/simapi"
	"ringback/sim/journal"
	"ringback/sim/run"
	"ringback/sim/wire"
)

// crowd is traffic without end: someone calls each millisecond.
type crowd struct{ at call.Instant }

func (s *crowd) Next() (call.Instant, bool) { return s.at, true }

func (s *crowd) Take() sim.Input {
	s.at++
	return sim.Place{
		Setup: call.Setup{App: appID, Caller: "alice", Callees: []string{"bob"}, Device: &call.Device{Platform: "iOS", IP: "127.0.0.1"}},
		Fail:  true, Generation: wire.V1,
	}
}

func (*crowd) Refused(error) error { return nil }

// A pace that no machine keeps up with makes no one wait, and is warned of.
func TestPaceBeyondTheMachine(t *testing.T) {
	if testing.Short() {
		t.Skip("plays as much as it can; TestOverrun of sim/run plays the same loop")
	}
	cfg := config()
	cfg.Pace = 1e6
	cfg.TrafficOn, cfg.Traffic = true, func(_ journal.Run, _ uint32, from call.Instant, _ float64) (run.Source, error) {
		return &crowd{from}, nil
	}
	warned := make(chan string, 100)
	cfg.Warn = func(format string, args ...any) { warned <- fmt.Sprintf(format, args...) }
	w := start(t, cfg)
	var one, two simapi.Clock
	w.get("/sim/v1/clock", 200, &one)
	if warning := <-warned; !strings.Contains(warning, "want a slower pace") {
		t.Errorf("warned: %s", warning)
	}
	if !harness.Poll(time.Minute, func() bool { w.get("/sim/v1/clock", 200, &two); return two.Now > one.Now }) || two.Now.Sub(one.Now) > 24*time.Hour {
		t.Errorf("from %s to %s", one.Now, two.Now)
	}
	w.close()
}

// The clock is not moved on beyond the end of simulated time, which a journal
// could not tell: the request is refused and nothing happens.
func TestClockEnds(t *testing.T) {
	cfg := config()
	cfg.Run.Epoch, cfg.Paused = call.Latest.Add(-time.Hour), true
	w := start(t, cfg)
	var p simapi.Problem
	w.post("/sim/v1/clock", `{"advance":"2h","do":"resume"}`, 400, &p)
	if p.Field != "advance" || !strings.Contains(p.Detail, "simulated time ends at 9999-01-01") {
		t.Errorf("the problem is %+v", p)
	}
	var c simapi.Clock
	w.get("/sim/v1/clock", 200, &c)
	if c.Now != cfg.Run.Epoch || !c.Paused {
		t.Errorf("the clock is %+v, want it as it was", c)
	}
	w.advance("1h")
}
