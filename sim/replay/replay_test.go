package replay_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ringback/fixtures/harness"
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/fault"
	"ringback/sim/journal"
	"ringback/sim/replay"
	"ringback/sim/run"
	"ringback/sim/wire"
)

// The same receiver answers the same, and this run's journal is the one that is
// sent again, to the byte, but for the header and the address.
func TestVerbatim(t *testing.T) {
	for name, answer := range map[string]func(string, int) delivery.Answer{
		"acknowledges": acknowledges, "fails twice": stumbles("bob", 2), "always fails": stumbles("normal_end", 99),
	} {
		t.Run(name, func(t *testing.T) {
			then := newBackend(answer)
			lines := record(t, calls(), then)
			now := newBackend(answer)
			r := again(t, lines, now)
			if diff := cmp.Diff(events(lines), events(r.journal)); diff != "" {
				t.Errorf("the journal (-then +now):\n%s", diff)
			}
			if r.sum.Same != uint64(len(then.seen)) || r.sum.Same != r.sum.Callbacks || r.sum.Attempts != uint64(len(then.got)) || len(r.differs) > 0 {
				t.Errorf("%+v %v", r.sum, r.differs)
			}
		})
	}
}

// Which of the copies of a callback comes first is chance, and no difference.
func TestCopiesChangePlaces(t *testing.T) {
	takes := func(which int) func(string, int) delivery.Answer {
		return func(body string, before int) delivery.Answer {
			if before == which {
				return acknowledges(body, before)
			}
			return delivery.Answer{Status: 200, Body: []byte(`{"ErrorCode":1}`)}
		}
	}
	lines := record(t, calls("duplicate"), newBackend(takes(0)))
	r := again(t, lines, newBackend(takes(1)))
	if r.sum.Same != r.sum.Callbacks || len(r.differs) > 0 {
		t.Errorf("%+v %v", r.sum, r.differs)
	}
	if r := again(t, lines, newBackend(takes(-1))); r.sum.RejectedNow == 0 {
		t.Errorf("nobody is taken, and that is no difference: %+v", r.sum)
	}
}

// So it is with each fault, whatever the receiver answers; only what goes out at
// the very moment in which a callback is answered may be in another order.
func TestFaultsAgain(t *testing.T) {
	for _, f := range fault.List() {
		t.Run(f.Name, func(t *testing.T) {
			if testing.Short() && f.Name == "oversize" {
				t.Skip("sends megabytes")
			}
			synctest.Test(t, func(t *testing.T) { // whose wall time stands still, so that none is signed anew
				s := calls(f.Example)
				if strings.HasSuffix(f.Name, "_sign") {
					s.sign = "xxxxyyyy"
				}
				lines := record(t, s, newBackend(stumbles("carol", 2)))
				r := again(t, lines, newBackend(stumbles("carol", 2)))
				if diff := cmp.Diff(events(lines), events(r.journal)); diff != "" {
					t.Errorf("the journal (-then +now):\n%s", diff)
				}
				if r.sum.Same != r.sum.Callbacks || r.sum.NotSent+r.sum.LeftOut > 0 {
					t.Errorf("%+v %v", r.sum, r.differs)
				}
				if f.Name == "drop" && r.sum.NeverSent == 0 {
					t.Error("nothing was lost")
				}
			})
		})
	}
}

