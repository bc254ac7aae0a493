package control_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/control"
	"ringback/sim/control/simapi"
	"ringback/sim/journal"
)

// journalled starts a backend with a journal, whose time stands still.
func journalled(t *testing.T, path string, change func(*control.Config)) *world {
	t.Helper()
	cfg := config()
	cfg.Journal, cfg.Paused = path, true
	if change != nil {
		change(&cfg)
	}
	return start(t, cfg)
}

func (w *world) close() {
	w.t.Helper()
	if err := w.backend.Close(context.Background()); err != nil {
		w.t.Fatal(err)
	}
}

// A restart goes on with registrations, open calls and pending retries; time
// stood still meanwhile.
func TestRestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.ndjson")
	got := newReceiver(t)
	got.answer = func(n int) (int, string) {
		if n <= 3 {
			return 200, bad
		}
		return 200, ok
	}
	w := journalled(t, path, nil)
	w.register(got.URL+"/cb?token=hush-hush", "callee_receive_call", "callee_accept_call", "normal_end")
	over := w.place(`{"caller":"carol","callees":["dave"],"outcome":"call_busy"}`)
	open := w.place(`{"caller":"alice","callees":["bob"]}`)
	w.advance("1500ms") // callee_receive_call has failed at 0, 0 and 1 s
	w.close()

	w = journalled(t, path, func(c *control.Config) { c.Run = journal.Run{Token: "another", Epoch: 7} })
	if r := w.backend.Run(); r.Token != "test" || r.Epoch != epoch {
		t.Errorf("the run is %+v", r)
	}
	var c simapi.Clock
	w.get("/sim/v1/clock", 200, &c)
	if at := c.Now.Sub(epoch); at.Seconds() < 1 || at.Seconds() > 1.5 {
		t.Errorf("time goes on at +%s", at)
	}
	w.advance("1s")
	if diff := cmp.Diff([]string{"callee_receive_call", "callee_receive_call", "callee_receive_call", "callee_receive_call"}, got.seen()); diff != "" {
		t.Errorf("so far (-want +got):\n%s", diff)
	}
	w.post("/sim/v1/calls/"+open+"/actions", `{"do":"accept","who":"bob"}`, 200, nil)
	w.post("/sim/v1/calls/"+open+"/actions", `{"do":"hang_up","who":"bob"}`, 200, nil)
	w.post("/sim/v1/wait", `{}`, 200, nil)
	if diff := cmp.Diff([]string{"callee_accept_call", "call_end"}, got.seen()[4:]); diff != "" {
		t.Errorf("afterwards (-want +got):\n%s", diff)
	}
	var d simapi.DeliveryView
	w.get("/sim/v1/deliveries/1", 200, &d)
	if d.State.String() != "acked" || len(d.Tries) != 4 {
		t.Errorf("the delivery that was retried: %+v", d)
	}
	if id := w.place(`{"caller":"erin","callees":["frank"]}`); id != "rb-test-0003" {
		t.Errorf("the next call is %s", id)
	}
	w.get("/sim/v1/calls/"+over, 200, nil)
	w.get("/sim/v1/events?follow=false&after=1", 200, nil) // the log reaches back as far as the journal does

	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	data, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(data), key) {
		t.Errorf("the journal holds a secret key, %v", err)
	}
}

// A restart goes on at the time it was, as it passed then.
func TestRestartKeepsTheTime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.ndjson")
	cfg := config()
	cfg.Journal = path
	w := start(t, cfg)
	w.post("/sim/v1/clock", `{"do":"pause","pace":"10x"}`, 200, nil)
	var before, after simapi.Clock
	w.post("/sim/v1/clock", `{"advance":"1h"}`, 200, &before)
	w.close()
	w = start(t, cfg)
	w.get("/sim/v1/clock", 200, &after)
	if diff := cmp.Diff(before, after); diff != "" || after.Now.Sub(epoch) < time.Hour {
		t.Errorf("(-before +after):\n%s", diff)
	}
}

