package control_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ringback/fixtures/damage"
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/control"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/run"
	"ringback/sim/store"
	"ringback/sim/wire"
)

// Whatever became of a journal, it is refused with the line that is wrong, and
// left as it is; or serve goes on with it, and what it writes can be read again.
func FuzzDamagedJournal(f *testing.F) {
	journals := damage.Journals()
	for i := range journals {
		f.Add(byte(i), []byte{})
		for edit := range byte(20) {
			f.Add(byte(i), []byte{edit, edit * 11, edit, edit * 7})
			f.Add(byte(i), []byte{edit, edit * 7, 0, edit, 19, 0, 0, 0}) // and numbered anew
		}
	}
	for _, found := range []struct {
		which  byte
		script string
	}{
		{1, "\x11\x1b\x0c\x1f"},                 // a call in no generation, cut down
		{0, "\xc0\x31\x53\x66"},                 // a last line of a kind that is not known
		{0, "\xbe\x63\xf3\xbe\x11\x4e\x6e\xa6"}, // the same
	} {
		f.Add(found.which, []byte(found.script))
	}
	f.Fuzz(func(t *testing.T, which byte, script []byte) {
		survives(t, journals[int(which)%len(journals)], script[:min(len(script), 32)])
	})
}

// survives checks that a journal is refused or gone on with, after some edits.
func survives(t *testing.T, whole, script []byte) {
	edited := damage.Of(whole, script)
	path := filepath.Join(t.TempDir(), "journal.ndjson")
	if err := os.WriteFile(path, edited, 0o600); err != nil {
		t.Fatal(err)
	}
	st := journal.NewState(journal.Keep)
	_, refused := store.Read(bytes.NewReader(edited), st.Apply)
	err := serveOn(t, path)
	if refused != nil && err == nil {
		t.Fatalf("opened in spite of %v, with\n%s", refused, damage.Lines(whole, edited))
	}
	if err != nil {
		if !namesLine.MatchString(err.Error()) {
			t.Fatalf("%v, with\n%s", err, damage.Lines(whole, edited))
		}
		if damage.Shows(err) {
			t.Errorf("it shows a secret: %v", err)
		}
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, edited) {
			t.Errorf("what was refused has changed, %v", err)
		}
		return
	}
	if err := os.WriteFile(path, edited, 0o600); err != nil {
		t.Fatal(err)
	}
	st = journal.NewState(journal.Keep)
	file, err := store.Open(path, st.Apply)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if st.Skip(file.Seq()); st.Run.V == 0 { // nothing is left
		return
	}
	p := &survivor{st: st, text: bytes.Clone(edited[:file.Size()])}
	defer func() {
		if r := recover(); r != nil {
			t.Errorf("%v, with\n%s", r, damage.Lines(whole, edited))
			panic(r)
		}
	}()
	p.engine, err = sim.Restore(sim.Config{Exclusive: true, Hosts: true, Keep: journal.Keep}, st)
	if err != nil {
		t.Fatalf("%v, with\n%s", err, damage.Lines(whole, edited))
	}
	p.play(t)
	again := journal.NewState(journal.Keep)
	if _, err := store.Read(bytes.NewReader(p.text), again.Apply); err != nil {
		t.Fatalf("read again: %v, with\n%s", err, damage.Lines(whole, edited))
	}
	if again.Totals != st.Totals || again.Seq != st.Seq || again.Live != st.Live || again.NumCalls() != st.NumCalls() || len(again.Deliveries) != len(st.Deliveries) {
		t.Errorf("read again it has %+v and not %+v, with\n%s", again.Totals, st.Totals, damage.Lines(whole, edited))
	}
}

// namesLine is an error that says where.
var namesLine = regexp.MustCompile(`: line \d+: |the first line is no journal's header|exists and is no journal`)

