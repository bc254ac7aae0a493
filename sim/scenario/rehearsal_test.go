package scenario_test

import (
	"strings"
	"testing"
	"time"

	"ringback/fixtures/harness"
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/journal"
	"ringback/sim/scenario"
	"ringback/sim/script"
	"ringback/sim/wire"
)

// A rehearsal plays phones and has everything acknowledged, and refuses what they
// can't do.
func TestRehearsal(t *testing.T) {
	stories, err := script.ReadGherkin([]byte(`
Feature: A call
  Scenario: that is declined twice
    When alice calls bob
    And at 3s bob declines
    And at 4s bob declines
`))
	if err != nil {
		t.Fatal(err)
	}
	to := harness.Endpoint(t, "http://receiver.invalid/cb")
	epoch := harness.Epoch
	r := scenario.Rehearse(sim.Config{Run: journal.Run{Epoch: epoch, Token: "test"}}, scenario.Binding{
		App: 1400000001, Device: &call.Device{Platform: "iOS", IP: "127.0.0.1"}, Generation: wire.V1,
	})
	if err := r.Step(epoch, sim.Register{App: 1400000001, Generation: wire.V1, Endpoint: to, Words: wire.AllWords()}, nil); err != nil {
		t.Fatal(err)
	}
	for i, o := range stories[0].Operations {
		at := epoch.Add(time.Duration(o.At))
		if err := r.Until(at); err != nil {
			t.Fatal(err)
		}
		in, err := r.Do(at, o.Do)
		if refused := i == 2; refused != (err != nil) || in == nil {
			t.Errorf("%s: %v, %v", o, in, err)
		}
		if err != nil && !strings.Contains(err.Error(), "over") {
			t.Errorf("%s: %v, want why", o, err)
		}
	}
	st := r.State()
	if c := st.Call(r.Last()); c == nil || c.Phase != call.Over || c.Result != call.Reject {
		t.Errorf("the call is %+v", c)
	}
	if st.Totals.Open() != 0 || st.Totals.Acked < 2 || st.Totals.Attempts != st.Totals.Acked {
		t.Errorf("%+v: want all acknowledged at once", st.Totals)
	}
	if at, more := r.Next(); more {
		t.Errorf("something is due at %s", at)
	}
}
