package sim_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/script"
	"ringback/sim/wire"
)

// byHand is something that a person may ask for in a random history.
func byHand(t *rapid.T, p *player) sim.Input {
	id := rapid.Uint64Range(1, max(1, p.engine.State().Made)).Draw(t, "delivery")
	return rapid.SampledFrom([]sim.Input{
		sim.RetryNow{Delivery: id},
		sim.GiveUp{Delivery: id},
		sim.Duplicate{Delivery: id},
		sim.Replay{Call: sim.ReadableID("test", rapid.Uint64Range(1, max(1, p.engine.State().Placed)).Draw(t, "call"))},
		sim.SetDialect{Set: []string{"v4_retry=v1"}},
		sim.SetDialect{Set: []string{"v4_retry=none", "case=title"}},
		sim.Warn{About: "actions", Text: rapid.SampledFrom([]string{"one", "another"}).Draw(t, "warning")},
	}).Draw(t, "by hand")
}

// failing is a player whose receiver fails until it is told not to.
func failing(t *testing.T) (p *player, heal func()) {
	p = newPlayer(t, config())
	p.answer = func(*sim.Send) delivery.Answer { return delivery.Answer{Status: 500, Connected: true} }
	p.do(sim.Place{Generation: wire.V1, Setup: call.Setup{App: 1400000001, Caller: "alice", Callees: []string{"bob"}, Device: phone}})
	p.until(epoch.Add(1500 * time.Millisecond)) // the third attempt failed at 1 s, the fourth is due at 2 s
	return p, func() { p.answer = ok }
}

func TestRetryNow(t *testing.T) {
	p, heal := failing(t)
	heal()
	p.do(sim.RetryNow{Delivery: 1})
	if err := p.try(sim.RetryNow{Delivery: 1}); err == nil {
		t.Error("an attempt was made while another one was under way")
	}
	p.now = epoch.Add(5 * time.Second) // the time at which it was due goes by, and the answer is not there yet
	p.do(sim.Tick{})
	if n := p.engine.State().Deliveries[1].Attempts; n != 4 {
		t.Errorf("%d attempts, want 4", n)
	}
	p.settle()
	if d := p.engine.State().Deliveries[1]; d.State != delivery.Done || d.Attempts != 4 {
		t.Errorf("%s after %d attempts, want acked after 4", d.State, d.Attempts)
	}
	if err := p.try(sim.RetryNow{Delivery: 1}); err == nil || !strings.Contains(err.Error(), "a duplicate sends it again") {
		t.Errorf("of a settled one: %v", err)
	}
	if err := p.try(sim.RetryNow{Delivery: 99}); err == nil {
		t.Error("a delivery that is not there was retried")
	}
}

// A callback that a fault holds back can be sent by hand.
func TestRetryNowOfAHeldCallback(t *testing.T) {
	p := newPlayer(t, config())
	p.do(sim.SetFaults{On: []string{"late=10s@caller_start_call"}})
	p.place(wire.V1, call.NormalEnd, "bob")
	p.do(sim.RetryNow{Delivery: 1})
	p.finish()
	if d := p.engine.State().Deliveries[1]; d.State != delivery.Done || d.Attempts != 1 {
		t.Errorf("%s after %d attempts", d.State, d.Attempts)
	}
}

func TestGiveUp(t *testing.T) {
	p, heal := failing(t)
	heal()
	p.do(sim.GiveUp{Delivery: 1})
	if err := p.try(sim.GiveUp{Delivery: 1}); err == nil {
		t.Error("a delivery was given up twice")
	}
	p.finish()
	st := p.engine.State()
	if d := st.Deliveries[1]; d.State != delivery.Abandoned || d.Attempts != 3 {
		t.Errorf("%s after %d attempts, want abandoned after 3", d.State, d.Attempts)
	}
	if st.Totals.Abandoned != 1 || st.Totals.Open() != 0 {
		t.Errorf("totals %+v", st.Totals)
	}
}

// The answer to an attempt whose delivery was given up meanwhile is refused,
// and what waited behind it goes out.
func TestGiveUpInFlight(t *testing.T) {
	p := newPlayer(t, config())
	p.do(sim.Place{Generation: wire.V1, Setup: call.Setup{App: 1400000001, Caller: "alice", Callees: []string{"bob"}, Device: phone}})
	first := p.sends[0]
	p.sends = p.sends[:0]
	p.do(sim.GiveUp{Delivery: first.Delivery})
	a := ok(nil)
	if err := p.try(sim.Answered{Delivery: first.Delivery, Attempt: 1, Answer: &a}); err == nil {
		t.Error("the answer was taken")
	}
	if len(p.sends) != 1 || p.sends[0].Delivery != 2 {
		t.Errorf("sent after it: %+v", p.sends)
	}
}