// A fresh replay is what the same calls would have been in another run, at
// another time: byte for byte, faults and all.
func TestFreshIsAnotherRun(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := anyStory(rt)
		lines := record(t, s, newBackend(stumbles("carol", 2)))
		other := s
		other.token = rapid.StringMatching(`[a-z0-9]{1,8}`).Draw(rt, "token")
		by := time.Duration(rapid.IntRange(-1e6, 1e6).Draw(rt, "by")) * time.Second
		other.epoch, other.inputs = s.epoch.Add(by), nil
		for _, in := range s.inputs {
			in.At = in.At.Add(by)
			other.inputs = append(other.inputs, in)
		}
		want := record(t, other, newBackend(stumbles("carol", 2)))
		rec := open(t, lines, replay.Pick{})
		r := send(t, rec, newBackend(stumbles("carol", 2)), func(c *replay.Config) {
			c.Order = s.order
			c.Fresh = &replay.Fresh{Token: other.token, Epoch: rec.First.Add(by)}
		})
		if diff := cmp.Diff(events(want), events(r.journal)); diff != "" {
			rt.Fatalf("(-another run +fresh):\n%s", diff)
		}
		if r.sum.Same != r.sum.Callbacks {
			rt.Fatalf("%+v %v", r.sum, r.differs)
		}
	})
}

// anyStory is a few calls at any time, with any faults.
func anyStory(t *rapid.T) story {
	s := story{token: "then", epoch: epoch.Add(time.Duration(rapid.IntRange(0, 999).Draw(t, "ms")) * time.Millisecond), target: "http://staging/cb?token=s3cret"}
	s.order = rapid.SampledFrom([]sim.Order{sim.Serial, sim.Unordered}).Draw(t, "order")
	s.dialect = rapid.SampledFrom([][]string{nil, {"call_id=uuid"}, {"v4_retry=v1", "v4_ack=strict"}, {"user_account=number", "case=title", "call_id=uuid"}, {"query_order=sorted"}}).Draw(t, "dialect")
	faults := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{
		"delay=2s:50%", "drop:20%", "duplicate=2:30%", "replay:30%", "late=5s:30%", "lose_answer:30%", "malformed:30%", "bad_utf8:30%",
		"unknown_field:30%", "no_query:30%", "empty_body:30%", "content_type:30%", "skew=90s:30%", "race=2:30%", "reorder:30%", "reset:30%",
		"truncate:30%", "wrong_app:30%", "unknown_command:30%",
	}), 0, 2, rapid.ID).Draw(t, "faults")
	s.do(0, sim.SetFaults{On: faults})
	after := time.Duration(0)
	for range rapid.IntRange(1, 4).Draw(t, "calls") {
		after += time.Duration(rapid.IntRange(0, 5000).Draw(t, "after")) * time.Millisecond
		s.place(after, rapid.SampledFrom([]wire.Generation{wire.V1, wire.V4}).Draw(t, "generation"), rapid.SampledFrom(sim.Outcomes).Draw(t, "outcome"),
			[]string{"bob", "carol"}[:rapid.IntRange(1, 2).Draw(t, "callees")]...)
	}
	return s
}

