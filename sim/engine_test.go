package sim_test

import (
	"fmt"
	"regexp"
	"slices"
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
	"ringback/sim/fault"
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
			for c := range p.engine.State().Calls() {
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
					Devices: call.Devices{{User: "bob", Device: &call.Device{Platform: "Android", IP: "127.0.0.2"}}},
				},
			})
			id := sim.ReadableID("test", 1)
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

// What each fault makes of a call, told to a person.
func TestFaults(t *testing.T) {
	v1 := map[string]string{
		"delay":          "delay=20s@callee_accept_call",
		"drop":           "drop@call_end",
		"duplicate":      "duplicate=2@callee_accept_call",
		"replay":         "replay=2@callee_accept_call",
		"race":           "race=2@callee_accept_call",
		"reorder":        "reorder",
		"reorder_one":    "reorder@callee_accept_call",
		"reorder_last":   "reorder@call_end",
		"late":           "late=10s@callee_accept_call",
		"lose_answer":    "lose_answer=2@callee_accept_call",
		"reset":          "reset@callee_accept_call",
		"truncate":       "truncate@callee_accept_call",
		"slow":           "slow@callee_accept_call",
		"late_replay":    "late=10s@callee_accept_call replay@callee_accept_call",
		"late_race":      "late=10s@callee_accept_call race@callee_accept_call delay=1s",
		"reorder_copies": "reorder@callee_accept_call duplicate@callee_accept_call",
		"skewed":         "skew=90s@normal_end unknown_field@normal_end duplicate@normal_end",
	}
	v4 := map[string]string{
		"wrong_app": "wrong_app", "no_query": "no_query", "unknown_command": "unknown_command", "unknown_field": "unknown_field",
		"content_type": "content_type", "oversize": "oversize=400", "bad_utf8": "bad_utf8", "malformed": "malformed",
		"empty_body": "empty_body", "skew": "skew=-1h", "stale_sign": "stale_sign", "wrong_sign": "wrong_sign",
	}
	for _, i := range fault.List() {
		if v1[i.Name] == "" && v4[i.Name] == "" {
			t.Errorf("%s is not played", i.Name)
		}
	}
	for g, list := range map[wire.Generation]map[string]string{wire.V1: v1, wire.V4: v4} {
		for name, on := range list {
			t.Run(name, func(t *testing.T) {
				cfg := config()
				if strings.HasSuffix(name, "_sign") {
					cfg.Sign = "xxxxyyyy"
				}
				p := newPlayer(t, cfg)
				p.answer = network
				p.do(sim.SetFaults{On: strings.Fields(on)})
				p.place(g, call.NormalEnd, "bob")
				p.finish()
				golden.Compare(t, "fault_"+name+".txt", p.transcript())
			})
		}
	}
}

