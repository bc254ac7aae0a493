package sim_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"ringback/fixtures/golden"
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// Each outcome in each generation, between two and in a group: what a person
// can hold against the outcome table of the documents.
func TestOutcomes(t *testing.T) {
	for _, result := range sim.Outcomes {
		for _, g := range []wire.Generation{wire.V1, wire.V4} {
			for kind, callees := range map[string][]string{"single": {"bob"}, "group": {"bob", "carol"}} {
				name := fmt.Sprintf("outcomes/%s_%s_%s.txt", kind, result, g)
				t.Run(name, func(t *testing.T) {
					p := newPlayer(t, config())
					p.place(g, result, callees...)
					p.finish()
					golden.Compare(t, name, p.transcript())
				})
			}
		}
	}
}

// The words that a call of each outcome makes, short enough to be read beside
// the outcome table.
func TestOutcomeWords(t *testing.T) {
	want := map[call.Result][2]string{
		call.NormalEnd: {
			"caller_start_call callee_receive_call callee_accept_call caller_call_accepted caller_call_end callee_call_end normal_end",
			"AfterStartCall AfterMemberChanged AfterMemberChanged AfterEndCall",
		},
		call.Reject: {
			"caller_start_call callee_receive_call callee_reject_call caller_call_rejected reject",
			"AfterStartCall AfterMemberChanged AfterEndCall",
		},
		call.NotAnswer: {
			"caller_start_call callee_receive_call callee_not_answer_call caller_call_missed not_answer",
			"AfterStartCall AfterMemberChanged AfterEndCall",
		},
		call.CallBusy: {
			"caller_start_call callee_ignore_call caller_call_busy call_busy",
			"AfterStartCall AfterEndCall",
		},
		call.Cancel: {
			"caller_start_call callee_receive_call caller_cancel_call callee_call_canceled cancel",
			"AfterStartCall AfterMemberChanged AfterEndCall",
		},
		call.Interrupt: {
			"caller_start_call callee_receive_call callee_accept_call caller_call_accepted callee_call_interrupted caller_call_end interrupt",
			"AfterStartCall AfterMemberChanged AfterMemberChanged AfterEndCall",
		},
	}
	for result, words := range want {
		for i, g := range []wire.Generation{wire.V1, wire.V4} {
			p := newPlayer(t, config())
			p.place(g, result, "bob")
			p.finish()
			var got []string
			for _, c := range p.engine.State().Calls {
				for _, d := range c.Deliveries {
					got = append(got, strings.TrimPrefix(d.Word.String(), "Call.Callback"))
				}
			}
			if diff := cmp.Diff(words[i], strings.Join(got, " ")); diff != "" {
				t.Errorf("%s %s (-want +got):\n%s", result, g, diff)
			}
		}
	}
}

// A receiver that always answers ErrorCode 1 gets 7 attempts of the same
// bytes, with waits of 0, 1, 1, 2, 3 and 5 s.
func TestRetrySchedule(t *testing.T) {
	for _, test := range []struct {
		dialect, word string
		waits         []time.Duration
	}{
		{"attempts=7", "caller_start_call", []time.Duration{0, 1, 1, 2, 3, 5}},
		{"attempts=6", "caller_start_call", []time.Duration{1, 1, 2, 3, 5}},
		{"v4_retry=v1", "Call.CallbackAfterStartCall", []time.Duration{0, 1, 1, 2, 3, 5}},
		{"v4_retry=none", "Call.CallbackAfterStartCall", nil},
	} {
		t.Run(test.dialect, func(t *testing.T) {
			cfg := config()
			if err := cfg.Dialect.Set(test.dialect); err != nil {
				t.Fatal(err)
			}
			if err := cfg.Dialect.Set("v4_ack=strict"); err != nil {
				t.Fatal(err)
			}
			p := newPlayer(t, cfg)
			var at []call.Instant
			var bytes []string
			p.answer = func(s *sim.Send) delivery.Answer {
				if s.Delivery == 1 {
					at, bytes = append(at, p.now), append(bytes, string(s.Request.Bytes()))
				}
				return delivery.Answer{Status: 200, Body: []byte(`{"ErrorCode":1}`)}
			}
			g := wire.V1
			if strings.HasPrefix(test.word, "Call.") {
				g = wire.V4
			}
			p.place(g, call.NormalEnd, "bob")
			p.finish()
			var waits []time.Duration
			for i := range len(at) - 1 {
				waits = append(waits, at[i+1].Sub(at[i])/time.Second)
				if bytes[i+1] != bytes[i] {
					t.Errorf("attempt %d has other bytes than attempt %d", i+2, i+1)
				}
			}
			if diff := cmp.Diff(test.waits, waits); diff != "" {
				t.Errorf("waits (-want +got):\n%s", diff)
			}
			d := p.engine.State().Deliveries[1]
			if d.State != delivery.Abandoned || d.Word.String() != test.word {
				t.Errorf("%s is %s, want abandoned", d.Word, d.State)
			}
		})
	}
}

