package control_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/call"
	"ringback/sim/control/simapi"
	"ringback/sim/run"

	"ringback/sim/journal"
)

// What a person does at the screen beyond calls and phones can be done over the API.
func TestByHand(t *testing.T) {
	w := begin(t)
	w.place(`{"generation":"v4","plan":[{"at":"2s","do":"accept","who":"bob"},{"at":"5s","do":"hang_up","who":"alice"}]}`)
	var clock simapi.Clock
	var seen []string
	for range 20 { // step by step
		if w.post("/sim/v1/clock", `{"do":"step"}`, 200, &clock); clock.Still {
			break
		}
		if at := clock.Now.Sub(epoch).String(); !slices.Contains(seen, at) {
			seen = append(seen, at)
		}
	}
	if !clock.Still || !clock.Paused || !slices.Contains(seen, "2s") || !slices.Contains(seen, "5s") {
		t.Errorf("the clock is %+v, and it was stepped to %v", clock, seen)
	}
	var shown simapi.CallView
	w.get("/sim/v1/calls/1", 200, &shown)
	if shown.Result != call.NormalEnd || shown.Accept.Sub(shown.Start) != 2e9 || shown.End.Sub(shown.Accept) != 3e9 {
		t.Errorf("the call is %+v", shown)
	}

	before := w.got.seen()
	var done simapi.Acted
	w.post("/sim/v1/calls/1/actions", `{"do":"replay"}`, 200, &done)
	w.post("/sim/v1/wait", `{"until":"quiet"}`, 200, nil)
	if diff := cmp.Diff(append(slices.Clone(before), before...), w.got.seen()); diff != "" || uint64(len(before))*2 != done.Call.Callbacks {
		t.Errorf("after a replay (-want +got):\n%s\n%+v", diff, done.Call)
	}

	var d simapi.Dialect
	w.post("/sim/v1/dialect", `{"set":["v4_retry=v1","call_id=uuid"]}`, 200, &d)
	if d.Dialect["v4_retry"] != "v1" || d.Dialect["call_id"] != "uuid" || d.Dialect["case"] != "lower" {
		t.Errorf("the dialect is %v", d.Dialect)
	}
	w.got.answer = func(int) (int, string) { return 500, bad }
	w.place(`{"outcome":"reject","generation":"v4"}`)
	w.advance("0s") // what is due now is answered
	w.get("/sim/v1/dialect", 200, &d)
	var list simapi.Deliveries
	w.get("/sim/v1/deliveries?call=2&state=waiting", 200, &list)
	if len(list.Deliveries) == 0 {
		t.Error("nothing is retried under v4_retry=v1")
	}

	for body, field := range map[string]string{
		`{"plan":[{"at":"soon","do":"accept","who":"bob"}]}`:                                                    "plan.at",
		`{"plan":[{"at":"3s","do":"accept","who":"bob"},{"at":"2s","do":"hang_up","who":"bob"}]}`:               "plan.at",
		`{"plan":[{"at":"3s","do":"answer","who":"bob"}]}`:                                                      "do",
		`{"plan":[{"at":"3s","do":"accept","who":"bob","when":1}]}`:                                             "plan.when",
		`{"plan":[{"do":"accept","who":"bob"}]}`:                                                                "plan.at",
		`{"outcome":"reject","plan":[{"at":"3s","do":"accept","who":"bob"}]}`:                                   "plan",
		`{"caller":"erin","callees":["frank"],"plan":[{"at":"3s","do":"replay","who":"bob"}],"outcome":"busy"}`: "outcome",
	} {
		var p simapi.Problem
		if w.post("/sim/v1/calls", body, 400, &p); p.Field != field {
			t.Errorf("%s: field %q, want %q: %s", body, p.Field, field, p.Detail)
		}
	}
	w.post("/sim/v1/calls/1/actions", `{"do":"replay","who":"bob"}`, 400, nil)
	w.post("/sim/v1/dialect", `{"set":["v4_retry=v2"]}`, 400, nil)
	w.post("/sim/v1/dialect", `{"set":["v4_retry=v1","nothing=1"]}`, 400, nil)
	w.post("/sim/v1/clock", `{"do":"step","advance":"1s"}`, 400, nil)
	w.ask("PUT", "/sim/v1/traffic", `{"on":true}`, 409, nil) // no one calls here
}

// Background calls come when the API says so, at the rate that it says, until it says
// something else or all is reset; under the pace instant they would never end.
func TestTrafficByHand(t *testing.T) {
	cfg := config()
	cfg.Paused = true
	cfg.Traffic = func(_ journal.Run, _ uint32, from call.Instant, rate float64) (run.Source, error) {
		return &crowd{from.Add(call.Instant(1000 / max(rate, 1)).Sub(0))}, nil
	}
	w := start(t, cfg)
	var v simapi.TrafficView
	w.get("/sim/v1/traffic", 200, &v)
	if v.On {
		t.Error("calls come before anyone asked")
	}
	w.ask("PUT", "/sim/v1/traffic", `{"on":true,"rate":2}`, 200, &v)
	if want := (simapi.TrafficView{On: true, Rate: 2, Next: epoch + 500}); v != want {
		t.Errorf("the traffic is %+v, want %+v", v, want)
	}
	w.post("/sim/v1/clock", `{"pace":"instant"}`, 400, nil)
	w.advance("501ms")
	var s simapi.Status
	if w.get("/sim/v1/status", 200, &s); !s.Traffic || s.Calls == 0 || !s.Paused || s.Pace != "real" {
		t.Errorf("the status is %+v", s)
	}
	w.ask("PUT", "/sim/v1/traffic", `{"on":false}`, 200, &v)
	w.post("/sim/v1/clock", `{"pace":"instant"}`, 200, nil)
	w.ask("PUT", "/sim/v1/traffic", `{"on":true}`, 409, nil)
	w.post("/sim/v1/clock", `{"pace":"10x"}`, 200, nil)
	w.ask("PUT", "/sim/v1/traffic", `{"on":true}`, 200, &v)
	w.post("/sim/v1/reset", `{}`, 200, nil)
	if w.get("/sim/v1/traffic", 200, &v); v.On {
		t.Error("calls come after a reset")
	}
	w.ask("PUT", "/sim/v1/traffic", `{"on":true,"rate":-1}`, 400, nil)
	w.ask("PUT", "/sim/v1/traffic", `{"rate":1}`, 400, nil)
}
