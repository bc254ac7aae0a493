package tui_test

import (
	"strings"
	"testing"
	"time"

	"ringback/sim/call"
	"ringback/sim/wire"
	"ringback/tui"
)

// Commands take other keys, which the bar and the help then show; what is unknown is
// named, and no key gets two meanings.
func TestOtherKeys(t *testing.T) {
	keys, err := tui.ParseKeys([]string{"lose-line=ctrl+o", "retry=ctrl+r f5", "quit=Q", "copy-curl=C", "duplicate="})
	if err != nil {
		t.Fatal(err)
	}
	s := newStage(t, func(c *tui.Config) { c.Keys = keys })
	failing(s)
	s.press("3")
	s.shows("ctrl+r retry now", "Q quit")
	s.press("r", "D")
	if s.shows("try 4 of 7"); strings.Contains(s.screen(), "sent") {
		t.Errorf("a key that was taken away still works:\n%s", s.screen())
	}
	s.press("f5")
	s.shows("try 5 of 7")
	if tui.Quits(s.model, "q") || !tui.Quits(s.model, "Q") || !tui.Quits(s.model, "ctrl+c") {
		t.Error("Q and ctrl+c quit, q does not")
	}
	for entry, want := range map[string]string{
		"retry": "want a command and its key, like give-up=ctrl+d", "retri=r": "did you mean retry?", "retry=hyper+x": `retry: "hyper+x": no such key`,
		"retry=d": "d would mean both retry and give-up in Calls",
	} {
		if _, err := tui.ParseKeys([]string{entry}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", entry, err, want)
		}
	}
}

// Hints name the keys that commands have, not those that they usually have.
func TestHintsNameKeys(t *testing.T) {
	keys, err := tui.ParseKeys([]string{"duplicate=ctrl+d", "new-call=ctrl+n", "pause=f9", "step=", "follow=f8", "faster=>", "seek-on=", "help=f1", "up=ctrl+u"})
	if err != nil {
		t.Fatal(err)
	}
	s := newStage(t, func(cfg *tui.Config) { cfg.Keys = keys })
	s.size(120, 36)
	s.shows("ctrl+n enter place a call", "f9 : step    stop time", "f1           all keys", "ctrl+u down move")
	s.press("r")
	s.shows("no callback is chosen")
	s.press("E")
	s.shows("no call is chosen; ctrl+n places one")
	s.press("f9")
	s.shows("paused; f9 goes on, : step steps")
	s.size(200, 50)
	s.shows(">- speed")
	s.place(wire.V1, call.Reject, "alice", "bob")
	s.pass(time.Minute)
	s.press("3", "g", "r")
	s.shows("it is acked already; ctrl+d sends it again", "held, f8 follows")
}