// A group call with every action, in both generations.
func TestGroupWithEveryAction(t *testing.T) {
	for _, g := range []wire.Generation{wire.V1, wire.V4} {
		t.Run(g.String(), func(t *testing.T) {
			p := newPlayer(t, config())
			p.do(sim.Place{
				Generation: g,
				Setup: call.Setup{
					App: 1400000001, Caller: "alice", Callees: []string{"bob", "carol", "dave", "erin"}, Kind: call.Group,
					Busy: []string{"erin"}, Device: phone, Room: "Alice's Room", RoomTag: call.StringRoom,
					Devices: call.Devices{"bob": {Platform: "Android", IP: "127.0.0.2"}},
				},
			})
			id := sim.CallID("test", 1)
			for _, s := range []struct {
				at time.Duration
				a  call.Action
			}{
				{2 * time.Second, call.Action{Do: call.DoAccept, By: "bob"}},
				{3 * time.Second, call.Action{Do: call.DoReject, By: "carol"}},
				{4 * time.Second, call.Action{Do: call.DoInvite, By: "bob", Users: []string{"frank", "grace"}}},
				{5 * time.Second, call.Action{Do: call.DoCancelInvite, By: "alice", Users: []string{"grace"}}},
				{6 * time.Second, call.Action{Do: call.DoAccept, By: "frank"}},
				{7 * time.Second, call.Action{Do: call.DoJoin, By: "heidi"}},
				{8 * time.Second, call.Action{Do: call.DoLoseLine, By: "heidi"}},
				{9 * time.Second, call.Action{Do: call.DoPullBattery, By: "frank"}},
				{31 * time.Second, call.Action{Do: call.DoInvite, By: "alice", Users: []string{"carol"}}}, // dave timed out at 30
				{32 * time.Second, call.Action{Do: call.DoAccept, By: "carol"}},
				{50 * time.Second, call.Action{Do: call.DoHangUp, By: "alice"}}, // frank expired at 39
				{51 * time.Second, call.Action{Do: call.DoHangUp, By: "carol"}},
			} {
				p.until(epoch.Add(s.at))
				p.do(sim.Act{Call: id, Action: s.a})
			}
			p.finish()
			golden.Compare(t, "group_every_action_"+g.String()+".txt", p.transcript())
		})
	}
}

func TestFaults(t *testing.T) {
	for name, on := range map[string]string{
		"duplicate": "duplicate=2@callee_accept_call",
		"delay":     "delay=20s@callee_accept_call",
		"drop":      "drop@call_end",
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlayer(t, config())
			p.do(sim.SetFaults{On: []string{on}})
			p.place(wire.V1, call.NormalEnd, "bob")
			p.finish()
			golden.Compare(t, "fault_"+name+".txt", p.transcript())
		})
	}
}

func TestUnknownFaultIsRefused(t *testing.T) {
	p := newPlayer(t, config())
	before := p.journal()
	if err := p.try(sim.SetFaults{On: []string{"drop", "flood"}}); err == nil {
		t.Error("an unknown fault was taken")
	}
	if p.journal() != before {
		t.Error("a refused input left a trace in the journal")
	}
}

// A user in one call is busy for another; a caller cannot place two.
func TestUsersAreInOneCall(t *testing.T) {
	p := newPlayer(t, config())
	p.do(sim.Place{Generation: wire.V1, Setup: call.Setup{App: 1400000001, Caller: "alice", Callees: []string{"bob"}, Device: phone}})
	p.do(sim.Place{Generation: wire.V1, Setup: call.Setup{App: 1400000001, Caller: "carol", Callees: []string{"bob"}, Device: phone}})
	if c := p.engine.State().Calls[sim.CallID("test", 2)]; c.Result != call.CallBusy {
		t.Errorf("carol's call ended with %q, want call_busy", c.Result)
	}
	err := p.try(sim.Place{Generation: wire.V1, Setup: call.Setup{App: 1400000001, Caller: "alice", Callees: []string{"dave"}, Device: phone}})
	if err == nil || !strings.Contains(err.Error(), "alice is in another call") {
		t.Errorf("alice calls twice: %v", err)
	}
	p.finish() // bob does not answer
	p.do(sim.Place{Generation: wire.V1, Setup: call.Setup{App: 1400000001, Caller: "carol", Callees: []string{"bob"}, Device: phone}})
	if c := p.engine.State().Calls[sim.CallID("test", 3)]; c.Phase != call.Ringing {
		t.Errorf("bob is free again, but carol's call is %s with %q", c.Phase, c.Result)
	}
}

