package main

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"ringback/cmd/cli"
	"ringback/sim/control"
	"ringback/tui"
)

// byAPI are the commands of the screen that act on the simulation, with the request by
// which the simulation API does the same.
var byAPI = map[string]string{
	"new-call": "POST /sim/v1/calls", "call-again": "POST /sim/v1/calls", "call-like": "POST /sim/v1/calls",
	"end-call": "POST /sim/v1/calls/{id}/actions", "answer": "POST /sim/v1/calls/{id}/actions", "decline": "POST /sim/v1/calls/{id}/actions",
	"hang-up": "POST /sim/v1/calls/{id}/actions", "mic": "POST /sim/v1/calls/{id}/actions", "camera": "POST /sim/v1/calls/{id}/actions",
	"invite": "POST /sim/v1/calls/{id}/actions", "withdraw": "POST /sim/v1/calls/{id}/actions", "join": "POST /sim/v1/calls/{id}/actions",
	"lose-line": "POST /sim/v1/calls/{id}/actions", "battery": "POST /sim/v1/calls/{id}/actions", "second-login": "POST /sim/v1/calls/{id}/actions",
	"expire-sig": "POST /sim/v1/calls/{id}/actions", "replay": "POST /sim/v1/calls/{id}/actions",
	"retry": "POST /sim/v1/deliveries/{id}/actions", "give-up": "POST /sim/v1/deliveries/{id}/actions", "duplicate": "POST /sim/v1/deliveries/{id}/actions",
	"switch-fault": "PUT /sim/v1/faults", "faults-off": "DELETE /sim/v1/faults",
	"pause": "POST /sim/v1/clock", "step": "POST /sim/v1/clock", "faster": "POST /sim/v1/clock", "slower": "POST /sim/v1/clock", "real-time": "POST /sim/v1/clock",
	"dialect": "POST /sim/v1/dialect", "traffic": "PUT /sim/v1/traffic", "save-journal": "GET /sim/v1/snapshot",
}

// onScreen are the commands that change nothing but the screen, and files beside it.
var onScreen = strings.Fields(`
	back compare copy-answer copy-body copy-call copy-callid copy-curl copy-events copy-httpie copy-request down filter first follow full-screen help invert
	last left less mark more mouse next-attempt next-failed-attempt next-failure next-match next-pane open page-down page-up palette previous-attempt
	previous-failed-attempt previous-failure previous-match previous-pane quit redraw right save-request save-scenario scope search seek-back seek-end
	seek-far-back seek-far-on seek-on seek-start share sort suspend take up
	calls phones deliveries inspector faults
	target keep-generation
`) // the last two are refused on a server: there the REST API and its own settings are for that

// apiAlone are the requests that change something and are no command of the screen, with
// why.
var apiAlone = map[string]string{
	"POST /sim/v1/wait":                  "changes nothing: people watch",
	"POST /sim/v1/reset":                 "is for between two tests; a person starts the server again",
	"PUT /sim/v1/errors":                 "is about the REST API, which the screen does not show",
	"DELETE /sim/v1/errors":              "is about the REST API, which the screen does not show",
	"POST /sim/v1/sandboxes":             "a screen shows one sandbox",
	"DELETE /sim/v1/sandboxes/{sandbox}": "a screen shows one sandbox",
}

// All that a person can do at the screen can be done over the simulation API, and the
// other way round.
func TestCommandsAndRequests(t *testing.T) {
	b, err := control.New(control.Config{Apps: []control.App{{ID: cli.DefaultApp, Key: defaultKey}}})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close(context.Background())
	w := httptest.NewRecorder()
	b.ServeHTTP(w, httptest.NewRequest("GET", "/sim/v1/openapi.json", nil))
	var doc struct {
		Paths map[string]map[string]any
	}
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, c := range tui.Bindings() {
		request, acts := byAPI[c.Name]
		used[request] = true
		switch method, path, _ := strings.Cut(request, " "); {
		case acts == slices.Contains(onScreen, c.Name):
			t.Errorf("%s: say which request does what it does, or that it acts on the screen alone", c.Name)
		case acts && doc.Paths[path][strings.ToLower(method)] == nil:
			t.Errorf("%s: %s is not in the document", c.Name, request)
		}
	}
	for path, methods := range doc.Paths {
		if strings.HasPrefix(path, "/sim/v1/sandboxes/{sandbox}/") {
			continue // the same within a sandbox
		}
		for method := range methods {
			request := strings.ToUpper(method) + " " + path
			if why := apiAlone[request]; method != "get" && used[request] == (why != "") {
				t.Errorf("%s is a command of the screen: %t; why it is none: %q", request, used[request], why)
			}
		}
	}
}