// A duplicate has the bytes of its original, whatever became of that.
func TestDuplicateAndReplay(t *testing.T) {
	p := newPlayer(t, config())
	p.place(wire.V1, call.Reject, "bob")
	p.finish()
	var sent []string
	p.answer = func(s *sim.Send) delivery.Answer {
		sent = append(sent, string(s.Request.Bytes()))
		return ok(s)
	}
	st := p.engine.State()
	var want []string
	for id := uint64(1); id <= st.Made; id++ {
		want = append(want, string(st.Deliveries[id].Request.Bytes()))
	}
	p.do(sim.Replay{Call: sim.ReadableID("test", 1)})
	p.finish()
	if diff := cmp.Diff(want, sent); diff != "" {
		t.Errorf("replayed (-want +got):\n%s", diff)
	}
	sent = nil
	p.do(sim.Duplicate{Delivery: 3})
	p.settle()
	if diff := cmp.Diff(want[2:3], sent); diff != "" {
		t.Errorf("sent again (-want +got):\n%s", diff)
	}
	if d := st.Deliveries[st.Made]; d.CopyOf != 3 || d.State != delivery.Done {
		t.Errorf("copy of %d, %s", d.CopyOf, d.State)
	}
	if err := p.try(sim.Replay{Call: "nobody"}); err == nil {
		t.Error("a call that is not there was replayed")
	}
	p.do(sim.Unregister{App: 1400000001, Generation: wire.Both})
	if err := p.try(sim.Duplicate{Delivery: 3}); err == nil || !strings.Contains(err.Error(), "address was deleted") {
		t.Errorf("to a deleted address: %v", err)
	}
}

// A choice of the dialect holds from then on, in bytes, retries and judgement,
// and for an engine that goes on from the journal.
func TestSetDialect(t *testing.T) {
	p := newPlayer(t, config())
	if err := p.try(sim.SetDialect{Set: []string{"case=title", "case=camel"}}); err == nil {
		t.Error("an unknown value was taken")
	}
	p.do(sim.SetDialect{Set: []string{"v4_retry=v1", "v4_ack=strict", "accept_action=Answer"}})
	if !strings.Contains(p.lines[len(p.lines)-1], `"kind":"dialect","set":{"accept_action":"Answer","v4_ack":"strict","v4_retry":"v1"}`) {
		t.Errorf("journalled as %s", p.lines[len(p.lines)-1])
	}
	p.answer = func(*sim.Send) delivery.Answer {
		return delivery.Answer{Status: 200, Connected: true, Body: []byte(`{}`)}
	}
	p.place(wire.V4, call.NormalEnd, "bob")
	p.finish()
	st := p.engine.State()
	if d := st.Deliveries[1]; d.State != delivery.Abandoned || d.Attempts != 7 {
		t.Errorf("%s after %d attempts, want abandoned after 7", d.State, d.Attempts)
	}
	if body := string(st.Deliveries[2].Request.Body()); !strings.Contains(body, `"ActionType":"Answer"`) {
		t.Errorf("the answer's body is %s", body)
	}
	q, err := sim.Restore(config(), rebuild(t, p.lines))
	if err != nil {
		t.Fatal(err)
	}
	if got := q.State().Dialect.V4Retry; got != "v1" {
		t.Errorf("restored with v4_retry=%s", got)
	}
	if got := rebuild(t, append(p.lines[:1:1], snapshot(t, p.engine.State())...)).Dialect.V4Ack; got != "strict" {
		t.Errorf("after a compaction v4_ack is %s", got)
	}
}

// Whoever knows a callback by its place in its call has the same done as whoever
// knows its id; what cannot be done, since it is settled, is left.
func TestHandle(t *testing.T) {
	id := sim.ReadableID("test", 1)
	handle := func(do script.Handle, w wire.Word, number, copy int) sim.Input {
		return sim.Handle{Call: id, Handling: script.Handling{Do: do, Callback: w, Number: number, Copy: copy}}
	}
	for name, pair := range map[string][2]sim.Input{
		"duplicate":             {handle(script.Duplicate, wire.CallerStartCall, 0, 0), sim.Duplicate{Delivery: 1}},
		"of the second word":    {handle(script.Duplicate, wire.CalleeReceiveCall, 1, 0), sim.Duplicate{Delivery: 2}},
		"replay":                {handle(script.Replay, 0, 0, 0), sim.Replay{Call: id}},
		"retry":                 {handle(script.RetryNow, wire.CallerStartCall, 1, 0), sim.RetryNow{Delivery: 1}},
		"give up":               {handle(script.GiveUp, wire.CallerStartCall, 0, 0), sim.GiveUp{Delivery: 1}},
		"give up the same copy": {handle(script.GiveUp, wire.CalleeReceiveCall, 0, 1), sim.GiveUp{Delivery: 3}},
	} {
		var got [2]string
		for i := range pair {
			p, _ := failing(t)
			p.do(sim.Duplicate{Delivery: 2})
			p.settle()
			p.do(pair[i])
			p.until(epoch.Add(time.Minute))
			got[i] = p.journal()
		}
		if diff := cmp.Diff(got[1], got[0]); diff != "" {
			t.Errorf("%s (-by id +by place):\n%s", name, diff)
		}
	}
	p, heal := failing(t)
	heal()
	p.until(epoch.Add(10 * time.Second))
	before := p.journal()
	p.do(handle(script.RetryNow, wire.CallerStartCall, 0, 0))
	p.do(handle(script.GiveUp, wire.CallerStartCall, 0, 0))
	if diff := cmp.Diff(before, p.journal()); diff != "" {
		t.Errorf("something happened to a callback that is acknowledged:\n%s", diff)
	}
	for want, in := range map[string]sim.Input{
		"has no callback caller_start_call number 2":   handle(script.Duplicate, wire.CallerStartCall, 2, 0),
		"has no callback copy 1 of caller_start_call":  handle(script.GiveUp, wire.CallerStartCall, 0, 1),
		`call "x": there is none, or it was over long`: sim.Handle{Call: "x"},
	} {
		if err := p.try(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