// v4 EventTimes of one call strictly increase, though several callbacks happen
// at the same time.
func TestEventTimesIncrease(t *testing.T) {
	p := newPlayer(t, config())
	p.place(wire.V4, call.Interrupt, "bob", "carol", "dave")
	p.finish()
	last := call.Instant(0)
	for _, l := range p.lines {
		e, _ := journal.ParseLine([]byte(l))
		if cb, ok := e.Data.(*journal.Callback); ok {
			if cb.EventTime <= last {
				t.Errorf("event time %s follows %s", cb.EventTime, last)
			}
			last = cb.EventTime
		}
	}
}

// rebuild folds a journal, read from its text.
func rebuild(t interface{ Fatal(...any) }, lines []string) *journal.State {
	st := journal.NewState(journal.Keep)
	refold(t, st, lines)
	return st
}

func refold(t interface{ Fatal(...any) }, st *journal.State, lines []string) {
	for _, l := range lines {
		e, err := journal.ParseLine([]byte(l))
		if err != nil {
			t.Fatal(err)
		}
		if err := st.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
}

// states compares two states. Of a request only what the journal carries
// counts: a typed target's host is not in it.
func states(a, b *journal.State) string {
	return cmp.Diff(a, b, cmp.AllowUnexported(journal.State{}), cmpopts.EquateEmpty(),
		cmpopts.IgnoreUnexported(journal.State{}),
		cmp.Transformer("request", func(r *delivery.Request) string { return string(r.Target()) + "\n" + string(r.Body()) }),
		cmp.Transformer("endpoint", func(e *delivery.Endpoint) string { return e.Relative() }))
}

// history plays random calls with random answers and actions.
func history(t *rapid.T, p *player) {
	answers := []delivery.Answer{
		{Status: 200, Body: []byte(`{"ErrorCode":0}`)},
		{Status: 200, Body: []byte(`{"ErrorCode":0}`)},
		{Status: 200, Body: []byte(`{"ErrorCode":7}`)},
		{Status: 500, Body: []byte("<html>&</html>")},
		{Status: 200, Body: []byte("\xff\xfe")},
		{Failure: delivery.TimedOut, Detail: "waiting for the answer"},
	}
	p.answer = func(*sim.Send) delivery.Answer { return rapid.SampledFrom(answers).Draw(t, "answer") }
	users := []string{"alice", "bob", "carol", "dave"}
	for range rapid.IntRange(1, 25).Draw(t, "steps") {
		switch rapid.IntRange(0, 6).Draw(t, "what") {
		case 0:
			s := call.Setup{App: 1400000001, Caller: rapid.SampledFrom(users).Draw(t, "caller"), Kind: call.Group, Device: phone}
			for _, u := range users {
				if u != s.Caller && rapid.Bool().Draw(t, u) {
					s.Callees = append(s.Callees, u)
				}
			}
			_ = p.try(sim.Place{Setup: s, Generation: rapid.SampledFrom([]wire.Generation{wire.V1, wire.V4, wire.Both}).Draw(t, "generation")})
		case 1, 2:
			n := rapid.Uint64Range(1, max(1, p.engine.State().Placed)).Draw(t, "call")
			_ = p.try(sim.Act{Call: sim.CallID("test", n), Action: call.Action{
				Do: call.Verb(rapid.IntRange(0, int(call.DoFail)).Draw(t, "do")),
				By: rapid.SampledFrom(users).Draw(t, "by"), Users: []string{rapid.SampledFrom(users).Draw(t, "user")},
			}})
		case 3:
			p.until(p.now.Add(time.Duration(rapid.IntRange(0, 20_000).Draw(t, "ms")) * time.Millisecond))
		case 4:
			_ = p.try(sim.SetFaults{On: rapid.SliceOf(rapid.SampledFrom([]string{"drop=30%", "delay=2s:50%", "duplicate"})).Draw(t, "faults")})
		case 5:
			_ = p.try(sim.Unregister{App: 1400000001, Generation: rapid.SampledFrom([]wire.Generation{wire.V1, wire.Both}).Draw(t, "unregister")})
		case 6:
			p.do(registration(p.t))
			if rapid.IntRange(0, 3).Draw(t, "reset") == 0 {
				p.do(sim.Reset{})
			}
		}
		if rapid.Bool().Draw(t, "settle") {
			p.settle()
		}
	}
}

// A snapshot folds into the state that it was taken of.
func TestSnapshotIsTheState(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		cfg := config()
		cfg.Hosts = true // else the snapshot has them and the journal does not
		p := newPlayer(t, cfg)
		history(rt, p)
		want := journal.NewReader(journal.Keep)
		refold(rt, want, p.lines)
		lines := snapshot(rt, want)
		got := journal.NewReader(journal.Keep)
		refold(rt, got, lines)
		if diff := states(want, got); diff != "" {
			rt.Fatalf("before (-) and after (+):\n%s", diff)
		}
		if diff := cmp.Diff(want.Records(), got.Records(), cmpopts.EquateEmpty()); diff != "" {
			rt.Fatalf("records before (-) and after (+):\n%s", diff)
		}
		if diff := cmp.Diff(lines, snapshot(rt, got)); diff != "" {
			rt.Fatalf("a snapshot of the snapshot (-want +got):\n%s", diff)
		}
	})
}

