package tui_test

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/fixtures/golden"
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/script"
	"ringback/sim/wire"
	"ringback/tui"
)

// A shell that gets the command hands curl exactly the bytes of the callback.
func TestCurl(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh")
	}
	at, err := delivery.ParseEndpoint("https://example.com:8443/cb?token=it%27s&x=$HOME")
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{
		"plain": `{"UserId":"alice"}`, "quotes": `{"UserId":"it's \"q\" $(id) ` + "`id`" + `"}`, "not UTF-8": "{\"a\":\"\xff\x00%s\\\"}", "a file": "@/etc/passwd",
		"empty": "", "new lines": "{\n}\n",
	} {
		r := delivery.FreezeAs(at, "text/plain; charset=it's", []byte("command=call_end"), []byte(body))
		// A curl that prints its arguments one a line, and the body last.
		const fake = `curl() { for a; do case "$last" in --data-binary) if [ "$a" = @- ]; then cat; else printf %s "$a"; fi;; *) printf '%s\n' "$a";; esac; last=$a; done; }; `
		out, err := exec.Command(sh, "-c", fake+tui.Curl(r)).Output()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want := strings.Join([]string{
			"-sS", "-i", "-X", "POST", "https://example.com:8443/cb?token=it%27s&x=$HOME&command=call_end", "--globoff", "--path-as-is", "--http1.1", "--noproxy", "*", "-H",
			"Host: example.com:8443", "-H", "Content-Type: text/plain; charset=it's", "-H", "User-Agent: ringback", "-H", "Accept:", "-H", "Expect:", "--data-binary", body,
		}, "\n")
		if diff := cmp.Diff(want, string(out)); diff != "" {
			t.Errorf("%s (-want +got):\n%s\n%s", name, diff, tui.Curl(r))
		}
	}
}

// saved is the scenario that S saves of the chosen call.
func saved(t *testing.T, s *stage) string {
	t.Helper()
	s.orders = nil
	s.press("S")
	for _, o := range s.orders {
		if o, ok := o.(tui.Save); ok {
			return string(o.Data)
		}
	}
	t.Fatalf("nothing was saved:\n%s", s.screen())
	return ""
}

// A call is saved as a scenario that says what people did, not what follows
// from it, and plays the same call again.
func TestSaveFeature(t *testing.T) {
	s := newStage(t)
	s.do(sim.SetFaults{On: []string{"delay=5s@callee_accept_call", "drop#7"}})
	s.do(sim.SetDialect{Set: []string{"v4_retry=v1"}})
	s.place(wire.Both, call.NoResult, "alice", "bob", "carol")
	id := callID(1)
	for _, a := range []call.Action{
		{Do: call.DoAccept, By: "bob"},
		{Do: call.DoInvite, By: "bob", Users: []string{"dave"}},
		{Do: call.DoMic, By: "bob"},
		{Do: call.DoReject, By: "carol"},
		{Do: call.DoAccept, By: "dave"},
		{Do: call.DoPullBattery, By: "dave"},
	} {
		s.pass(2 * time.Second)
		s.do(sim.Act{Call: id, Action: a})
	}
	s.do(sim.SetFaults{On: []string{"drop#1"}})
	s.pass(40 * time.Second)
	s.do(sim.Act{Call: id, Action: call.Action{Do: call.DoHangUp, By: "alice"}})
	s.pass(10 * time.Second)
	text := saved(t, s)
	golden.Compare(t, "saved.feature", text)
	scripts, err := script.ReadGherkin([]byte(withoutThen(text)))
	if err != nil {
		t.Fatal(err)
	}
	again := newStage(t)
	calls := map[string]string{}
	for _, op := range scripts[0].Operations {
		again.pass(time.Duration(op.At) - again.now.Sub(epoch))
		switch do := op.Do.(type) {
		case script.Place:
			setup := do.Setup()
			setup.App, setup.Device = app, device
			again.do(sim.Place{Setup: setup, Generation: do.Generation})
			calls[do.Call] = callID(1)
		case script.Act:
			again.do(sim.Act{Call: calls[do.Call], Action: do.Action})
		case script.Faults:
			again.do(sim.SetFaults{On: do})
		}
	}
	again.pass(10 * time.Second)
	if diff := cmp.Diff(words(s), words(again)); diff != "" {
		t.Errorf("played again (-first +again):\n%s", diff)
	}
}

// So is what was done by hand, between the same attempts as at the screen, although
// these take longer there; and what the receiver should have done is asked of it.
func TestSaveWhatWasDoneByHand(t *testing.T) {
	s := newStage(t)
	s.do(sim.SetFaults{On: []string{"lose_answer=2@callee_accept_call", "malformed@caller_call_accepted", "delay=20s@caller_call_end"}})
	s.place(wire.V1, call.NormalEnd, "alice", "bob")
	refuses := func(send *sim.Send) delivery.Answer {
		switch target := string(send.Request.Target()); {
		case send.Transport.HangUp:
			return delivery.Answer{Failure: delivery.CutShort, Connected: true}
		case strings.Contains(target, "caller_start_call"):
			return answers(503, "")(send)
		case strings.Contains(target, "caller_call_accepted"):
			return answers(400, "")(send)
		}
		return ok(send)
	}
	s.answer = refuses
	s.pass(2500 * time.Millisecond)
	s.press("3", "home", "r", "D", "R")
	s.pass(time.Second)
	s.press("d", "enter")
	s.pass(10 * time.Second)
	s.press("end", "up", "up", "d", "enter")
	s.pass(time.Minute)
	golden.Compare(t, "saved_by_hand.feature", saved(t, s))
}

