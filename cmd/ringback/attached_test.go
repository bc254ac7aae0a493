package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"ringback/sim/attach"
	"ringback/sim/call"
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
	first := startServing(t, "--callback", target, "--journal", journal, "--run", "mon", "--pace", "100x")
	listen := strings.TrimPrefix(first.url, "http://")
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
