package sim_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// rerun gives an engine what another one's journal says, each at its time, and
// returns the player that did it. Requests go to the same address.
func rerun(t *testing.T, lines []string, answer func(*sim.Send) delivery.Answer) *player {
	t.Helper()
	p := newPlayer(t, config())
	p.twin, p.answer = nil, answer
	for _, l := range lines {
		e, err := journal.ParseLine([]byte(l))
		if err != nil {
			t.Fatal(err)
		}
		switch d := e.Data.(type) {
		case *journal.Callback:
			if d.CopyOf != 0 { // it follows from its original's harm
				continue
			}
			d.Request = delivery.Restore(endpoint(t, "http://127.0.0.1:3000/cb"), d.URL, d.Body)
		case *journal.Fact, *journal.Refused, *journal.Released:
		default:
			continue
		}
		if e.At > p.now {
			p.until(e.At)
		}
		p.do(sim.Recorded{Call: e.Call, Data: e.Data})
	}
	p.finish()
	return p
}

// What a journal says makes the same journal again, retries included, although
// nothing is decided any more. What fails then is retried, whatever was then.
func TestRecorded(t *testing.T) {
	for _, fault := range []string{"", "late=10s@callee_accept_call", "reorder@caller_start_call", "reorder@normal_end", "replay=2@call_end", "race=2@callee_accept_call"} {
		p := newPlayer(t, config())
		p.answer = func(s *sim.Send) delivery.Answer {
			if s.Attempt < 3 && s.Word == wire.CalleeAcceptCall {
				return delivery.Answer{Status: 500, Connected: true}
			}
			return ok(s)
		}
		if fault != "" {
			p.do(sim.SetFaults{On: []string{fault}})
		}
		p.place(wire.V1, call.NormalEnd, "bob")
		p.finish()
		again := rerun(t, p.lines, p.answer)
		if diff := cmp.Diff(p.transcript(p.lines, true), again.transcript(again.lines, true)); diff != "" {
			t.Errorf("%s (-once +again):\n%s", fault, diff)
		}
		failing := rerun(t, p.lines, func(*sim.Send) delivery.Answer { return delivery.Answer{Status: 500, Connected: true} })
		if st := failing.engine.State(); st.Totals.Abandoned != st.Totals.Callbacks || st.Totals.Attempts != 7*st.Totals.Callbacks {
			t.Errorf("%s: of a receiver that always fails: %+v", fault, st.Totals)
		}
	}
}

func TestRecordedIsRefused(t *testing.T) {
	started := func() *journal.Fact {
		return &journal.Fact{Generation: wire.V1, Fact: call.Fact{
			Kind: call.Started, By: "alice", Setup: &call.Setup{Number: 1, App: 1400000001, Caller: "alice", Callees: []string{"bob"}, Device: phone},
		}}
	}
	nobody := started()
	nobody.Setup.Callees = nil
	p := newPlayer(t, config())
	p.twin = nil
	p.do(sim.Recorded{Call: "a", Data: started()})
	before := p.journal()
	for _, test := range []struct {
		id   string
		data journal.Data
		want string
	}{
		{"a", started(), `call "a": exists already`},
		{"a", &journal.SavedCall{}, `call "a": exists already`},
		{"b", nobody, `call "b": callees: a call needs at least one`},
		{"b", &journal.Fact{Fact: call.Fact{Kind: call.Started}}, `call "b": has no setup`},
		{"b", &journal.Fact{Fact: call.Fact{Kind: call.Ended}}, `call "b": not found`},
		{"b", &journal.Refused{}, `call "b": not found`},
		{"b", &journal.Released{}, `call "b": not found`},
		{"b", &journal.Callback{}, `call "b": not found`},
		{"a", &journal.Fact{Fact: call.Fact{Kind: call.Accepted, By: "carol"}}, `call "a": names "carol", who is not in the call`},
	} {
		if err := p.try(sim.Recorded{Call: test.id, Data: test.data}); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s %T: %v, want %s", test.id, test.data, err, test.want)
		}
	}
	if diff := cmp.Diff(before, p.journal()); diff != "" {
		t.Errorf("something happened (-want +got):\n%s", diff)
	}
}

// A callback comes in its turn, and a fact starts no timer.
func TestRecordedDecidesNothing(t *testing.T) {
	p := newPlayer(t, config())
	p.twin = nil
	p.do(sim.Recorded{Call: "a", Data: &journal.Fact{Generation: wire.V1, Plan: []call.Step{{After: call.Span(time.Second), Action: call.Action{Do: call.DoCancel, By: "alice"}}}, Fact: call.Fact{
		Kind: call.Started, By: "alice", Setup: &call.Setup{Number: 1, App: 1400000001, Caller: "alice", Callees: []string{"bob"}, Device: phone},
	}}})
	if at, more := p.next(); more {
		t.Errorf("something is due at %s", at)
	}
	for _, w := range []wire.Word{wire.CallerStartCall, wire.CalleeReceiveCall} {
		p.do(sim.Recorded{Call: "a", Data: &journal.Callback{
			Generation: wire.V1, Via: wire.Both, Word: w, Request: delivery.Freeze(endpoint(t, "http://127.0.0.1:3000/cb"), []byte("q"), []byte("{}")),
		}})
	}
	if len(p.sends) != 1 || p.sends[0].Word != wire.CallerStartCall {
		t.Fatalf("under way: %+v", p.sends)
	}
	p.finish()
	if st := p.engine.State(); st.Totals.Acked != 2 || st.Call("a").Phase == call.Over {
		t.Errorf("%+v, the call is %s", st.Totals, st.Call("a").Phase)
	}
}
