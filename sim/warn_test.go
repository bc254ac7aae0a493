package sim_test

import (
	"strings"
	"testing"

	"ringback/sim"
	"ringback/sim/call"
)

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
