package control_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/fixtures/harness"
	"ringback/sim/control"
	"ringback/sim/control/simapi"
	"ringback/sim/usersig"
)

// sandbox makes a sandbox and returns it.
func (w *world) sandbox(body string) (s simapi.Sandbox) {
	w.t.Helper()
	w.post("/sim/v1/sandboxes", body, 201, &s)
	return s
}

// rest sends a request to the REST API, signed with the key of an app.
func (w *world) rest(app uint32, key, path, body string) (answer struct {
	ErrorCode    int
	ErrorMessage string
},
) {
	w.t.Helper()
	sig, err := usersig.Sign(key, usersig.Claims{SDKAppID: app, Identifier: "administrator", Time: time.Now().Unix(), Expire: 3600})
	if err != nil {
		w.t.Fatal(err)
	}
	w.post(fmt.Sprintf("%s?sdkappid=%d&identifier=administrator&usersig=%s&random=1&contenttype=json", path, app, sig), body, 200, &answer)
	return answer
}

// A client makes, lists and ends sandboxes; what it leaves out is made up.
func TestSandboxes(t *testing.T) {
	w := begin(t)
	named := w.sandbox(`{"sdkappid":1400000009,"key":"` + key + `","run":"nine","epoch":"2026-02-03T04:05:06Z","seed":9,"pace":"10x","paused":true,"dialect":{"call_id":"uuid"}}`)
	want := simapi.Sandbox{
		ID: 1400000009, Path: "/sim/v1/sandboxes/1400000009", Apps: []uint32{1400000009}, Status: simapi.Status{
			Version: "test", Run: "nine", Seed: 9, Seq: 1, Pace: "10x", Paused: true, Apps: []uint32{1400000009}, Heartbeat: "30s",
		},
	}
	if err := want.Status.Epoch.UnmarshalText([]byte("2026-02-03T04:05:06Z")); err != nil {
		t.Fatal(err)
	}
	want.Status.Now = want.Status.Epoch
	if diff := cmp.Diff(want, named); diff != "" {
		t.Errorf("one that is named (-want +got):\n%s", diff)
	}
	free := w.sandbox(`{}`)
	if free.ID != 1400000010 || len(free.Key) != 64 || free.Status.Epoch != epoch || free.Status.Seed != 7 || free.Status.Run == "test" || free.Status.Run == "" {
		t.Errorf("one that is not: %+v", free)
	}
	var list simapi.SandboxList
	w.get("/sim/v1/sandboxes", 200, &list)
	var ids []uint32
	for _, s := range list.Sandboxes {
		if ids = append(ids, s.ID); s.Key != "" || s.First != (s.ID == appID) {
			t.Errorf("in the list: %+v", s)
		}
	}
	if diff := cmp.Diff([]uint32{appID, 1400000009, 1400000010}, ids); diff != "" {
		t.Errorf("the list (-want +got):\n%s", diff)
	}
	var clock simapi.Clock
	w.get(named.Path+"/clock", 200, &clock)
	if diff := cmp.Diff(simapi.Clock{Now: named.Status.Epoch, Pace: "10x", Paused: true}, clock); diff != "" {
		t.Errorf("its clock (-want +got):\n%s", diff)
	}
	var gone simapi.Sandbox
	w.ask("DELETE", free.Path, "", 200, &gone)
	w.get(free.Path, 404, nil)
	w.get(free.Path+"/calls", 404, nil)
	if next := w.sandbox(`{}`); next.ID != 1400000011 {
		t.Errorf("the id of one that was ended is taken again: %d", next.ID)
	}
}