// What the answers are now decides what is sent, and each difference is named.
func TestDifferences(t *testing.T) {
	s := story{token: "then", epoch: epoch, target: "http://staging/cb?token=s3cret"}
	s.place(0, wire.V1, call.NormalEnd, "bob")
	s.place(time.Minute, wire.V4, call.Reject, "bob")
	errorCode := func(code int, of string) func(string, int) delivery.Answer {
		return func(body string, before int) delivery.Answer {
			if strings.Contains(body, of) {
				return delivery.Answer{Status: 200, Body: fmt.Appendf(nil, `{"ErrorCode":%d,"ErrorMessage":"at %d"}`, code, before)}
			}
			return acknowledges(body, before)
		}
	}
	for _, test := range []struct {
		name      string
		then, now func(string, int) delivery.Answer
		want      []string
		sum       replay.Summary
	}{
		{
			"rejected now", acknowledges, stumbles("accept_call", 99),
			[]string{"rejected_now rb-then-0001 callee_accept_call: acked -> HTTP 500, the receiver failed; abandoned after 7 attempts"},
			replay.Summary{Same: 9, RejectedNow: 1, Attempts: 16, Acked: 9, Abandoned: 1},
		},
		{
			"acknowledged now", stumbles("accept_call", 99), acknowledges,
			[]string{"acked_now rb-then-0001 callee_accept_call: HTTP 500, the receiver failed; abandoned after 7 attempts -> acked"},
			replay.Summary{Same: 9, AckedNow: 1, Attempts: 10, Acked: 10},
		},
		{
			"only later", acknowledges, stumbles("accept_call", 2),
			[]string{"otherwise rb-then-0001 callee_accept_call: acked -> acked at attempt 3, after HTTP 500, the receiver failed"},
			replay.Summary{Same: 9, Otherwise: 1, Attempts: 12, Acked: 10},
		},
		{
			"another error", errorCode(1, "accept_call"), errorCode(2, "accept_call"),
			[]string{"otherwise rb-then-0001 callee_accept_call: ErrorCode is 1 (\"at 0\"), want 0; abandoned after 7 attempts -> ErrorCode is 2 (\"at 0\"), want 0; abandoned after 7 attempts"},
			replay.Summary{Same: 9, Otherwise: 1, Attempts: 16, Acked: 9, Abandoned: 1},
		},
		{"other words", errorCode(1, "accept_call"), func(body string, _ int) delivery.Answer { return errorCode(1, "accept_call")(body, 99) }, nil, replay.Summary{Same: 10, Attempts: 16, Acked: 9, Abandoned: 1}},
		{
			"what v4 ignores", acknowledges, errorCode(7, "CallRecord"),
			[]string{`otherwise rb-then-0002 Call.CallbackAfterEndCall: acked -> acked, not as documented: ActionStatus is missing, want a string`},
			replay.Summary{Same: 9, Otherwise: 1, Attempts: 10, Acked: 10},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := again(t, record(t, s, newBackend(test.then)), newBackend(test.now))
			if diff := cmp.Diff(test.want, r.differs); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			test.sum.Callbacks, test.sum.Sent, test.sum.Connected = 10, 10, test.sum.Attempts
			if diff := cmp.Diff(&test.sum, r.sum); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What a person asked for in the journal's run: copies are sent again, what was
// done to a single delivery is not.
func TestByHand(t *testing.T) {
	s := story{token: "then", epoch: epoch, target: "http://staging/cb?token=s3cret"}
	s.do(0, sim.SetFaults{On: []string{"drop@callee_receive_call"}})
	s.place(0, wire.V1, call.CallBusy, "bob")
	s.place(0, wire.V1, call.Reject, "bob")
	s.do(100*time.Millisecond, sim.GiveUp{Delivery: 1}) // after two failed attempts
	s.do(time.Second, sim.Duplicate{Delivery: 2})
	s.do(40*time.Second, sim.Duplicate{Delivery: 6}) // which was lost
	s.do(50*time.Second, sim.Replay{Call: "rb-then-0001"})
	answer := func(body string, before int) delivery.Answer {
		if strings.Contains(body, "start_call") && strings.Contains(body, "rb-then-0001") {
			return delivery.Answer{Status: 500}
		}
		return acknowledges(body, before)
	}
	lines := record(t, s, newBackend(answer))
	now := newBackend(answer)
	r := again(t, lines, now)
	want := &replay.Summary{Callbacks: 14, Sent: 14, Same: 14, NeverSent: 1, Attempts: 26, Connected: 26, Acked: 12, Abandoned: 2}
	if diff := cmp.Diff(want, r.sum); diff != "" {
		t.Errorf("(-want +got):\n%s%v", diff, r.differs)
	}
	sent := map[string]int{}
	for _, m := range now.got {
		if strings.Contains(m, "rb-then-0001") && !strings.Contains(m, "start_call") {
			sent[m]++
		}
	}
	for m, n := range sent {
		if n < 2 {
			t.Errorf("sent %d times: %s", n, m)
		}
	}
}

// A journal that was reset or whose address was deleted goes the same way again.
func TestResetAndUnregister(t *testing.T) {
	s := calls()
	s.inputs = append(s.inputs[:3:3], run.Timed{At: epoch.Add(1500 * time.Millisecond), Input: sim.Unregister{App: app, Generation: wire.Both}})
	lines := record(t, s, newBackend(stumbles("alice", 99)))
	r := again(t, lines, newBackend(stumbles("alice", 99)))
	if diff := cmp.Diff(events(lines), events(r.journal)); diff != "" {
		t.Errorf("unregistered (-then +now):\n%s", diff)
	}
	if r.sum.Same != r.sum.Callbacks || r.sum.Callbacks == 0 {
		t.Errorf("unregistered: %+v %v", r.sum, r.differs)
	}
	s.inputs[len(s.inputs)-1].Input = sim.Reset{}
	s.place(5*time.Second, wire.V1, call.Reject, "bob")
	lines = record(t, s, newBackend(stumbles("alice", 99)))
	r = again(t, lines, newBackend(stumbles("alice", 99)))
	if diff := cmp.Diff(events(lines), events(r.journal)); diff != "" {
		t.Errorf("reset (-then +now):\n%s", diff)
	}
	if r.sum.Same != r.sum.Callbacks {
		t.Errorf("reset: %+v %v", r.sum, r.differs)
	}
}

// A journal that was cut down has the callbacks of the calls that were kept.
// They go out first, without the gaps between them.
func TestSnapshot(t *testing.T) {
	answer := stumbles("bob", 99)
	lines := record(t, calls("replay:50%", "race=2:20%", "duplicate:20%", "late:20%"), newBackend(answer))
	for _, cut := range []int{10, 100, 200, 300} {
		short, kept := cutDown(t, lines, cut)
		r := again(t, short, newBackend(answer))
		if r.sum.Callbacks != kept || r.sum.Same+r.sum.NotCompared != kept || r.sum.NotSent > 0 || r.sum.Same < kept*8/10 {
			t.Errorf("cut down after %d lines: %d callbacks, %+v %v", cut, kept, r.sum, r.differs)
		}
		fresh := again(t, short, newBackend(answer), func(c *replay.Config) { c.Fresh = &replay.Fresh{Token: "now", Epoch: epoch.Add(time.Hour)} })
		if fresh.sum.Same != r.sum.Same || strings.Contains(string(fresh.journal), "rb-then") {
			t.Errorf("fresh: %+v", fresh.sum)
		}
	}
}

// cutDown puts what matters of a journal's first lines in their place, and
// counts the callbacks.
func cutDown(t *testing.T, lines []byte, n int) (short []byte, callbacks uint64) {
	t.Helper()
	state := journal.NewReader(journal.Keep)
	cut := false
	add := func(e *journal.Event) {
		var err error
		if short, err = e.AppendLine(short); err != nil {
			t.Fatal(err)
		}
	}
	for l := range strings.Lines(string(lines)) {
		e, err := journal.ParseLine([]byte(l))
		if err != nil {
			t.Fatal(err)
		}
		if cb, ok := e.Data.(*journal.Callback); ok && cb.State != delivery.Dropped {
			callbacks++
		}
		if cut || e.Seq == 0 {
			add(e)
		}
		if n--; cut {
			continue
		}
		if err := state.Apply(e); err != nil {
			t.Fatal(err)
		}
		if cut = n <= 0 && !e.More; cut {
			for e := range state.Snapshot() {
				add(e)
			}
		}
	}
	return short, callbacks
}

// Only what was picked is sent.
func TestPick(t *testing.T) {
	lines := record(t, calls(), newBackend(acknowledges))
	for _, test := range []struct {
		pick  replay.Pick
		calls uint64
		all   string // in all of them
	}{
		{replay.Pick{Generation: wire.V1}, 12, "sdkappid"},
		{replay.Pick{Generation: wire.V4}, 12, "SdkAppid"},
		{replay.Pick{Generation: wire.Both, Calls: []string{"rb-then-0003"}}, 1, `"rb-then-0003"`},
		{replay.Pick{Calls: []string{"3"}}, 1, `"rb-then-0003"`},
		{replay.Pick{Calls: []string{"#12", "11", "rb-then-0010"}}, 3, `"rb-then-001`},
	} {
		b := newBackend(acknowledges)
		rec := open(t, lines, test.pick)
		r := send(t, rec, b)
		if rec.Calls != test.calls || r.sum.Same != rec.Callbacks || uint64(len(b.got)) != rec.Callbacks {
			t.Errorf("%+v: %d calls, %+v", test.pick, rec.Calls, r.sum)
		}
		for _, m := range b.got {
			if !strings.Contains(m, test.all) || !strings.HasPrefix(m, "/callbacks?key=k&") {
				t.Errorf("%+v: sent %s", test.pick, m)
			}
		}
	}
}

// The journal's choices hold, also those made on the way, but for other ones.
func TestDialect(t *testing.T) {
	s := story{token: "then", epoch: epoch, target: "http://staging/cb", dialect: []string{"v4_retry=v1"}}
	s.place(0, wire.V4, call.CallBusy, "bob")
	s.do(time.Minute, sim.SetDialect{Set: []string{"v4_retry=none"}})
	s.place(2*time.Minute, wire.V4, call.CallBusy, "bob")
	lines := record(t, s, newBackend(stumbles("", 99)))
	for _, test := range []struct {
		choices        map[string]string
		attempts, same uint64
	}{
		{nil, 16, 4},
		{map[string]string{"v4_retry": "v1"}, 28, 2},
		{map[string]string{"v4_retry": "none"}, 4, 2},
	} {
		r := again(t, lines, newBackend(stumbles("", 99)), func(c *replay.Config) { c.Dialect = test.choices })
		if r.sum.Attempts != test.attempts || r.sum.Same != test.same {
			t.Errorf("%v: %+v", test.choices, r.sum)
		}
	}
}

// The pace real keeps the gaps, and waits for no first callback.
func TestPace(t *testing.T) {
	s := story{token: "then", epoch: epoch, target: "http://staging/cb"}
	s.place(3*time.Hour, wire.V4, call.NormalEnd, "bob") // at 0, 3, 12 and 12 s
	lines := record(t, s, newBackend(acknowledges))
	for pace, want := range map[run.Pace]string{run.Real: "[0s 3s 12s 12s]", 3: "[0s 1s 4s 4s]", run.Instant: "[0s 0s 0s 0s]"} {
		synctest.Test(t, func(t *testing.T) {
			var at []time.Duration
			began := time.Now()
			again(t, lines, newBackend(func(body string, before int) delivery.Answer {
				at = append(at, time.Since(began).Round(time.Millisecond))
				return acknowledges(body, before)
			}), func(c *replay.Config) { c.Pace = pace })
			if got := fmt.Sprint(at); got != want {
				t.Errorf("%s: sent after %s, want %s", pace, got, want)
			}
		})
	}
}

// A run that is stopped tells what it compared until then.
func TestStopped(t *testing.T) {
	lines := record(t, calls(), newBackend(acknowledges))
	rec := open(t, lines, replay.Pick{})
	ctx, stop := context.WithCancel(t.Context())
	to := harness.Endpoint(t, "http://here/")
	n := 0
	b := newBackend(func(body string, before int) delivery.Answer {
		if n++; n == 10 {
			stop()
			return delivery.Answer{Failure: delivery.Stopped}
		}
		return acknowledges(body, before)
	})
	sum, err := replay.Play(ctx, rec, replay.Config{Endpoint: to, Pace: run.Instant, Workers: 1, NewSender: func() run.Sender { return b }})
	if !errors.Is(err, context.Canceled) || sum.Same == 0 || sum.NotCompared == 0 || sum.Sent+sum.NotSent != sum.Callbacks || sum.Sent != sum.Same+sum.NotCompared {
		t.Errorf("%v %+v", err, sum)
	}
}
