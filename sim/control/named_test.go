package control_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"ringback/sim/control/simapi"
	"ringback/sim/wire"
)

// Whatever takes a call takes its CallId, its number, and the beginning of its
// CallId; what that leaves open is refused with the calls that it may be.
func TestCallByName(t *testing.T) {
	cfg := config()
	cfg.Paused, cfg.Dialect = true, wire.Default()
	if err := cfg.Dialect.Set("call_id=readable"); err != nil {
		t.Fatal(err)
	}
	w := start(t, cfg)
	w.got = newReceiver(t)
	w.register(w.got.URL, words()...)
	first := w.place(`{"caller":"alice","callees":["bob"],"generation":"v1"}`)
	second := w.place(`{"caller":"carol","callees":["dave"],"generation":"v1"}`)
	for _, name := range []string{second, "2", "%232", second[:len(second)-1] + "2"} {
		var c simapi.CallView
		w.get("/sim/v1/calls/"+name, 200, &c)
		if c.ID != second || c.Number != 2 {
			t.Errorf("%s: got %s, number %d, want %s", name, c.ID, c.Number, second)
		}
		var list simapi.Deliveries
		w.get("/sim/v1/deliveries?call="+name, 200, &list)
		if len(list.Deliveries) == 0 || list.Deliveries[0].Call != second {
			t.Errorf("deliveries of %s: %+v", name, list.Deliveries)
		}
		body, err := io.ReadAll(w.follow("?follow=false&call="+name, "0", "application/x-ndjson").Body)
		if err != nil {
			t.Fatal(err)
		}
		if stream := string(body); !strings.Contains(stream, `"call":"`+second+`"`) || strings.Contains(stream, `"call":"`+first+`"`) {
			t.Errorf("events of %s: %s", name, stream)
		}
	}
	w.post("/sim/v1/calls/2/actions", `{"do":"accept","who":"dave"}`, 200, nil)
	w.post("/sim/v1/calls/2/actions", `{"do":"hang_up","who":"dave"}`, 200, nil)
	w.post("/sim/v1/wait", `{"call":"#2"}`, 200, nil) // the first one goes on

	both := strings.TrimRight(first, "1")
	for _, request := range []func(*simapi.Problem){
		func(p *simapi.Problem) { w.get("/sim/v1/calls/"+both, 400, p) },
		func(p *simapi.Problem) { w.get("/sim/v1/deliveries?call="+both, 400, p) },
		func(p *simapi.Problem) { w.get("/sim/v1/events?follow=false&call="+both, 400, p) },
		func(p *simapi.Problem) { w.post("/sim/v1/wait", `{"call":"`+both+`"}`, 400, p) },
		func(p *simapi.Problem) {
			w.post("/sim/v1/calls/"+both+"/actions", `{"do":"accept","who":"bob"}`, 400, p)
		},
	} {
		var p simapi.Problem
		request(&p)
		if !strings.Contains(p.Detail, "2 calls begin so: ") || !strings.Contains(p.Detail, `"`+second+`" (#2)`) || p.Hint != first {
			t.Errorf("got %+v", p)
		}
	}
	for _, name := range []string{"3", "zzzzzzzzzz", "055662e1-bc8a-469c-a334-1126c8c17d58"} { // whatever form it has
		for _, request := range []func(*simapi.Problem){
			func(p *simapi.Problem) { w.get("/sim/v1/calls/"+name, http.StatusNotFound, p) },
			func(p *simapi.Problem) { w.get("/sim/v1/deliveries?call="+name, http.StatusNotFound, p) },
			func(p *simapi.Problem) {
				w.get("/sim/v1/events?follow=false&call="+name, http.StatusNotFound, p)
			},
			func(p *simapi.Problem) {
				w.post("/sim/v1/wait", `{"call":"`+name+`"}`, http.StatusNotFound, p)
			},
			func(p *simapi.Problem) {
				w.post("/sim/v1/calls/"+name+"/actions", `{"do":"accept","who":"bob"}`, http.StatusNotFound, p)
			},
		} {
			var p simapi.Problem
			request(&p)
			if want := `call "` + name + `": not found, or no longer kept`; !strings.Contains(p.Detail, want) {
				t.Errorf("got %+v, want %s", p, want)
			}
		}
	}
}