// serveOn lets a backend go on with a journal, looks at all it shows, and lets it
// cut the journal down; another one goes on with that.
func serveOn(t *testing.T, path string) error {
	cfg := config()
	cfg.Journal, cfg.Paused, cfg.CompactAt, cfg.NewSender = path, true, 1, func() run.Sender { return mute{} }
	cfg.Warn = func(format string, args ...any) { t.Errorf(format, args...) }
	for n := range 2 {
		b, err := control.New(cfg)
		if err != nil && n == 0 {
			return err
		}
		if err != nil {
			t.Fatalf("cut down: %v", err)
		}
		for _, path := range []string{"/sim/v1/calls?limit=1000", "/sim/v1/deliveries?limit=1000", "/sim/v1/status", "/sim/v1/events?follow=false", "/metrics"} {
			w := httptest.NewRecorder()
			b.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://127.0.0.1"+path, nil))
			if w.Code >= 500 {
				t.Errorf("GET %s: status %d: %s", path, w.Code, w.Body)
			}
		}
		if err := b.Do(sim.Clock{Pace: "real", Paused: true}, nil); err != nil {
			t.Fatal(err)
		}
		if err := b.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	return nil
}

// survivor plays on where a journal ended.
type survivor struct {
	engine *sim.Engine
	st     *journal.State
	text   []byte // the journal
	sent   int
	due    []sim.Answered
}

func (p *survivor) play(t *testing.T) {
	p.until(t, 300)
	calls := slices.Collect(p.st.Calls())
	slices.SortFunc(calls, func(a, b *journal.Call) int { return strings.Compare(a.ID, b.ID) })
	for _, c := range calls {
		for _, m := range slices.Clone(c.Members) {
			for _, do := range []call.Verb{call.DoAccept, call.DoPullBattery, call.DoHangUp} {
				p.do(t, sim.Act{Call: c.ID, Action: call.Action{Do: do, By: m.ID}})
			}
		}
		p.do(t, sim.Replay{Call: c.ID})
	}
	for id := range uint64(20) {
		p.do(t, sim.RetryNow{Delivery: id})
		p.do(t, sim.Duplicate{Delivery: id})
		p.do(t, sim.GiveUp{Delivery: id})
	}
	at, _ := delivery.ParseEndpoint("http://127.0.0.1:1/cb")
	p.do(t, sim.Register{App: appID, Generation: wire.Both, Endpoint: at, Typed: true, Words: wire.AllWords()})
	p.do(t, sim.SetFaults{On: []string{"reorder", "late=1s", "duplicate=1:50%"}})
	setup := call.Setup{App: appID, Caller: "zoe", Callees: []string{"yves"}, Device: &call.Device{Platform: "iOS", IP: "127.0.0.1"}}
	plan, _ := sim.Outcome{Result: call.NormalEnd, Ring: time.Second, Talk: time.Second}.Plan(&setup)
	p.do(t, sim.Place{Setup: setup, Generation: wire.V4, Plan: plan})
	p.until(t, 300)
	p.do(t, sim.Unregister{App: appID, Generation: wire.Both})
	p.do(t, sim.Drain{})
	p.do(t, sim.Reset{})
	p.do(t, sim.Place{Setup: setup, Generation: wire.V1, Plan: plan})
	p.until(t, 300)
}

// until plays what is due, as long as there is something.
func (p *survivor) until(t *testing.T, steps int) {
	for range steps {
		if len(p.due) > 0 {
			a := p.due[0]
			p.due = p.due[1:]
			p.do(t, a)
			continue
		}
		at, ok := p.engine.Next()
		if !ok {
			return
		}
		p.step(t, at, sim.Tick{})
	}
}

func (p *survivor) do(t *testing.T, in sim.Input) { p.step(t, p.st.Now, in) }

func (p *survivor) step(t *testing.T, at call.Instant, in sim.Input) {
	fx, _ := p.engine.Step(at, in) // what is refused has no effect
	for i := range fx {
		var err error
		if p.text, err = fx[i].Event.AppendLine(p.text); err != nil {
			t.Fatal(err)
		}
		if s := fx[i].Send; s != nil {
			p.sent++
			answer := &delivery.Answer{Status: 200, Body: []byte(`{"ErrorCode":0}`)}
			if p.sent%3 == 0 {
				answer = &delivery.Answer{Status: 500}
			}
			p.due = append(p.due, sim.Answered{Delivery: s.Delivery, Attempt: s.Attempt, Answer: answer})
		}
	}
}