// snapshot is a journal that begins where a state is.
func snapshot(t interface{ Fatal(...any) }, st *journal.State) (lines []string) {
	add := func(e *journal.Event) {
		line, err := e.AppendLine(nil)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(line))
	}
	add(&journal.Event{Data: &st.Run})
	for e := range st.Snapshot() {
		add(e)
	}
	return lines
}

// The state rebuilt from the journal's text is the engine's state, whatever
// happened.
func TestStateIsTheFoldOfTheJournal(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := newPlayer(t, config())
		history(rt, p)
		if diff := states(p.engine.State(), rebuild(rt, p.lines)); diff != "" {
			rt.Fatalf("engine's state (-) and the journal's (+):\n%s", diff)
		}
	})
}

// An engine restored from the journal goes on as the first one would have.
func TestRestoredEngineGoesOn(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := newPlayer(t, config())
		history(rt, p)
		p.settle()
		st := rebuild(rt, p.lines)
		if rapid.Bool().Draw(rt, "by a snapshot") {
			st = rebuild(rt, snapshot(rt, st))
		}
		restored, err := sim.Restore(config(), st)
		if err != nil {
			rt.Fatal(err)
		}
		q := &player{t: t, engine: restored, now: p.now, answer: ok, lines: append([]string(nil), p.lines...)}
		p.answer = ok
		p.finish()
		q.finish()
		if diff := cmp.Diff(p.journal(), q.journal()); diff != "" {
			rt.Fatalf("first engine (-), restored engine (+):\n%s", diff)
		}
	})
}

// Every delivery ends, with at most as many attempts as its policy allows and
// none after its acknowledgement; every call has at most one terminal fact.
func TestDeliveriesSettle(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := newPlayer(t, config())
		history(rt, p)
		p.finish()
		ended, acked, attempts := map[string]int{}, map[uint64]bool{}, map[uint64]int{}
		for _, l := range p.lines {
			e, _ := journal.ParseLine([]byte(l))
			switch d := e.Data.(type) {
			case *journal.Fact:
				if ended[e.Call] > 0 {
					rt.Fatalf("call %s goes on after its end: %s", e.Call, l)
				}
				if d.Kind == call.Ended || d.Kind == call.StartFailed {
					ended[e.Call]++
				}
			case *journal.Attempt:
				if acked[d.Delivery] {
					rt.Fatalf("delivery %d is sent after its acknowledgement", d.Delivery)
				}
				if attempts[d.Delivery]++; attempts[d.Delivery] != d.Attempt || d.Attempt > 7 {
					rt.Fatalf("delivery %d has attempt %d after %d", d.Delivery, d.Attempt, attempts[d.Delivery]-1)
				}
			case *journal.Answer:
				acked[d.Delivery] = d.Then == delivery.ThenAcked
			}
		}
		for id, d := range p.engine.State().Deliveries {
			if !d.State.Settled() {
				rt.Fatalf("delivery %d is %s at the end", id, d.State)
			}
		}
	})
}

// Under serial order a call's callback waits for the first answer to the one
// before; without order none waits.
func TestOrder(t *testing.T) {
	for _, order := range []sim.Order{sim.Serial, sim.Unordered} {
		cfg := config()
		cfg.Order = order
		p := newPlayer(t, cfg)
		p.place(wire.V1, call.Cancel, "bob")
		p.now = epoch.Add(3 * time.Second)
		p.do(sim.Tick{}) // nobody has answered anything yet
		want := map[sim.Order]int{sim.Serial: 1, sim.Unordered: 5}[order]
		if len(p.sends) != want {
			t.Errorf("order %s: %d attempts in flight, want %d", order, len(p.sends), want)
		}
	}
}
