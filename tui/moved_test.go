package tui_test

import (
	"strings"
	"testing"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/wire"
)

// A callback that goes on to another address is not said to have the same bytes, and
// what the receiver answered at the first shows no secret of that address.
func TestMoved(t *testing.T) {
	s := newStage(t)
	s.size(120, 36)
	s.do(sim.SetDialect{Set: []string{"set_pending=new"}})
	s.answer = func(send *sim.Send) delivery.Answer {
		return delivery.Answer{Status: 500, Connected: true, Body: []byte("no " + string(send.Request.Target()))}
	}
	s.place(wire.V1, call.Cancel, "alice", "bob")
	s.pass(500 * time.Millisecond)
	s.press("3")
	s.shows("same bytes in tries 1-2", "token=…")
	at, err := delivery.ParseEndpoint("http://127.0.0.1:4000/new?key=other-one")
	if err != nil {
		t.Fatal(err)
	}
	s.do(sim.Register{App: app, Generation: wire.Both, Endpoint: at, Typed: true, Words: wire.AllWords()})
	s.pass(time.Second)
	s.shows("POST /new?key=…")
	for range 4 { // the tries before, too
		screen := s.screen()
		for _, not := range []string{"same bytes", "hush-hush", "other-one"} {
			if strings.Contains(screen, not) {
				t.Fatalf("the screen shows %q:\n%s", not, screen)
			}
		}
		s.press("(")
	}
}