// Under order none a callback that changes places starts right behind the next,
// and one that waits for the end has its time as soon as the call is over.
func TestHeldBackWithoutOrder(t *testing.T) {
	cfg := config()
	cfg.Order = sim.Unordered
	p := newPlayer(t, cfg)
	p.do(sim.SetFaults{On: []string{"reorder@callee_receive_call", "late=5s@caller_start_call"}})
	p.place(wire.V1, call.NormalEnd, "bob")
	var words []string
	p.answer = func(s *sim.Send) delivery.Answer {
		words = append(words, p.engine.State().Deliveries[s.Delivery].Word.String()+" "+p.now.Sub(epoch).String())
		return ok(s)
	}
	p.finish()
	want := []string{
		"callee_accept_call 3s", "callee_receive_call 3s", "caller_call_accepted 3s",
		"caller_call_end 12s", "callee_call_end 12s", "normal_end 12s", "caller_start_call 17s",
	}
	if diff := cmp.Diff(want, words); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What is held back can be seen, and goes with its registration.
func TestHeldBack(t *testing.T) {
	p := newPlayer(t, config())
	p.do(sim.SetFaults{On: []string{"late=5s@caller_start_call", "reorder@callee_receive_call", "replay@callee_accept_call"}})
	p.place(wire.V1, call.NormalEnd, "bob")
	p.until(epoch.Add(time.Second))
	st := p.engine.State()
	for id, want := range map[uint64]delivery.Hold{1: delivery.UntilEnd, 2: delivery.UntilNext} {
		if d := st.Deliveries[id]; d.State != delivery.Queued || d.Hold != want {
			t.Errorf("%s is %s, held back until %q, want %q", d.Word, d.State, d.Hold, want)
		}
	}
	p.do(sim.Unregister{App: 1400000001, Generation: wire.Both})
	p.finish()
	for id := range uint64(2) {
		if d := st.Deliveries[id+1]; d.State != delivery.Withdrawn || d.Hold != delivery.NoHold {
			t.Errorf("%s is %s, held back until %q", d.Word, d.State, d.Hold)
		}
	}
	if c := st.Call(sim.ReadableID("test", 1)); c.Held != 0 || !c.Over() {
		t.Errorf("%d are held back, over is %t", c.Held, c.Over())
	}
}

// The same callbacks are hit however many copies an answer brings.
func TestCopiesDoNotMoveShares(t *testing.T) {
	words := func(on ...string) (hit []string) {
		p := newPlayer(t, config())
		p.do(sim.SetFaults{On: on})
		p.place(wire.V1, call.NormalEnd, "bob")
		p.finish()
		for _, d := range p.engine.State().DeliveriesAfter(0, "") {
			if d.State == delivery.Dropped {
				hit = append(hit, d.Word.String())
			}
		}
		return hit
	}
	want := words("drop=40%")
	if diff := cmp.Diff(want, words("drop=40%", "replay=2:50%")); diff != "" || len(want) == 0 {
		t.Errorf("hit without copies %v (-), with copies (+):\n%s", want, diff)
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
	if c := p.engine.State().Call(sim.ReadableID("test", 2)); c.Result != call.CallBusy {
		t.Errorf("carol's call ended with %q, want call_busy", c.Result)
	}
	err := p.try(sim.Place{Generation: wire.V1, Setup: call.Setup{App: 1400000001, Caller: "alice", Callees: []string{"dave"}, Device: phone}})
	if err == nil || !strings.Contains(err.Error(), "alice is in another call") {
		t.Errorf("alice calls twice: %v", err)
	}
	p.finish() // bob does not answer
	p.do(sim.Place{Generation: wire.V1, Setup: call.Setup{App: 1400000001, Caller: "carol", Callees: []string{"bob"}, Device: phone}})
	if c := p.engine.State().Call(sim.ReadableID("test", 3)); c.Phase != call.Ringing {
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
	return rebuildKept(t, lines, journal.Keep)
}

func rebuildKept(t interface{ Fatal(...any) }, lines []string, keep uint64) *journal.State {
	st := journal.NewState(keep)
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
		cmpopts.IgnoreUnexported(journal.State{}), cmpopts.IgnoreTypes(delivery.Pins(0)),
		cmp.Transformer("request", func(r *delivery.Request) string { return withoutHost(r) }),
		cmp.Transformer("endpoint", func(e *delivery.Endpoint) string { return e.Relative() }))
}

// mischief is every fault, each for a share of the callbacks.
var mischief = []string{
	"drop=30%", "delay=2s:50%", "duplicate", "replay=2:70%", "race=2:60%", "reorder=60%", "late=4s:50%", "lose_answer=2:50%",
	"reset=50%", "truncate:50%", "slow:50%", "wrong_app:50%", "no_query:50%", "unknown_command:50%", "unknown_field:50%",
	"content_type:50%", "oversize=600:50%", "bad_utf8:50%", "malformed:50%", "empty_body:50%", "skew:50%",
	"stale_sign:50%", "wrong_sign:50%",
}

func TestMischiefIsAll(t *testing.T) {
	for _, i := range fault.List() {
		if !slices.ContainsFunc(mischief, func(s string) bool { return strings.HasPrefix(s, i.Name) }) {
			t.Errorf("no history has the fault %s", i.Name)
		}
	}
}

// anyOrder is a config of either order.
func anyOrder(t *rapid.T) sim.Config {
	cfg := config()
	cfg.Order = rapid.SampledFrom([]sim.Order{sim.Serial, sim.Unordered}).Draw(t, "order")
	cfg.Sign = rapid.SampledFrom([]string{"", "xxxxyyyy"}).Draw(t, "sign")
	cfg.Dialect.QueryOrder = rapid.SampledFrom([]string{"documented", "sorted"}).Draw(t, "query order")
	cfg.Dialect.SetPending = rapid.SampledFrom([]string{"keep", "new"}).Draw(t, "set pending")
	return cfg
}

// withoutHost is a request's bytes but for its host.
func withoutHost(r *delivery.Request) string {
	return strings.Replace(string(r.Bytes()), "Host: "+r.Endpoint.Host, "Host:", 1)
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
	users, kinds := []string{"alice", "bob", "carol", "dave"}, 7
	if p.rules {
		kinds = 6
	}
	for range rapid.IntRange(1, 25).Draw(t, "steps") {
		switch rapid.IntRange(0, kinds).Draw(t, "what") {
		case 0:
			s := call.Setup{App: 1400000001, Caller: rapid.SampledFrom(users).Draw(t, "caller"), Kind: call.Group, Device: rapid.SampledFrom([]*call.Device{phone, desktop}).Draw(t, "device")}
			for _, u := range users {
				if u != s.Caller && rapid.Bool().Draw(t, u) {
					s.Callees = append(s.Callees, u)
				}
			}
			_ = p.try(sim.Place{
				Setup: s, Generation: rapid.SampledFrom([]wire.Generation{wire.V1, wire.V4, wire.Both}).Draw(t, "generation"),
				Plan: plan(t, users), RingLater: rapid.IntRange(0, 4).Draw(t, "ring later") == 0,
			})
		case 1, 2:
			n := rapid.Uint64Range(1, max(1, p.engine.State().Placed)).Draw(t, "call")
			_ = p.try(sim.Act{Call: sim.ReadableID("test", n), Action: call.Action{
				Do: call.Verb(rapid.IntRange(0, int(call.DoFail)).Draw(t, "do")),
				By: rapid.SampledFrom(users).Draw(t, "by"), Users: []string{rapid.SampledFrom(users).Draw(t, "user")},
			}})
		case 3:
			p.until(p.now.Add(time.Duration(rapid.IntRange(0, 20_000).Draw(t, "ms")) * time.Millisecond))
		case 4:
			_ = p.try(sim.SetFaults{On: rapid.SliceOfN(rapid.SampledFrom(mischief), 0, 4).Draw(t, "faults")})
		case 5:
			_ = p.try(sim.Unregister{App: 1400000001, Generation: rapid.SampledFrom([]wire.Generation{wire.V1, wire.Both}).Draw(t, "unregister")})
		case 6:
			in := registration(p.t)
			in.Endpoint = endpoint(p.t, rapid.SampledFrom([]string{in.Endpoint.URL, "http://127.0.0.1:9080/cb?X=1&a=2", "http://127.0.0.1:9080/?token=5f2cgh77"}).Draw(t, "url"))
			p.do(in)
			if rapid.IntRange(0, 3).Draw(t, "reset") == 0 {
				p.do(sim.Reset{})
			}
		case 7:
			_ = p.try(byHand(t, p))
		}
		if rapid.Bool().Draw(t, "settle") {
			p.settle()
		}
	}
}

// plan is what phones do in a random call.
func plan(t *rapid.T, users []string) (steps []call.Step) {
	for range rapid.IntRange(0, 4).Draw(t, "planned") {
		steps = append(steps, call.Step{
			After: call.Span(time.Duration(rapid.IntRange(0, 40_000).Draw(t, "after")) * time.Millisecond),
			Action: call.Action{
				Do: call.Verb(rapid.IntRange(0, int(call.DoFail)).Draw(t, "do")),
				By: rapid.SampledFrom(users).Draw(t, "by"), Users: []string{rapid.SampledFrom(users).Draw(t, "user")},
			},
		})
	}
	return steps
}

// A snapshot folds into the state that it was taken of.
func TestSnapshotIsTheState(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		cfg := anyOrder(rt)
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
		p := newPlayer(t, anyOrder(rt))
		history(rt, p)
		if diff := states(p.engine.State(), rebuild(rt, p.lines)); diff != "" {
			rt.Fatalf("engine's state (-) and the journal's (+):\n%s", diff)
		}
	})
}

