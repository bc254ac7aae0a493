package sim_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/fault"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// There is a transcript of what each fault makes of a call.
func TestFaultsHaveTranscripts(t *testing.T) {
	for _, i := range fault.List() {
		if _, err := os.Stat("testdata/fault_" + i.Name + ".txt"); err != nil {
			t.Error(err)
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
		cmpopts.IgnoreUnexported(journal.State{}), cmpopts.IgnoreTypes(delivery.RefCount(0)),
		cmp.Transformer("request", func(r *delivery.Request) string { return withoutHost(r) }),
		cmp.Transformer("endpoint", func(e *delivery.Endpoint) string { return e.Relative() }))
}

// allFaults are all faults, each for a share of the callbacks.
var allFaults = []string{
	"drop=30%", "delay=2s:50%", "duplicate", "replay=2:70%", "race=2:60%", "reorder=60%", "late=4s:50%", "lose_answer=2:50%",
	"reset=50%", "truncate:50%", "slow:50%", "wrong_app:50%", "no_query:50%", "unknown_command:50%", "unknown_field:50%",
	"content_type:50%", "oversize=600:50%", "bad_utf8:50%", "malformed:50%", "empty_body:50%", "skew:50%",
	"stale_sign:50%", "wrong_sign:50%",
}

func TestAllFaults(t *testing.T) {
	for _, i := range fault.List() {
		if !slices.ContainsFunc(allFaults, func(s string) bool { return strings.HasPrefix(s, i.Name) }) {
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
			_ = p.try(sim.SetFaults{On: rapid.SliceOfN(rapid.SampledFrom(allFaults), 0, 4).Draw(t, "faults")})
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
			_ = p.try(manual(t, p))
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
		w := watcher{ended: map[string]bool{}, acked: map[uint64]int{}, attempts: map[uint64]int{}, made: map[uint64]*journal.Callback{}, copies: map[uint64]int{}, latest: map[string]call.Instant{}}
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
	latest   map[string]call.Instant // event time of v4, by call
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
		if d.Generation == wire.V4 && d.CopyOf == 0 && d.Via == wire.Both {
			if d.EventTime <= w.latest[e.Call] {
				return "its event time is not after the one before"
			}
			w.latest[e.Call] = d.EventTime
		}
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
			if h := w.made[d.Delivery].Faults; h != nil {
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
	case !slices.Contains(o.Names, "duplicate") && !(slices.Contains(o.Names, "race") && w.attempts[d.CopyOf] == 1):
		return "a copy that was not asked for"
	}
	return ""
}

// manual is something that a person may ask for in a random history.
func manual(t *rapid.T, p *player) sim.Input {
	id := rapid.Uint64Range(1, max(1, p.engine.State().Made)).Draw(t, "delivery")
	return rapid.SampledFrom([]sim.Input{
		sim.RetryNow{Delivery: id},
		sim.GiveUp{Delivery: id},
		sim.Duplicate{Delivery: id},
		sim.Replay{Call: sim.ReadableID("test", rapid.Uint64Range(1, max(1, p.engine.State().Placed)).Draw(t, "call"))},
		sim.SetDialect{Set: []string{"v4_retry=v1"}},
		sim.SetDialect{Set: []string{"v4_retry=none", "case=title"}},
		sim.Warn{About: "actions", Text: rapid.SampledFrom([]string{"one", "another"}).Draw(t, "warning")},
	}).Draw(t, "manual")
}

// desktop is a phone that v1's pages do not have.
var desktop = &call.Device{Platform: "Windows", IP: "127.0.0.1"}

// No client makes the state grow without end.
func TestWarningsAreBounded(t *testing.T) {
	p := newPlayer(t, config())
	p.twin = nil
	for range 5000 {
		p.do(sim.Warn{About: "random", Text: strings.Repeat("x", len(p.lines))})
	}
	if n := len(p.engine.State().Warned); n != 1000 {
		t.Errorf("%d warnings are kept, want 1000", n)
	}
}
