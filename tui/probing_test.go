package tui_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/wire"
	"ringback/tui"
	"ringback/tui/history"
)

// probed is a stage whose receiver stores an end for each that it gets, wrongly.
func probed(t *testing.T) *stage {
	s := newStage(t, func(c *tui.Config) { c.Probe = true })
	s.stored = func(o tui.Ask) *history.Stored {
		n := 0
		for _, d := range s.engine.State().DeliveriesAfter(0, o.Call) {
			if d.Word.Ends() && d.State == delivery.Acked {
				n++
			}
		}
		return &history.Stored{Call: o.Call, Fields: []history.Field{
			{Name: "ends", Got: strconv.Itoa(n), Want: strconv.Itoa(o.Want.Ends), Wrong: n != o.Want.Ends},
			{Name: "result", Got: o.Want.Result, Want: o.Want.Result},
			{Name: "talk", Got: "9s", Want: strconv.FormatInt(o.Want.Talk, 10) + "s", Wrong: o.Want.Talk != 9},
		}}
	}
	return s
}

// Each call that is over is looked up at the probe, once what was sent is settled and again
// when more was sent, and what is wrong shows in three panes and in what S saves.
func TestProbing(t *testing.T) {
	s := probed(t)
	s.size(120, 36)
	s.place(wire.V1, call.NormalEnd, "alice", "bob")
	s.pass(5 * time.Second)
	if len(s.asked) > 0 {
		t.Fatalf("asked about %v before it was over", s.asked)
	}
	s.pass(10 * time.Second)
	s.look()
	s.look()
	s.shows("stored 1 end ✓")
	if len(s.asked) != 1 {
		t.Errorf("asked %d times, want 1", len(s.asked))
	}
	s.press("3", "end", "D")
	s.pass(time.Second)
	s.look()
	s.look()
	s.shows("stored 2 ends ✗ want 1", "stored: ends 2 ✗ want 1", "result normal_end ✓", "talk 9s ✓", "2 ✗")
	if len(s.asked) != 2 {
		t.Errorf("asked %d times, want 2", len(s.asked))
	}
	s.press("S")
	saved := string(s.orders[len(s.orders)-1].(tui.Save).Data)
	for _, want := range []string{"# when this was saved: stored 2 ends but want 1", "And one end is stored", "And the result stored is normal_end", "And the talk stored is 9s"} {
		if !strings.Contains(saved, want) {
			t.Errorf("saved without %q:\n%s", want, saved)
		}
	}
}

// The probe is asked about few calls at once, the latest first, and never again about one
// that was answered; what cannot be known is said and judges nothing.
func TestProbingIsBounded(t *testing.T) {
	s := probed(t)
	answer := s.stored
	s.stored = nil // it hangs
	for i := range 20 {
		s.place(wire.V4, call.Reject, "caller"+strconv.Itoa(i), "bob")
		s.pass(4 * time.Second)
	}
	seen := map[string]bool{}
	s.asked = nil
	s.look()
	for _, id := range s.asked {
		seen[id] = true
	}
	if len(seen) != 4 || !seen[callID(20)] {
		t.Errorf("asks about %d calls at once, want 4, the latest among them: %v", len(seen), seen)
	}
	s.stored = answer
	for range 10 {
		s.look()
	}
	s.asked = nil
	s.look()
	if len(s.asked) > 0 {
		t.Errorf("asks again about %v", s.asked)
	}
	s.stored = func(o tui.Ask) *history.Stored { return &history.Stored{Call: o.Call, Err: "probe: HTTP 500"} }
	s.place(wire.V1, call.Cancel, "alice", "dave")
	s.pass(9 * time.Second)
	s.look()
	s.look()
	s.press("1", "g", "3")
	s.shows("not known what is stored: probe: HTTP 500")
}

// What a receiver should hold of a call.
func TestWanted(t *testing.T) {
	for name, c := range map[string]struct {
		generation wire.Generation
		result     call.Result
		callees    []string
		status     int
		want       history.Wanted
	}{
		"talked":           {wire.V1, call.NormalEnd, []string{"bob"}, 200, history.Wanted{Ends: 1, Counted: true, Result: "normal_end", Talk: 9, Caller: "alice"}},
		"talked, v4":       {wire.V4, call.NormalEnd, []string{"bob"}, 200, history.Wanted{Ends: 1, Counted: true, Result: "normal_end", Talk: 9, Caller: "alice"}},
		"rejected":         {wire.V1, call.Reject, []string{"bob"}, 200, history.Wanted{Ends: 1, Counted: true, Result: "reject", Talk: -1, Caller: "alice"}},
		"group, v1":        {wire.V1, call.Reject, []string{"bob", "carol"}, 200, history.Wanted{Counted: true, Talk: -1, Caller: "alice"}},
		"not acknowledged": {wire.V4, call.Cancel, []string{"bob"}, 500, history.Wanted{Ends: 1, Result: "cancel", Talk: -1, Caller: "alice"}},
		"interrupted, v4":  {wire.V4, call.Interrupt, []string{"bob"}, 200, history.Wanted{Ends: 1, Counted: true, Talk: -1, Caller: "alice"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []history.Wanted
			s := newStage(t, func(c *tui.Config) { c.Probe = true })
			s.stored = func(o tui.Ask) *history.Stored {
				got = append(got, o.Want)
				return &history.Stored{Call: o.Call}
			}
			if c.status != 200 {
				s.answer = answers(c.status, "")
			}
			s.place(c.generation, c.result, "alice", c.callees...)
			s.pass(time.Minute)
			s.look()
			if len(got) != 1 || got[0] != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}
