package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	tea "charm.land/bubbletea/v2"

	"ringback/cmd/cli"
	"ringback/fixtures/harness"
	"ringback/sim/attach"
	"ringback/sim/call"
	"ringback/sim/control"
	"ringback/sim/control/simapi"
	"ringback/sim/journal"
	"ringback/sim/run"
	"ringback/sim/wire"
	"ringback/tui"
)

// attachedScreen is a screen of a server, played by scripts.
type attachedScreen struct {
	t *testing.T
	m *tui.Model
}

func attachScreen(t *testing.T, url string) *attachedScreen {
	t.Helper()
	server, err := attach.New(attach.Config{URL: url, Pause: func(context.Context, int) {}})
	if err != nil {
		t.Fatal(err)
	}
	st, err := server.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	run := attachTo(server, &st, true)
	t.Cleanup(run.close)
	m := tui.New(run, tui.Config{
		App: st.Apps[0], Generation: wire.Both, Remote: "server", Device: &call.Device{Platform: "iOS", IP: "127.0.0.1"}, Keep: tuiKeep,
	})
	m.Update(tea.WindowSizeMsg{Width: 160, Height: 40})
	return &attachedScreen{t, m}
}

// play plays keys, and returns the screen.
func (s *attachedScreen) play(keys ...string) string {
	s.t.Helper()
	text, err := tui.Play(s.t.Context(), s.m, strings.Join(keys, "\n"), patience(s.t))
	if err != nil {
		s.t.Fatal(err)
	}
	return text
}

// The screen of a server goes on where it was when the server is killed and started again
// with its journal, and shows another run if it is not the same one.
func TestAttachedThroughRestarts(t *testing.T) {
	target := acknowledging(t)
	journal := filepath.Join(t.TempDir(), "j.ndjson")
	listen := harness.FreeAddresses(t, 1)[0]
	first := startServing(t, "--listen", listen, "--callback", target, "--journal", journal, "--run", "mon", "--pace", "100x")
	s := attachScreen(t, first.url)
	s.play("wait connected", "n", "enter", "wait idle", "n", "end", "enter") // the second one rings on
	s.play("1", "home", "wait #1")
	kill := func(p *serving) {
		t.Helper()
		if err := p.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = p.cmd.Wait() // it was killed
	}
	kill(first)
	s.play("wait reconnecting")
	again := startServing(t, "--listen", listen, "--callback", target, "--journal", journal, "--run", "mon", "--pace", "100x")
	screen := s.play("wait connected", "wait idle", "N", "wait #3", "wait idle", "dump")
	if !strings.Contains(screen, "▸ #") || !strings.Contains(screen, "#1 ") || strings.Contains(screen, "has ended") || strings.Contains(screen, "damaged") {
		t.Errorf("after a restart with the journal:\n%s", screen)
	}
	kill(again)
	s.play("wait reconnecting")
	startServing(t, "--listen", listen, "--callback", target, "--run", "tue", "--pace", "100x")
	screen = s.play("wait connected", "wait no calls yet", "N", "wait #1", "wait idle", "dump")
	if strings.Contains(screen, "#2 ") || strings.Contains(screen, "damaged") {
		t.Errorf("after a restart without the journal:\n%s", screen)
	}
}

// What a server was like when it was asked does not replace what it was like later, if
// that is known first.
func TestAttachedTakesNothingLate(t *testing.T) {
	b, err := control.New(control.Config{
		Apps:    []control.App{{ID: cli.DefaultApp, Key: defaultKey}},
		Run:     journal.Run{V: 1, Version: "test", Token: "mon", Epoch: harness.Epoch},
		Traffic: func(journal.Run, uint32, call.Instant, float64) (run.Source, error) { return new(run.List), nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close(context.Background()) })
	var hold atomic.Bool // the next status
	made, give := make(chan bool), make(chan bool)
	asked := make(chan bool, 1000)
	url := harness.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/sim/v1/status" || !hold.CompareAndSwap(true, false) {
			b.ServeHTTP(w, r)
			if r.URL.Path == "/sim/v1/status" {
				asked <- true
			}
			return
		}
		rec := httptest.NewRecorder()
		b.ServeHTTP(rec, r)
		made <- true
		<-give
		_, _ = w.Write(rec.Body.Bytes())
	})).URL
	attached := func() *attach.Server {
		t.Helper()
		server, err := attach.New(attach.Config{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(server.Close)
		return server
	}
	server, other := attached(), attached()
	st, err := server.Status(t.Context())
	if err != nil || st.Paused {
		t.Fatalf("%+v, %v", st, err)
	}
	a := attachTo(server, &st, true)
	defer a.close()
	for range 2 { // for st, and once the events have come
		<-asked
	}
	for name, test := range map[string]struct {
		change, undo func() error
		is           func(tui.Changes) bool
	}{
		"this screen pauses": {
			func() error { return a.Do(tui.SetClock{Do: tui.Pause}).Err },
			func() error { return a.Do(tui.SetClock{Do: tui.Resume}).Err },
			func(c tui.Changes) bool { return c.Clock.Paused },
		},
		"others pause": {
			func() error {
				_, err := other.SetClock(t.Context(), simapi.Clocking{Do: "pause"})
				return err
			},
			func() error { return a.Do(tui.SetClock{Do: tui.Resume}).Err },
			func(c tui.Changes) bool { return c.Clock.Paused },
		},
		"this screen starts background calls": {
			func() error { return a.Do(tui.SwitchTraffic{On: true}).Err },
			func() error { return a.Do(tui.SwitchTraffic{}).Err },
			func(c tui.Changes) bool { return *c.Traffic },
		},
	} {
		late := make(chan bool)
		hold.Store(true)
		go func() {
			a.status()
			close(late)
		}()
		<-made
		if err := test.change(); err != nil {
			t.Fatal(err)
		}
		for !test.is(a.Watch()) { // an event says it, or a status
		}
		give <- true
		<-late
		if !test.is(a.Watch()) {
			t.Errorf("%s: what was before comes late", name)
		}
		if err := test.undo(); err != nil {
			t.Fatal(err)
		}
		for test.is(a.Watch()) {
		}
	}
}