// withoutThen leaves out what godog alone reads.
func withoutThen(feature string) string {
	var lines []string
	for _, l := range strings.Split(feature, "\n") {
		if !strings.Contains(l, "Given the sender says") && !strings.HasPrefix(strings.TrimSpace(l), "Then ") {
			lines = append(lines, l)
		}
	}
	return strings.Join(lines, "\n")
}

func words(s *stage) (list []string) {
	for _, d := range s.engine.State().DeliveriesAfter(0, "") {
		list = append(list, d.Word.String()+" "+d.User+" "+d.State.String())
	}
	return list
}

// recorded is a journal of two calls, one of them failing.
func recorded(t *testing.T) []*journal.Event {
	s := newStage(t)
	st := &tap{Simulation: s}
	s.model = tui.New(st, tui.Config{})
	s.take(sim.New(sim.Config{Run: journal.Run{Version: "test", Seed: 1, Epoch: epoch, Token: "test"}, Keep: journal.Keep}).Begin())
	at, err := delivery.ParseEndpoint("http://127.0.0.1:3000/cb")
	if err != nil {
		t.Fatal(err)
	}
	s.do(sim.Register{App: app, Generation: wire.Both, Endpoint: at, Typed: true, Words: wire.AllWords()})
	failing(s)
	s.pass(30 * time.Second)
	return st.seen
}

// tap keeps what a simulation tells.
type tap struct {
	tui.Simulation
	seen []*journal.Event
}

func (t *tap) Watch() tui.Changes {
	c := t.Simulation.Watch()
	t.seen = append(t.seen, c.Events...)
	return c
}

// A recording stands at its end, can be looked through, and plays again from
// the beginning; nothing in it can be changed.
func TestRecording(t *testing.T) {
	wall := time.Unix(0, 0)
	r := tui.NewRecording(tui.Events(recorded(t)), func() time.Time { return wall })
	m := tui.New(r, tui.Config{Recording: "monday.ndjson"})
	play := func(keys ...string) string {
		t.Helper()
		out, err := tui.Play(t.Context(), m, strings.Join(keys, "\n"), time.Second)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	shows := func(screen string, texts ...string) {
		t.Helper()
		for _, text := range texts {
			if !strings.Contains(screen, text) {
				t.Fatalf("no %q:\n%s", text, screen)
			}
		}
	}
	shows(play("dump"), "monday.ndjson", "‖ ×10", "#2", "gave up 1", "live 0")
	shows(play(")", "dump"), "try 1 of 7")
	shows(play("n", "dump"), "this is a recording: nothing in it can be changed")
	shows(play(".", "dump"), "00:00:00.0", "ringing", "live 1  ended 0")
	shows(play(".", "dump"), "00:00:03.0", "talking")
	play("space")
	wall = wall.Add(500 * time.Millisecond) // 5 s at 10x
	shows(play("dump"), "00:00:08.0", "talking")
	wall = wall.Add(time.Hour)
	shows(play("dump"), "‖ ×10", "gave up 1")
}

// A journal that was cut down still shows its calls, and says what it lacks.
func TestCutDown(t *testing.T) {
	st := journal.NewReader(journal.Keep)
	for _, e := range recorded(t) {
		if err := st.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	events := []*journal.Event{{At: st.Run.Epoch, Data: &st.Run}}
	for e := range st.Snapshot() {
		events = append(events, e)
	}
	m := tui.New(tui.NewRecording(tui.Events(events), time.Now), tui.Config{Recording: "cut.ndjson"})
	out, err := tui.Play(t.Context(), m, "end\nS\ndump\n4\ndump", time.Second)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"#2", "the journal was cut down: how this call began is not known", "not known any more", "POST /cb?"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q:\n%s", want, out)
		}
	}
}

// A headless script names its line in an error, and shows the screen when a
// wait comes to nothing.
func TestPlayErrors(t *testing.T) {
	for steps, want := range map[string]string{
		"n\nhyper+x": "line 2: hyper+x: no such key", "size big": "line 1: size big: size \"big\": want columns and rows, like 120x32",
		"wait rain": "not shown within 1ms; the screen was:", "click here": "want a column and a row",
	} {
		_, err := tui.Play(t.Context(), newStage(t).model, steps, time.Millisecond)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", steps, err, want)
		}
	}
	out, err := tui.Play(t.Context(), newStage(t).model, "# a comment\n\nsize 80x24\ndump\nq\nn", time.Millisecond)
	if err != nil || strings.Contains(out, "New call") || bytes.Count([]byte(out), []byte("\n")) != 24 {
		t.Errorf("%v:\n%s", err, out)
	}
}