// A request for a sandbox that can't be is refused, and says what would be right.
func TestSandboxRefused(t *testing.T) {
	cfg := config()
	cfg.MaxSandboxes = 2
	w := start(t, cfg)
	w.sandbox(`{"sdkappid":7}`)
	for body, want := range map[string]string{
		`{"sdkappid":1400000001}`:         "409 sdkappid: app 1400000001 is in a sandbox already",
		`{"sdkappid":88888888}`:           "409 sdkappid: app 88888888 is in a sandbox already",
		`{"sdkappid":7}`:                  "409 sdkappid: app 7 is in a sandbox already",
		`{"run":"a b"}`:                   `400 run: "a b": want up to 32 letters, digits, - and _`,
		`{"epoch":"monday"}`:              "400 epoch: ",
		`{"pace":"fast"}`:                 "400 pace: ",
		`{"callback":"ftp://x"}`:          "400 callback: ",
		`{"dialect":{"call_id":"short"}}`: "400 dialect: ",
		`{"dialect":{"call":"readable"}}`: "400 dialect: ",
		`{"sdkappid":"7"}`:                "400 sdkappid: want a number",
		`{"sdkapp_id":7}`:                 "400 sdkapp_id: no such field; did you mean sdkappid?",
	} {
		refused(t, w, "POST", "/sim/v1/sandboxes", body, want)
	}
	w.sandbox(`{"sdkappid":4294967295}`)
	refused(t, w, "POST", "/sim/v1/sandboxes", `{"sdkappid":9}`,
		"409 there are 2 sandboxes besides the first, and --max-sandboxes allows no more; DELETE /sim/v1/sandboxes/{sandbox} ends one")
	w.ask("DELETE", "/sim/v1/sandboxes/7", "", 200, nil)
	refused(t, w, "POST", "/sim/v1/sandboxes", `{}`, "400 sdkappid: no id above the highest so far is left")
	refused(t, w, "GET", "/sim/v1/sandboxes/8/calls", "", `404 sandbox "8": not found`)
	refused(t, w, "GET", "/sim/v1/sandboxes/88888888/calls", "", `404 sandbox "88888888": not found; app 88888888 is in sandbox 1400000001, with the first app`)
	refused(t, w, "GET", "/sim/v1/sandboxes/x", "", `404 sandbox "x": not found`)
	refused(t, w, "DELETE", "/sim/v1/sandboxes/1400000001", "", "409 sandbox 1400000001 is the first, which lasts as long as the server")
	refused(t, w, "GET", "/sim/v1/sandboxes/1400000001/sandboxes/1400000001/status", "", "404 GET /sim/v1/sandboxes/1400000001/sandboxes/1400000001/status: no such route")
	refused(t, w, "GET", "/sim/v1/sandboxes/4294967295/sandboxes", "", "404 GET /sim/v1/sandboxes/4294967295/sandboxes: no such route")
	refused(t, w, "GET", "/sim/v1/sandboxes/4294967295/cals", "", "404 GET /sim/v1/cals: no such route")
}

