//go:build unix

package main

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"ringback/fixtures/harness"
)

// In a real terminal: the screen of a load is drawn in place, follows the
// terminal's width, and leaves nothing behind but the summary.
func TestLoadTerminal(t *testing.T) {
	t.Parallel()
	harness.Program(t, "tmux")
	s := harness.Serve(t, harness.Answer(200, `{"ErrorCode":0}`))
	term := newTmux(t, 100, 40)
	pid := term.stoppable("ringback load --target " + s.URL + " --calls 20/s --compress 600x --ramp 0s --duration 10m --subscribe normal_end,callee_accept_call --threshold 'errors<1%'")
	term.await(`(?s)measuring +█*░+ .* of 10m.*callbacks .*/s.*held to +✓ errors<1%`)
	term.sizeStopped(pid, 60, 40)
	shown := regexp.MustCompile(`  (\d+)s of 10m`).FindStringSubmatch(term.await(`measuring +█*░+ +\d+%  \d+s of 10m`))
	at, _ := strconv.Atoi(shown[1])
	later := "1m" // drawn since the size changed
	for s := at + 1; s < 60; s++ {
		later += "|" + strconv.Itoa(s) + "s"
	}
	term.await(`measuring +█*░+ +\d+%  (` + later + `)\S* of 10m`)
	term.keys("C-c")
	screen := term.await(`(?s)errors<1%.*ended with 130`)
	if strings.Contains(screen, "measuring") || strings.Contains(screen, "held to") || strings.Contains(screen, "s of 10m") {
		t.Errorf("the screen is left behind:\n%s", screen)
	}
}