// A journal goes on even if no time passed before the restart.
func TestRestartAtTheEpoch(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.ndjson")
	for _, want := range []bool{false, true, true} {
		w := journalled(t, path, nil)
		if got := w.backend.Resumed(); got != want {
			t.Errorf("resumed %t, want %t", got, want)
		}
		if now, _, _ := w.backend.Time(); now != epoch {
			t.Fatalf("time has passed: %s", now.Sub(epoch))
		}
		w.close()
	}
}

// What a newer version wrote keeps its number, also at the end.
func TestRestartAfterUnknownKind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.ndjson")
	w := journalled(t, path, nil)
	w.place(`{"caller":"alice","callees":["bob"]}`)
	w.close()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	last := strings.Count(string(data), "\n")
	data = fmt.Appendf(data, `{"seq":%d,"t":"2026-01-01T00:00:00.000Z","kind":"dreamt"}`+"\n", last)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		w = journalled(t, path, nil)
		w.close()
	}
	data, err = os.ReadFile(path)
	if want := fmt.Sprintf("{\"seq\":%d,", last+1); err != nil || !strings.Contains(string(data), want) {
		t.Errorf("%v, want %s in\n%s", err, want, data)
	}
}

// Cut down again and again, a journal stays small, and a restart from it shows
// the same.
func TestCompaction(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.ndjson")
	got := newReceiver(t)
	small := func(c *control.Config) { c.CompactAt = 64 << 10 }
	w := journalled(t, path, small)
	w.register(got.URL, words()...)
	pending := w.place(`{"caller":"carol","callees":["dave"]}`)
	for range 40 {
		for i := range 5 {
			w.place(fmt.Sprintf(`{"caller":"a%d","callees":["b%d"],"outcome":"call_busy"}`, i, i))
		}
		w.post("/sim/v1/wait", `{"until":"quiet"}`, 200, nil)
	}
	var calls, again simapi.Calls
	var before, after simapi.Status
	w.get("/sim/v1/calls?limit=1000", 200, &calls)
	w.get("/sim/v1/status", 200, &before)
	w.close()
	if data, err := os.ReadFile(path); err != nil || !strings.Contains(string(data), `"kind":"snapshot"`) {
		t.Fatalf("the journal of %d bytes was never cut down, %v", len(data), err)
	}

	w = journalled(t, path, small)
	w.get("/sim/v1/calls?limit=1000", 200, &again)
	w.get("/sim/v1/status", 200, &after)
	if diff := cmp.Diff(calls, again); diff != "" {
		t.Errorf("calls (-before +after):\n%s", diff)
	}
	before.Now, after.Now, before.Seq, after.Seq = 0, 0, 0, 0
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("status (-before +after):\n%s", diff)
	}
	var p simapi.Problem
	w.get("/sim/v1/events?after=1", 410, &p)
	w.post("/sim/v1/calls/"+pending+"/actions", `{"do":"accept","who":"dave"}`, 200, nil)
	w.post("/sim/v1/wait", `{"until":"quiet"}`, 200, nil)
}

// A second backend does not write to the same file.
func TestLockedOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.ndjson")
	journalled(t, path, nil)
	cfg := config()
	cfg.Journal = path
	if _, err := control.New(cfg); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("a second backend: %v", err)
	}
}

// What is wrong with a configuration is said by its field.
func TestBadConfig(t *testing.T) {
	for want, change := range map[string]func(*control.Config){
		"control.Config.Apps: want at least one": func(c *control.Config) { c.Apps = nil },
		"app 1400000001: has no secret":          func(c *control.Config) { c.Apps[0].Key = "" },
		"app 1400000001: is there twice":         func(c *control.Config) { c.Apps[1].ID = appID },
		"exists and is no journal":               func(c *control.Config) { c.Journal = "helper_test.go" },
	} {
		cfg := config()
		change(&cfg)
		if _, err := control.New(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