// refused checks how a request is refused: the status, and how the words begin.
func refused(t *testing.T, w *world, method, path, body, want string) {
	t.Helper()
	req, err := http.NewRequest(method, w.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var p simapi.Problem
	if err := json.NewDecoder(resp.Body).Decode(&p); err != nil || !strings.HasPrefix(fmt.Sprintf("%d %s", p.Status, p.Detail), want) {
		t.Errorf("%s %s %s: %d %s, %v, want %s", method, path, body, p.Status, p.Detail, err, want)
	}
}

// The REST API sees the sandbox of the app that a request names: its key, its
// registrations, its planned errors, its records.
func TestSandboxOfApp(t *testing.T) {
	w := begin(t)
	const other = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
	s := w.sandbox(`{"sdkappid":7,"key":"` + other + `"}`)
	set := `{"address":"http://127.0.0.1:9/cb","actions":["normal_end"]}`
	if a := w.rest(7, other, "/v1/callback/set", set); a.ErrorCode != 0 {
		t.Errorf("with its key: %+v", a)
	}
	if a := w.rest(7, key, "/v1/callback/set", set); a.ErrorCode != 70002 {
		t.Errorf("with another's key: %+v", a)
	}
	if a := w.rest(8, key, "/v1/callback/set", set); a.ErrorCode == 0 {
		t.Errorf("an app that no sandbox has: %+v", a)
	}
	w.ask("PUT", s.Path+"/errors", `{"errors":[{"path":"/v1/callback/get","code":70005,"times":1}]}`, 200, nil)
	if a := w.rest(appID, key, "/v1/callback/get", `{}`); a.ErrorCode == 70005 {
		t.Errorf("an error that was planned in another sandbox: %+v", a)
	}
	if a := w.rest(7, other, "/v1/callback/get", `{}`); a.ErrorCode != 70005 {
		t.Errorf("an error that was planned: %+v", a)
	}
	var list simapi.Registrations
	w.get(s.Path+"/registrations", 200, &list)
	if len(list.Registrations) != 1 || list.Registrations[0].SDKAppID != 7 || list.Registrations[0].Typed {
		t.Errorf("registered in the sandbox: %+v", list)
	}
	w.get("/sim/v1/registrations", 200, &list)
	if len(list.Registrations) != 1 || list.Registrations[0].SDKAppID != appID {
		t.Errorf("registered in the first: %+v", list)
	}
	w.ask("DELETE", s.Path, "", 200, nil)
	if a := w.rest(7, other, "/v1/callback/set", set); a.ErrorCode == 0 {
		t.Errorf("after its end: %+v", a)
	}
}

// suite is one of several that share a server: its sandbox, and a receiver of its own.
type suite struct {
	w    *world
	path string
	got  *receiver
}

const suiteCalls = 200

// play places calls one after the other, waits for each, and checks that all that its
// sandbox has is its own.
func (s *suite) play(t *testing.T, name string) {
	for i := range suiteCalls {
		id := ""
		{
			var c simapi.CallView
			s.w.post(s.path+"/calls", fmt.Sprintf(`{"caller":%q,"callees":["bob"],"outcome":"call_busy","generation":"v1"}`, name), 201, &c)
			if id = c.ID; c.Number != uint64(i+1) || c.Caller != name {
				t.Errorf("%s: call %d of its own is %+v", name, i+1, c)
			}
		}
		s.w.post(s.path+"/wait", `{"call":"`+id+`"}`, 200, nil)
	}
	var calls simapi.Calls
	s.w.get(s.path+"/calls?limit=1000", 200, &calls)
	if len(calls.Calls) != suiteCalls || slices.ContainsFunc(calls.Calls, func(c simapi.CallView) bool { return c.Caller != name }) {
		t.Errorf("%s: %d calls", name, len(calls.Calls))
	}
	s.got.mu.Lock()
	defer s.got.mu.Unlock()
	if n := len(s.got.commands); n != suiteCalls { // call_end each, as it is subscribed to
		t.Errorf("%s: its receiver got %d callbacks", name, n)
	}
}

// Suites that run side by side on one server know nothing of each other: each sees its
// own calls only, and a reset of one is not seen in another.
func TestSuitesSideBySide(t *testing.T) {
	cfg := config()
	cfg.MaxSandboxes = 4
	w := start(t, cfg)
	var suites []*suite
	for i := range 4 {
		s := &suite{w: w, got: newReceiver(t)}
		box := w.sandbox(fmt.Sprintf(`{"sdkappid":%d,"key":%q,"pace":"instant"}`, i+1, key))
		s.path = box.Path
		if a := w.rest(box.ID, key, "/v1/callback/set", `{"address":"`+s.got.URL+`","actions":["call_busy"]}`); a.ErrorCode != 0 {
			t.Fatalf("%+v", a)
		}
		suites = append(suites, s)
	}
	var all sync.WaitGroup
	for i, s := range suites {
		all.Go(func() { s.play(t, fmt.Sprintf("caller-%d", i)) })
	}
	all.Wait()
	w.post(suites[0].path+"/reset", `{}`, 200, nil)
	for i, s := range suites {
		var calls simapi.Calls
		w.get(s.path+"/calls?limit=1000", 200, &calls)
		if want := min(i, 1) * suiteCalls; len(calls.Calls) != want {
			t.Errorf("suite %d has %d calls after a reset of suite 0, want %d", i, len(calls.Calls), want)
		}
	}
	var first simapi.Calls
	w.get("/sim/v1/calls", 200, &first)
	if len(first.Calls) != 0 {
		t.Errorf("the first sandbox has %d calls", len(first.Calls))
	}
}

// text is what a path answers.
func (w *world) text(path string) string {
	w.t.Helper()
	resp, err := http.Get(w.url + path)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		w.t.Fatalf("%s: %s, %v", path, resp.Status, err)
	}
	return string(data)
}

