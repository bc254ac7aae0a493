package sim_test

import (
	"bytes"
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
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// twin is an engine that recycles and keeps nothing. Every player has one, that
// is told what the player's engine is told and must say the same. What it may
// use again is scribbled on at once.
type twin struct {
	t      testing.TB
	engine *sim.Engine
	reader *journal.State               // looks at the engine
	lent   map[uint64]loan              // what is in flight, by delivery
	seen   map[*delivery.Request]string // what each said last
	reused int                          // requests that were written on again
}

// loan is an attempt in flight, and what its request said at first.
type loan struct {
	send sim.Send
	text string
}

func newTwin(t testing.TB, cfg sim.Config) *twin {
	cfg.Keep, cfg.Recycle = 0, true
	return &twin{
		t: t, engine: sim.New(cfg), reader: journal.NewReader(journal.Keep),
		lent: map[uint64]loan{}, seen: map[*delivery.Request]string{},
	}
}

// follow compares what both engines say, and notes what the twin lends.
func (w *twin) follow(want, got []sim.Effect) {
	w.t.Helper()
	if len(want) != len(got) {
		w.t.Fatalf("%d effects, recycled %d", len(want), len(got))
	}
	for i := range want {
		line, err := want[i].Event.AppendLine(nil)
		if err != nil {
			w.t.Fatal(err)
		}
		again, err := got[i].Event.AppendLine(nil)
		if err != nil {
			w.t.Fatal(err)
		}
		if !bytes.Equal(line, again) {
			w.t.Fatalf("the engine says\n%srecycled it says\n%s", line, again)
		}
		if err := w.reader.Apply(&got[i].Event); err != nil {
			w.t.Fatal(err)
		}
		a, b := want[i].Send, got[i].Send
		if (a == nil) != (b == nil) {
			w.t.Fatal("only one of the engines sends")
		}
		if b == nil {
			continue
		}
		text := string(b.Request.Bytes())
		if text != string(a.Request.Bytes()) || a.Request.Endpoint.URL != b.Request.Endpoint.URL {
			w.t.Fatalf("sent\n%s\nrecycled\n%s", a.Request.Bytes(), text)
		}
		c := *a
		if c.Request = b.Request; c != *b {
			w.t.Fatalf("sent %+v, recycled %+v", c, *b)
		}
		if last, seen := w.seen[b.Request]; seen && last != text {
			w.reused++
		}
		w.lent[b.Delivery], w.seen[b.Request] = loan{*b, text}, text
	}
}

// step tells the twin what the engine was told. Of a call that it takes it gets
// lists of its own, which are gone afterwards.
func (w *twin) step(now call.Instant, in sim.Input, want []sim.Effect, refused bool) {
	w.t.Helper()
	if p, ok := in.(sim.Place); ok {
		p.Plan, p.Setup.Callees = slices.Clone(p.Plan), slices.Clone(p.Setup.Callees)
		p.Setup.Busy, p.Setup.Away = slices.Clone(p.Setup.Busy), slices.Clone(p.Setup.Away)
		defer func() {
			clear(p.Plan)
			for _, list := range [][]string{p.Setup.Callees, p.Setup.Busy, p.Setup.Away} {
				clear(list)
			}
		}()
		in = p
	}
	w.engine.Wall(wallAt(now))
	got, err := w.engine.Step(now, in)
	if a, ok := in.(sim.Answered); ok && w.lent[a.Delivery].send.Attempt == a.Attempt {
		delete(w.lent, a.Delivery)
	}
	if (err != nil) != refused {
		w.t.Fatalf("%T: recycled: %v", in, err)
	}
	w.follow(want, got)
	for _, l := range w.lent {
		if r := l.send.Request; r.Endpoint == nil || string(r.Bytes()) != l.text {
			w.t.Fatalf("delivery %d is in flight, and its request became\n%s", l.send.Delivery, r.Bytes())
		}
	}
	for r := range w.seen {
		if b := r.Bytes(); r.Endpoint == nil {
			b = b[:cap(b)]
			for i := range b {
				b[i] = '#'
			}
		}
	}
}

// next compares when both have something to do.
func (w *twin) next(at call.Instant, more bool) {
	w.t.Helper()
	if a, m := w.engine.Next(); a != at || m != more {
		w.t.Fatalf("next at %s, %v, recycled %s, %v", at, more, a, m)
	}
}

// What is settled is used again, and calls with copies are left alone. That
// nothing else changes, each player's twin sees to.
func TestRecycled(t *testing.T) {
	for _, order := range []sim.Order{sim.Serial, sim.Unordered} {
		for _, on := range append([]string{""}, allFaults...) {
			cfg := config()
			cfg.Order, cfg.Sign = order, "xxxxyyyy"
			p := newPlayer(t, cfg)
			p.answer = network
			if on != "" {
				p.do(sim.SetFaults{On: []string{on}})
			}
			for range 10 {
				p.place(wire.V1, call.NormalEnd, "bob")
				p.until(p.now.Add(5 * time.Second))
				p.place2(wire.Both, call.Cancel)
				p.until(p.now.Add(20 * time.Second))
			}
			p.finish()
			st := p.twin.engine.State()
			if st.Live != 0 || len(st.Deliveries) > 30 {
				t.Errorf("%q: %d calls and %d callbacks are left", on, st.Live, len(st.Deliveries))
			}
			switch name, _, _ := strings.Cut(on, "="); {
			case name == "duplicate" && p.twin.reused > 0:
				t.Errorf("%q: requests that copies share were used again", on)
			case name != "duplicate" && name != "replay" && name != "race" && p.twin.reused == 0:
				t.Errorf("%q: nothing was used again", on)
			}
		}
	}
}

// place2 places a call of others.
func (p *player) place2(g wire.Generation, r call.Result) {
	s := call.Setup{App: 1400000001, Caller: "carol", Callees: []string{"dave", "erin"}, Kind: call.Group, Device: phone}
	plan, err := sim.Outcome{Result: r, Ring: 3 * time.Second, Talk: 9 * time.Second}.Plan(&s)
	if err != nil {
		p.t.Fatal(err)
	}
	p.do(sim.Place{Setup: s, Generation: g, Plan: plan})
}

// A timer that has come to nothing stays in the queue for a while: its call is
// not used again until it is gone, or calls would change places.
func TestTimersHoldTheirCall(t *testing.T) {
	p := newPlayer(t, config())
	place := func(caller, callee string) {
		p.do(sim.Place{Generation: wire.V1, Setup: call.Setup{App: 1400000001, Caller: caller, Callees: []string{callee}, Device: phone}})
		p.settle()
	}
	place("a", "b")
	p.do(sim.Act{Call: sim.ReadableID("test", 1), Action: call.Action{Do: call.DoCancel, By: "a"}})
	p.settle()
	place("c", "d")
	place("e", "f")
	p.finish() // and the twin's calls end in the same order
}

// A reader keeps what it saw of an engine that recycles.
func TestReaderOfRecycled(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := newPlayer(t, anyOrder(rt))
		p.rules = true // who asks by hand may ask for what the twin forgot
		history(rt, p)
		want := journal.NewReader(journal.Keep)
		refold(rt, want, p.lines)
		if diff := states(want, p.twin.reader); diff != "" {
			rt.Fatalf("the journal's state (-) and the reader's (+):\n%s", diff)
		}
		if diff := cmp.Diff(want.CallsAfter(0), p.twin.reader.CallsAfter(0), cmpopts.EquateEmpty(), cmpopts.IgnoreTypes(delivery.RefCount(0)),
			cmpopts.IgnoreFields(journal.Call{}, "Deliveries")); diff != "" {
			rt.Fatalf("the journal's calls (-) and the reader's (+):\n%s", diff)
		}
	})
}

