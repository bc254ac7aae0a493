package tui_test

import (
	"strings"
	"testing"

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