// Each sandbox has its own series, and the first's are as they were without any.
func TestSandboxMetrics(t *testing.T) {
	w := begin(t)
	s := w.sandbox(`{"sdkappid":7}`)
	w.place(`{"outcome":"call_busy"}`)
	for range 2 {
		w.post(s.Path+"/calls", `{"outcome":"call_busy"}`, 201, nil)
	}
	metrics := w.text("/metrics")
	for _, want := range []string{
		"\nringback_calls_total{result=\"call_busy\"} 1\n", "\nringback_calls_total{result=\"call_busy\",sandbox=\"7\"} 2\n",
		"\nringback_calls_live 0\n", "\nringback_calls_live{sandbox=\"7\"} 0\n", "\ngo_goroutines ",
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("want %q in\n%s", want, metrics)
		}
	}
	w.ask("DELETE", s.Path, "", 200, nil)
	if metrics := w.text("/metrics"); strings.Contains(metrics, "sandbox") {
		t.Errorf("after its end:\n%s", metrics)
	}
}

// A restart goes on with all sandboxes: their keys, runs, clocks, registrations and open
// calls. One that was ended does not come back.
func TestSandboxesRestart(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "journal.ndjson")
	got := newReceiver(t)
	w := journalled(t, path, nil)
	w.place(`{"caller":"first"}`)
	for i := range 3 {
		s := w.sandbox(fmt.Sprintf(`{"sdkappid":%d,"key":"%s%d","run":"run-%d","pace":"%dx","callback":"%s/cb"}`, i+7, key[1:], i, i, i+2, got.URL))
		w.post(s.Path+"/clock", `{"do":"pause","advance":"1h"}`, 200, nil)
		for j := range i + 1 {
			w.post(s.Path+"/calls", fmt.Sprintf(`{"caller":"a%d","callees":["b%d"]}`, j, j), 201, nil)
		}
	}
	w.ask("DELETE", "/sim/v1/sandboxes/8", "", 200, nil)
	var before, after simapi.SandboxList
	if !harness.Poll(time.Minute, func() bool { // what is under way at the end would be sent again
		before = simapi.SandboxList{}
		w.get("/sim/v1/sandboxes", 200, &before)
		return !slices.ContainsFunc(before.Sandboxes, func(s simapi.Sandbox) bool { return s.Status.Open > 0 })
	}) {
		t.Fatalf("not all is delivered: %+v", before)
	}
	w.close()
	w = journalled(t, path, nil)
	before = simapi.SandboxList{}
	w.get("/sim/v1/sandboxes", 200, &before)
	w.close()
	w = journalled(t, path, nil)
	w.get("/sim/v1/sandboxes", 200, &after)
	for _, list := range []*simapi.SandboxList{&before, &after} {
		for i := range list.Sandboxes {
			list.Sandboxes[i].Status.Seq = 0
		}
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
	var ids []uint32
	for _, s := range after.Sandboxes {
		ids = append(ids, s.ID)
	}
	if diff := cmp.Diff([]uint32{appID, 7, 9}, ids); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	if s := after.Sandboxes[2].Status; s.Run != "run-2" || s.Calls != 3 || s.Live != 3 || s.Now.Sub(s.Epoch).Truncate(time.Hour) != time.Hour {
		t.Errorf("sandbox 9: %+v", s)
	}
	var clock simapi.Clock
	w.get("/sim/v1/sandboxes/9/clock", 200, &clock)
	if clock.Pace != "4x" || !clock.Paused {
		t.Errorf("its clock: %+v", clock)
	}
	if a := w.rest(9, key[1:]+"2", "/v1/callback/get", `{}`); a.ErrorCode != 0 {
		t.Errorf("its key: %+v", a)
	}
	w.post("/sim/v1/sandboxes/9/reset", `{}`, 200, nil)
	w.get("/sim/v1/sandboxes/9/clock", 200, &clock)
	if clock.Pace != "4x" || clock.Paused {
		t.Errorf("its clock after a reset: %+v", clock)
	}
	var names []string
	entries, err := os.ReadDir(path + ".d")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if names = append(names, e.Name()); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", e.Name(), info.Mode(), err)
		}
	}
	if diff := cmp.Diff([]string{"7.json", "7.ndjson", "9.json", "9.ndjson"}, names); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if data, err := os.ReadFile(filepath.Join(path+".d", "9.ndjson")); err != nil || strings.Contains(string(data), key[1:]) {
		t.Errorf("the journal holds a secret key, %v", err)
	}
}