// In the steady state an attempt allocates nothing, and a call the text with
// its ids.
func TestSteadyStateAllocations(t *testing.T) {
	const most = 1.5
	cfg := config()
	cfg.Keep, cfg.Recycle, cfg.Exclusive = 0, true, false
	e := sim.New(cfg)
	e.Begin()
	_, _ = e.Step(epoch, registration(t))
	setup := call.Setup{App: 1400000001, Caller: "alice", Callees: []string{"bob"}, Device: phone}
	plan, _ := sim.Outcome{Result: call.NormalEnd, Ring: 3 * time.Second, Talk: 9 * time.Second}.Plan(&setup)
	failed := delivery.Answer{Status: 500}
	fine := ok(nil)
	now := epoch
	var sends []sim.Send
	take := func(fx []sim.Effect, _ error) {
		for i := range fx {
			if fx[i].Send != nil {
				sends = append(sends, *fx[i].Send)
			}
		}
	}
	once := func() {
		take(e.Step(now, sim.Place{Setup: setup, Generation: wire.V1, Plan: plan}))
		for more := true; more; {
			for len(sends) > 0 {
				s := sends[len(sends)-1]
				sends = sends[:len(sends)-1]
				a := &fine
				if s.Attempt < 3 {
					a = &failed
				}
				take(e.Step(now, sim.Answered{Delivery: s.Delivery, Attempt: s.Attempt, Answer: a}))
			}
			if now, more = e.Next(); more {
				take(e.Step(now, sim.Tick{}))
			} else {
				now = e.State().Now
			}
		}
	}
	for range 100 {
		once()
	}
	before := e.State().Totals.Attempts
	if n := testing.AllocsPerRun(100, once); n > most {
		t.Errorf("%v allocations for a call of %d attempts, want %v", n, (e.State().Totals.Attempts-before)/101, most)
	}
	if e.State().Live != 0 {
		t.Error("the calls go on")
	}
}

// An engine that recycles goes on from a journal as one that does not.
func TestRestoredEngineRecycles(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		cfg := anyOrder(rt)
		cfg.Keep = 0
		p := newPlayer(t, cfg)
		history(rt, p)
		p.settle()
		st := rebuildKept(rt, p.lines, 0)
		if rapid.Bool().Draw(rt, "by a snapshot") {
			st = rebuildKept(rt, snapshot(rt, st), 0)
		}
		cfg.Recycle = true
		restored, err := sim.Restore(cfg, st)
		if err != nil {
			rt.Fatal(err)
		}
		q := &player{t: t, engine: restored, now: p.now, answer: ok, lines: slices.Clone(p.lines)}
		p.answer = ok
		for _, p := range []*player{p, q} {
			p.finish()
			for range 3 {
				_ = p.try(sim.Place{
					Setup:      call.Setup{App: 1400000001, Caller: "x", Callees: []string{"y"}, Device: phone},
					Generation: wire.V1,
				})
				p.finish()
			}
		}
		if diff := cmp.Diff(p.journal(), q.journal()); diff != "" {
			rt.Fatalf("first engine (-), restored engine (+):\n%s", diff)
		}
	})
}
