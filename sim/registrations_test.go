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

func register(t *testing.T, g wire.Generation, words ...wire.Word) sim.Register {
	return sim.Register{App: 1400000001, Generation: g, Endpoint: endpoint(t, "http://"+g.String()+".example/"), Words: words}
}

// hosts counts the attempts so far, by host.
func (p *player) hosts() map[string]int {
	n := map[string]int{}
	for _, s := range p.sends {
		n[s.Request.Endpoint.Host]++
	}
	return n
}

// A call goes to whichever registrations its app has, each with its words.
func TestRegistrationsOfBothKinds(t *testing.T) {
	cfg := config()
	cfg.Order = sim.Unordered
	p := newPlayer(t, cfg)
	p.do(sim.Unregister{App: 1400000001, Generation: wire.Both})
	p.do(register(t, wire.V1, wire.CallerStartCall, wire.AfterStartCall))
	p.do(register(t, wire.V4, wire.AfterStartCall, wire.AfterEndCall))
	p.do(sim.Register{App: 7, Generation: wire.V4, Endpoint: endpoint(t, "http://other.example/"), Words: wire.AllWords()})
	p.place(wire.Both, call.Cancel, "bob")
	if diff := cmp.Diff(map[string]int{"v1.example": 2, "v4.example": 1}, p.hosts()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if e := p.sends[0].Request.Endpoint; !e.Learned {
		t.Error("an address that came over REST counts as typed")
	}
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

// A delete withdraws what is pending, or lets it go on; what is in flight then
// may still be acknowledged, but is not tried again.
func TestDelete(t *testing.T) {
	for pending, want := range map[string][]delivery.State{
		"drop": {delivery.Withdrawn, delivery.Withdrawn, delivery.Done, delivery.Withdrawn},
		"keep": {delivery.Done, delivery.Done, delivery.Done, delivery.Done},
	} {
		t.Run(pending, func(t *testing.T) {
			cfg := config()
			cfg.Order, cfg.Dialect = sim.Unordered, readable()
			if err := cfg.Dialect.Set("delete_pending=" + pending); err != nil {
				t.Fatal(err)
			}
			p := newPlayer(t, cfg)
			p.do(sim.Act{Call: p.placeSilent(), Action: call.Action{Do: call.DoCancel, By: "alice"}})
			answer := func(s sim.Send, status int) {
				a := delivery.Answer{Status: status, Body: []byte(`{"ErrorCode":0}`)}
				p.do(sim.Answered{Delivery: s.Delivery, Attempt: s.Attempt, Answer: &a})
			}
			sent := p.sends
			if p.sends = nil; len(sent) < 4 {
				t.Fatalf("%d attempts", len(sent))
			}
			answer(sent[0], 500)    // again at once
			answer(p.sends[0], 500) // again in 1 s
			p.sends = nil           //
			p.do(sim.Unregister{App: 1400000001, Generation: wire.Both})
			answer(sent[1], 500)
			answer(sent[2], 200)
			answer(sent[3], 503)
			p.finish()
			var got []delivery.State
			for _, s := range sent[:4] {
				got = append(got, p.engine.State().Deliveries[s.Delivery].State)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// placeSilent places a call that rings and is left alone.
func (p *player) placeSilent() string {
	p.t.Helper()
	fx, err := p.step(sim.Place{
		Generation: wire.V1, Setup: call.Setup{App: 1400000001, Caller: "alice", Callees: []string{"bob"}, Device: phone},
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return sim.Placed(fx)
}

// After a delete, what waited behind a withdrawn callback in serial order, for
// another registration, goes out.
func TestDeleteLetsOthersPass(t *testing.T) {
	p := newPlayer(t, config())
	p.do(sim.Unregister{App: 1400000001, Generation: wire.Both})
	p.do(sim.SetFaults{On: nil})
	p.do(register(t, wire.V1, wire.CalleeReceiveCall))
	p.do(register(t, wire.V4, wire.AfterStartCall, wire.AfterEndCall))
	p.place(wire.Both, call.Cancel, "bob") // StartCall flies, receive_call and then EndCall wait
	p.now = epoch.Add(5 * time.Second)
	p.do(sim.Tick{})
	a := ok(nil)
	p.do(sim.Unregister{App: 1400000001, Generation: wire.V1})
	p.do(sim.Answered{Delivery: p.sends[0].Delivery, Attempt: 1, Answer: &a})
	if diff := cmp.Diff(map[string]int{"v4.example": 2}, p.hosts()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A reset forgets calls and what was to be delivered; ids go on counting.
func TestReset(t *testing.T) {
	p := newPlayer(t, config())
	p.placeSilent()
	flying := p.sends[0]
	p.do(sim.Reset{})
	a := ok(nil)
	if err := p.try(sim.Answered{Delivery: flying.Delivery, Attempt: 1, Answer: &a}); err == nil {
		t.Error("an answer to a forgotten callback was taken")
	}
	if at, more := p.engine.Next(); more {
		t.Errorf("something is left to do at %s", at)
	}
	if id := p.placeSilent(); id != "rb-test-0002" { // and alice is free again
		t.Errorf("the next call is %s", id)
	}
	p.do(sim.Reset{Registrations: true})
	if n := len(p.engine.State().Targets); n != 0 {
		t.Errorf("%d registrations are left", n)
	}
}

// The server ends a call as its dialect says.
func TestEndByServer(t *testing.T) {
	for _, test := range []struct{ dialect, do, want string }{
		{"by_state", "", "caller_cancel_call callee_call_canceled cancel cancel"},
		{"by_state", "accept", "caller_call_end callee_call_end normal_end normal_end"},
		{"Interrupt", "", "caller_call_interrupted callee_call_canceled interrupt interrupt"},
		{"Interrupt", "accept", "caller_call_end callee_call_end interrupt interrupt"},
	} {
		cfg := config()
		cfg.Dialect = readable()
		if err := cfg.Dialect.Set("end_call_result=" + test.dialect); err != nil {
			t.Fatal(err)
		}
		p := newPlayer(t, cfg)
		id := p.placeSilent()
		if test.do != "" {
			p.do(sim.Act{Call: id, Action: call.Action{Do: call.DoAccept, By: "bob"}})
		}
		p.settle()
		from := len(p.lines)
		p.do(sim.Act{Call: id, Action: call.Action{Do: call.DoEndByServer}})
		p.finish()
		var got []string
		for _, l := range p.lines[from:] {
			if e, _ := journal.ParseLine([]byte(l)); e != nil {
				if cb, is := e.Data.(*journal.Callback); is {
					got = append(got, cb.Word.String())
				}
			}
		}
		got = append(got, p.engine.State().Call(id).Result.String())
		if diff := cmp.Diff(test.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s, %s (-want +got):\n%s", test.dialect, test.do, diff)
		}
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