// What is wrong with the files of a sandbox is said with its file, and the server does not
// start without it. One that had not begun when the server was killed begins now.
func TestSandboxFiles(t *testing.T) {
	for text, want := range map[string]string{
		`{"sdkappid":7,"key":"k"}`:               "",
		`{"sdkappid":7,"key":"k","run":"r"`:      "unexpected end of JSON input",
		`{"sdkappid":8,"key":"k"}`:               "want the sdkappid 7 and a key in it",
		`{"sdkappid":7}`:                         "want the sdkappid 7 and a key in it",
		`{"sdkappid":7,"key":"k","pace":"fast"}`: "pace: ",
	} {
		path := filepath.Join(t.TempDir(), "journal.ndjson")
		if err := os.Mkdir(path+".d", 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(path+".d", "7.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg := config()
		cfg.Journal = path
		b, err := control.New(cfg)
		switch {
		case want != "":
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "7.json") {
				t.Errorf("%s: %v, want %s", text, err, want)
			}
		case err != nil:
			t.Errorf("%s: %v", text, err)
		}
		if err == nil {
			if err := b.Close(context.Background()); err != nil {
				t.Error(err)
			}
		}
	}
	path := filepath.Join(t.TempDir(), "journal.ndjson")
	w := journalled(t, path, nil)
	w.sandbox(`{"sdkappid":7}`)
	w.close()
	cfg := config()
	cfg.Journal, cfg.Apps = path, []control.App{{ID: 1, Key: "k"}, {ID: 7, Key: "k"}}
	if _, err := control.New(cfg); err == nil || !strings.Contains(err.Error(), "its app is given for the first sandbox, too") {
		t.Errorf("an app of two sandboxes: %v", err)
	}
}

// A journal that can't be written ends the server, whosever it is: nothing is lost without
// a word.
func TestSandboxJournalFails(t *testing.T) {
	cfg := config()
	cfg.Journal = filepath.Join(t.TempDir(), "journal.ndjson")
	b, err := control.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	server := harness.Serve(t, b)
	w := &world{t: t, backend: b, url: server.URL}
	w.sandbox(`{"sdkappid":7}`)
	if err := b.BreakJournal(7); err != nil {
		t.Fatal(err)
	}
	w.post("/sim/v1/sandboxes/7/calls", `{}`, 503, nil)
	<-b.Done()
	if err := b.Err(); err == nil || !strings.HasPrefix(err.Error(), "sandbox 7: journal ") {
		t.Errorf("it ended with %v", err)
	}
	w.get("/healthz", 503, nil)
	if err := b.Close(context.Background()); err == nil {
		t.Error("closed without an error")
	}
}

// After a reset time passes as it did at the start, or stands still as it did then.
func TestResetOfTime(t *testing.T) {
	w := start(t, config())
	for _, paused := range []bool{true, false} {
		box := w.sandbox(fmt.Sprintf(`{"paused":%t,"pace":"4x"}`, paused))
		for _, clocking := range []string{`{"do":"resume","pace":"2x"}`, `{"do":"pause"}`} {
			w.post(box.Path+"/clock", clocking, 200, nil)
			w.post(box.Path+"/reset", `{}`, 200, nil)
			var c simapi.Clock
			if w.get(box.Path+"/clock", 200, &c); c.Paused != paused || c.Pace != "4x" {
				t.Errorf("paused %t, then %s: %+v after a reset", paused, clocking, c)
			}
		}
	}
}