// An engine restored from the journal goes on as the first one would have.
func TestRestoredEngineGoesOn(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		cfg := anyOrder(rt)
		p := newPlayer(t, cfg)
		history(rt, p)
		p.settle()
		st := rebuild(rt, p.lines)
		if rapid.Bool().Draw(rt, "by a snapshot") {
			st = rebuild(rt, snapshot(rt, st))
		}
		restored, err := sim.Restore(cfg, st)
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

// Every delivery of a call that ends does so too, with at most as many attempts
// as its policy allows, all of the same bytes, and none after its
// acknowledgement but the copies that a fault asked for; every call has at most
// one terminal fact.
func TestDeliveriesSettle(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := newPlayer(t, anyOrder(rt))
		p.rules = true
		history(rt, p)
		for n := range p.engine.State().Placed {
			_ = p.try(sim.Act{Call: sim.ReadableID("test", n+1), Action: call.Action{Do: call.DoEndByServer}})
		}
		p.finish()
		w := watcher{ended: map[string]bool{}, acked: map[uint64]int{}, attempts: map[uint64]int{}, made: map[uint64]*journal.Callback{}, copies: map[uint64]int{}}
		for _, l := range p.lines {
			e, _ := journal.ParseLine([]byte(l))
			if wrong := w.see(e); wrong != "" {
				rt.Fatalf("%s: %s", wrong, l)
			}
		}
		for id, d := range p.engine.State().Deliveries {
			if !d.State.Settled() || d.Hold != delivery.NoHold {
				rt.Fatalf("delivery %d is %s at the end, held back until %q", id, d.State, d.Hold)
			}
		}
		for c := range p.engine.State().Calls() {
			if c.Held != 0 || c.Open != 0 {
				rt.Fatalf("call %s holds %d back, %d are open", c.ID, c.Held, c.Open)
			}
		}
	})
}

