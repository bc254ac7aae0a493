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

// Whichever attempt is chosen, why: is about its answer and what followed, and
// Deliveries marks it.
func TestWhyOfEachAttempt(t *testing.T) {
	tries := []struct {
		answer func(*sim.Send) delivery.Answer
		why    string
		mark   string
	}{
		{answers(503, ""), "why: HTTP 503, the receiver failed; v1 retries after [0] 1 1 2 3 5 s", "▸1 00:00:00.0 503"},
		{answers(404, ""), "why: HTTP 404, the receiver rejects the request; v1 retries after 0 [1] 1 2 3 5 s", "▸2 +0.0s 404"},
		{answers(200, `{"ErrorCode":"0"}`), `why: ErrorCode is the string "0", want the integer 0; v1 retries after 0 1 [1] 2 3 5 s`, "▸3 +1.0s 200 ✗"},
		{fails(delivery.Refused), "why: connection refused, no one listens there; retried by hand, ahead of the schedule", "▸4 +1.0s refused"},
		{answers(200, `{"ErrorCode":7}`), "why: ErrorCode is 7, want 0; v1 retries after 0 1 1 2 [3] 5 s", "▸5 +0.0s 200 ✗"},
		{ok, "why: acknowledged: ", "▸6 +3.0s 200"},
	}
	s := newStage(t)
	s.size(200, 50)
	n := 0
	s.answer = func(send *sim.Send) delivery.Answer {
		if !strings.Contains(string(send.Request.Target()), "caller_start_call") {
			return ok(send)
		}
		n++
		return tries[n-1].answer(send)
	}
	s.place(wire.V1, call.NoResult, "alice", "bob")
	s.pass(2 * time.Second) // the 4th has failed
	s.press("3", "home", "r")
	s.pass(4 * time.Second)
	for i := len(tries) - 1; i >= 0; i-- {
		s.shows(tries[i].why, tries[i].mark)
		if got := strings.Count(s.screen(), "why:"); got != 1 {
			t.Fatalf("why: stands there %d times", got)
		}
		s.press("4", "left", "3")
	}
}

// An attempt that was given up while it was under way says so; those before it
// keep their own reasons.
func TestWhyGivenUpUnderWay(t *testing.T) {
	s := newStage(t)
	s.size(200, 50)
	s.answer = answers(503, "")
	s.place(wire.V1, call.NoResult, "alice", "bob")
	s.pass(500 * time.Millisecond)
	s.answer = nil
	s.pass(time.Second)
	s.press("3", "home", "d", "enter")
	s.shows("why: given up by hand while try 3 was under way")
	s.press("4", "left")
	s.shows("why: HTTP 503, the receiver failed; v1 retries after 0 [1] 1 2 3 5 s")
}
