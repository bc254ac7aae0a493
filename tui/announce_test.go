package tui_test

import (
	"testing"
	"time"

	"ringback/sim/call"
	"ringback/sim/wire"
)

// What comes of a command that sends something is said in words, whenever it is known.
func TestOutcomesAreSaid(t *testing.T) {
	s := newStage(t)
	s.size(120, 36)
	s.answer = answers(500, "")
	s.place(wire.V1, call.NoResult, "alice", "bob")
	s.pass(2500 * time.Millisecond) // three tries are over
	s.press("3", "g", "r")
	s.shows("sent now instead of later")
	s.pass(time.Millisecond)
	s.shows("caller_start_call: HTTP 500, try 5 of 7; the next in 3s")
	s.answer = ok
	s.press("r")
	s.pass(time.Millisecond)
	s.shows("caller_start_call: acknowledged, HTTP 200")
	s.press("D")
	s.pass(time.Millisecond)
	s.shows("+caller_start_call: acknowledged, HTTP 200")
	s.press("R")
	s.pass(time.Millisecond)
	s.shows("2 of 2 sent again are acknowledged")
}

// A call by hand goes on in real time, with the cursor on the phone that rings; another
// like it can be placed.
func TestByHand(t *testing.T) {
	s := newStage(t)
	s.size(120, 36)
	s.press("n", "down", "down", "right", "down", "left", "enter")
	s.pass(3 * time.Second)
	s.shows("real", "━ 2 Phones", "27s left", "▸ bob")
	s.press("x", "E")
	s.shows("caller     alice", "callees    bob", "media      video", "ends as    I play the phones myself")
	s.press("esc", "1")
	s.place(wire.V4, call.NormalEnd, "carol", "dave")
	s.pass(time.Minute)
	s.press("g", "E")
	s.shows("caller     carol", "callees    dave", "ends as    normal end", "rings for  3s", "talks for  9s", "callbacks  v4")
}

// What comes of a key that sends several is said of all of them.
func TestOutcomesOfMarked(t *testing.T) {
	s := newStage(t)
	s.size(120, 36)
	s.place(wire.V1, call.Reject, "alice", "bob")
	s.place(wire.V1, call.Reject, "carol", "dave")
	s.pass(time.Minute)
	s.press("3", "g", "m", "m", "m", "D")
	s.pass(time.Millisecond)
	s.shows("3 of 3 sent again are acknowledged")
	s.press("esc", "1", "g", "m", "m", "R")
	s.answer = answers(500, "")
	s.pass(time.Millisecond)
	s.shows("0 of 10 sent again are acknowledged")
}