// watcher holds a journal against the rules of delivery.
type watcher struct {
	ended    map[string]bool
	made     map[uint64]*journal.Callback
	attempts map[uint64]int
	acked    map[uint64]int // how many copies may follow
	copies   map[uint64]int
}

func (w *watcher) see(e *journal.Event) (wrong string) {
	switch d := e.Data.(type) {
	case *journal.Fact:
		if w.ended[e.Call] {
			return "the call goes on after its end"
		}
		w.ended[e.Call] = d.Kind == call.Ended || d.Kind == call.StartFailed
	case *journal.Callback:
		w.made[d.Delivery] = d
		return w.copied(d)
	case *journal.Attempt:
		if len(d.URL) > 0 { // written anew: its registration has moved, or it is signed late
			moved := *w.made[d.Delivery]
			moved.URL = d.URL
			w.made[d.Delivery] = &moved
		}
		most := 7
		if w.made[d.Delivery].Generation == wire.V4 {
			most = 1
		}
		w.attempts[d.Delivery]++
		switch _, acked := w.acked[d.Delivery]; {
		case acked:
			return "it is sent after its acknowledgement"
		case w.attempts[d.Delivery] != d.Attempt || d.Attempt > most:
			return fmt.Sprintf("this is attempt %d", w.attempts[d.Delivery])
		}
		if len(d.URL) > 0 { // written again, for copies that follow too
			w.made[d.Delivery].URL = d.URL
		}
	case *journal.Answer:
		if d.Then == delivery.ThenAcked {
			w.acked[d.Delivery] = 0
			if h := w.made[d.Delivery].Harm; h != nil {
				w.acked[d.Delivery] = h.Replay
			}
		}
	}
	return ""
}

var signedParts = regexp.MustCompile(`(Sign|RequestTime)=\w+`)

// unsigned is a URL without its signature: a copy has that of the original's first
// attempt, which may have been signed anew, or one of its own after a while.
func unsigned[S ~string | ~[]byte](url S) string {
	return signedParts.ReplaceAllString(string(url), "")
}

// copied checks that a copy has its original's bytes and was asked for.
func (w *watcher) copied(d *journal.Callback) (wrong string) {
	if d.CopyOf == 0 {
		return ""
	}
	o := w.made[d.CopyOf]
	left, acked := w.acked[d.CopyOf]
	w.copies[d.CopyOf]++
	switch {
	case o.CopyOf != 0:
		return "a copy of a copy"
	case unsigned(o.URL) != unsigned(d.URL) || string(o.Body) != string(d.Body) || o.ContentType != d.ContentType || o.EventTime != d.EventTime:
		return "a copy with other bytes"
	case acked && left == 0:
		return "one copy too many after the acknowledgement"
	case acked:
		w.acked[d.CopyOf]--
	case !slices.Contains(o.Faults, "duplicate") && !(slices.Contains(o.Faults, "race") && w.attempts[d.CopyOf] == 1):
		return "a copy that nobody asked for"
	}
	return ""
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
