package control_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/call"
	"ringback/sim/control"
	"ringback/sim/control/simapi"
)

// A call of each outcome, from the request to the last acknowledgement.
func TestPlaceOutcomes(t *testing.T) {
	for _, outcome := range []string{"normal_end", "reject", "not_answer", "call_busy", "cancel", "interrupt"} {
		w := begin(t)
		id := w.place(`{"outcome":"` + outcome + `","generation":"v1"}`)
		w.advance("1m")
		w.post("/sim/v1/wait", `{"until":"idle"}`, 200, nil)
		var c simapi.CallView
		w.get("/sim/v1/calls/"+id, 200, &c)
		if c.Result.String() != outcome || c.Open != 0 || c.Callbacks != uint64(len(w.got.seen())) {
			t.Errorf("%s: the call is %+v after %v", outcome, c, w.got.seen())
		}
	}
}

// Without an outcome the phones are the client's.
func TestActAsThePhones(t *testing.T) {
	w := begin(t)
	id := w.place(`{"caller":"alice","callees":["bob","carol"],"media":"video","generation":"v4"}`)
	act := func(body string) (a simapi.Acted) {
		t.Helper()
		w.post("/sim/v1/calls/"+id+"/actions", body, 200, &a)
		return a
	}
	if a := act(`{"do":"accept","who":"bob"}`); a.Call.Phase.String() != "connected" || len(a.Events) < 2 {
		t.Errorf("bob accepted: %+v", a)
	}
	act(`{"do":"reject","who":"carol"}`)
	act(`{"do":"invite","who":"bob","whom":["dave"]}`)
	act(`{"do":"mic","who":"alice","on":false}`)
	act(`{"do":"speak","who":"alice","level":40}`)
	if a := act(`{"do":"end_by_server"}`); a.Call.Result.String() != "normal_end" {
		t.Errorf("the server ended it as %s", a.Call.Result)
	}
	w.post("/sim/v1/wait", `{}`, 200, nil)
	want := []string{
		"Call.CallbackAfterStartCall", "Call.CallbackAfterMemberChanged", "Call.CallbackAfterMemberChanged",
		"Call.CallbackAfterMemberChanged", "Call.CallbackAfterEndCall",
	}
	if diff := cmp.Diff(want, w.got.seen()); diff != "" {
		t.Errorf("callbacks (-want +got):\n%s", diff)
	}
}

// A callee whose phone rings can lose the line, as a member who talks can.
func TestRingingLineIsLost(t *testing.T) {
	w := begin(t)
	id := w.place(`{"callees":["bob"],"generation":"v1"}`)
	var a simapi.Acted
	w.post("/sim/v1/calls/"+id+"/actions", `{"do":"lose_line","who":"bob"}`, 200, &a)
	if a.Call.Result.String() != "interrupt" {
		t.Errorf("the call ended as %q, want interrupt", a.Call.Result)
	}
	w.post("/sim/v1/wait", `{}`, 200, nil)
	want := []string{"caller_start_call", "callee_receive_call", "callee_call_interrupted", "caller_call_interrupted", "call_end"}
	if diff := cmp.Diff(want, w.got.seen()); diff != "" {
		t.Errorf("callbacks (-want +got):\n%s", diff)
	}
	away := w.place(`{"callees":["carol"],"unreachable":["carol"]}`)
	var no simapi.Problem
	w.post("/sim/v1/calls/"+away+"/actions", `{"do":"lose_line","who":"carol"}`, 409, &no)
	if want := "has a line to lose, and carol is dialled"; !strings.Contains(no.Detail, want) {
		t.Errorf("got %q, want %q", no.Detail, want)
	}
}

// What is wrong with a request is said by the field, and nothing happens.
func TestBadRequests(t *testing.T) {
	w := begin(t)
	ringing := w.place(`{}`)
	for _, test := range []struct {
		method, path, body string
		status             int
		field, words       string
	}{
		{"POST", "/sim/v1/calls", `{"caler":"alice"}`, 400, "caler", "no such field; did you mean caller?"},
		{"POST", "/sim/v1/calls", `{"Caller":"alice"}`, 400, "Caller", "no such field; did you mean caller?"},
		{"POST", "/sim/v1/calls", `{"smell":"sweet"}`, 400, "smell", "no such field"},
		{"POST", "/sim/v1/calls", `{"outcome":"rejct"}`, 400, "outcome", "did you mean reject?"},
		{"POST", "/sim/v1/calls", `null`, 400, "", "want a JSON object, got null"},
		{"POST", "/sim/v1/calls", "{\"caller\":\"\xff\"}", 400, "", "is not UTF-8"},
		{"POST", "/sim/v1/calls", `{"callees":["bob",7]}`, 400, "callees", "want a text"},
		{"POST", "/sim/v1/calls", `{"group":"yes"}`, 400, "group", "want true or false, got string"},
		{"PUT", "/sim/v1/errors", `{"errors":[{"path":"v1/callback/set","cod":70005}]}`, 400, "errors.cod", "did you mean code?"},
		{"PUT", "/sim/v1/errors", `{"errors":[{"path":"v1/callback/set","code":"70005"}]}`, 400, "errors.code", "want a number, got string"},
		{"PUT", "/sim/v1/errors", `{"errors":["v1/callback/set"]}`, 400, "errors", "want an object, got a text"},
		{"POST", "/sim/v1/calls", `{"caller":7}`, 400, "caller", "want a text"},
		{"POST", "/sim/v1/calls", `{"callees":"bob"}`, 400, "callees", "want a list"},
		{"POST", "/sim/v1/calls", `[]`, 400, "", "want a JSON object"},
		{"POST", "/sim/v1/calls", `{"caller":`, 400, "", "ends within"},
		{"POST", "/sim/v1/calls", `{} {}`, 400, "", "something follows"},
		{"POST", "/sim/v1/calls", `{"caller":"no one"}`, 400, "", "caller: user id"},
		{"POST", "/sim/v1/calls", `{"sdkappid":1}`, 400, "sdkappid", "no app 1"},
		{"POST", "/sim/v1/calls", `{"outcome":"offline"}`, 400, "outcome", "want one of"},
		{"POST", "/sim/v1/calls", `{"outcome":"reject","ring":"soon"}`, 400, "ring", "not a duration"},
		{"POST", "/sim/v1/calls", `{"outcome":"reject","ring":"30s"}`, 400, "", "whole seconds"},
		{"POST", "/sim/v1/calls", `{"ring":"3s"}`, 400, "outcome", "none is asked for"},
		{"POST", "/sim/v1/calls", `{"outcome":"reject","busy":["bob"]}`, 400, "outcome", "does not go with"},
		{"POST", "/sim/v1/calls", `{"platform":"Andriod"}`, 400, "platform", "did you mean Android?"},
		{"POST", "/sim/v1/calls", `{"media":"smell"}`, 400, "media", "audio, video"},
		{"POST", "/sim/v1/calls", `{"generation":"v2"}`, 400, "generation", "want one of v1, v4, both"},
		{"POST", "/sim/v1/calls", `{"caller":"alice","callees":["dave"]}`, 400, "", "alice is in another call"},
		{"POST", "/sim/v1/calls", `{"caller":"` + strings.Repeat("a", 2<<20) + `"}`, 413, "", "at most"},
		{"POST", "/sim/v1/calls", strings.Repeat(`{"a":`, 100_000), 400, "", ""},
		{"GET", "/sim/v1/calls/none", "", 404, "", `call "none"`},
		{"POST", "/sim/v1/calls/none/actions", `{"do":"accept"}`, 404, "", `call "none"`},
		{"POST", "/sim/v1/calls/" + ringing + "/actions", `{"do":"hang_up","who":"bob"}`, 409, "", "no one has answered"},
		{"POST", "/sim/v1/calls/" + ringing + "/actions", `{"do":"acept","who":"bob"}`, 400, "do", "no operation"},
		{"POST", "/sim/v1/calls/" + ringing + "/actions", `{"do":"accept"}`, 400, "who", "is missing"},
		{"POST", "/sim/v1/calls/" + ringing + "/actions", `{"do":"accept","who":"bob","level":3}`, 400, "level", "does not belong"},
		{"POST", "/sim/v1/calls/" + ringing + "/actions", `{"do":"call","who":"bob"}`, 400, "do", "not an action of a call"},
		{"POST", "/sim/v1/calls", `{"sdkappid":4294967296}`, 400, "sdkappid", "out of range"},
		{"POST", "/sim/v1/calls", `{"outcome":"normal_end","talk":"2562047h47m15s"}`, 400, "", "whole seconds up to"},
		{"POST", "/sim/v1/calls", `{"callees":["` + strings.Repeat(`b","`, 201) + `c"]}`, 400, "callees", "at most 200"},
		{"GET", "/sim/v1/calls?stat=over", "", 400, "stat", "no such parameter"},
		{"GET", "/sim/v1/events?kind=callback,calls", "", 400, "kind", `"calls": want one of client_event, `},
		{"GET", "/sim/v1/events?follow=maybe", "", 400, "follow", "want one of true, false"},
		{"POST", "/healthz", "", 405, "", "takes GET, HEAD"},
		{"GET", "/sim/v1/calls?limit=0", "", 400, "limit", "1 to 1000"},
		{"GET", "/sim/v1/calls?phase=up", "", 400, "phase", "want one of"},
		{"GET", "/sim/v1/deliveries?state=lost", "", 400, "state", "want one of"},
		{"GET", "/sim/v1/deliveries?word=Normal_end", "", 400, "word", "did you mean normal_end"},
		{"GET", "/sim/v1/deliveries?after=x", "", 400, "after", "not a cursor"},
		{"GET", "/sim/v1/deliveries/99", "", 404, "", `"99"`},
		{"POST", "/sim/v1/deliveries/99/actions", `{"do":"give_up"}`, 404, "", `"99"`},
		{"POST", "/sim/v1/deliveries/1/actions", `{"do":"resend"}`, 400, "do", "want one of retry_now"},
		{"POST", "/sim/v1/deliveries/1/actions", `{"do":"retry_now"}`, 409, "", "a duplicate sends it again"},
		{"PUT", "/sim/v1/faults", `{"on":["drip"]}`, 400, "on", "drip"},
		{"POST", "/sim/v1/clock", `{"do":"stop"}`, 400, "do", "want one of pause, resume"},
		{"POST", "/sim/v1/clock", `{"pace":"fast"}`, 400, "pace", "want real"},
		{"POST", "/sim/v1/clock", `{"advance":"-1s"}`, 400, "advance", "from 0s"},
		{"POST", "/sim/v1/wait", `{"until":"now"}`, 400, "until", "want one of idle, quiet"},
		{"POST", "/sim/v1/wait", `{"until":"idle","count":1}`, 400, "until", "does not go with"},
		{"POST", "/sim/v1/wait", `{"state":"acked"}`, 400, "count", "how many"},
		{"POST", "/sim/v1/wait", `{"timeout":"1h"}`, 400, "timeout", "up to"},
		{"POST", "/sim/v1/wait", `{"call":"none"}`, 404, "", "none"},
		{"GET", "/sim/v1/events?after=x", "", 400, "Last-Event-ID", "want one that a stream gave"},
		{"GET", "/sim/v1/events?after=999999", "", 400, "Last-Event-ID", "another run"},
		{"PATCH", "/sim/v1/calls", "", 405, "", "POST, GET, HEAD, not PATCH"},
		{"GET", "/sim/v2/calls", "", 404, "", "no such route"},
	} {
		var p simapi.Problem
		w.ask(test.method, test.path, test.body, test.status, &p)
		if p.Status != test.status || p.Field != test.field || !strings.Contains(p.Detail, test.words) || p.Title == "" {
			t.Errorf("%s %s %.80s: %+v, want field %q and %q", test.method, test.path, test.body, p, test.field, test.words)
		}
	}
	var s simapi.Status
	w.get("/sim/v1/status", 200, &s)
	if s.Calls != 1 {
		t.Errorf("%d calls were placed", s.Calls)
	}
}

// An unknown route is answered with those that exist.
func TestUnknownRouteListsWhatExists(t *testing.T) {
	w := begin(t)
	var p simapi.Problem
	w.get("/calls", 404, &p)
	for _, want := range []string{"POST /sim/v1/calls", "GET /sim/v1/events", "GET /healthz"} {
		if !strings.Contains(strings.Join(p.Routes, "\n"), want) {
			t.Errorf("%s is not in %v", want, p.Routes)
		}
	}
}

// Lists page by cursor: no element twice, none missing.
func TestPaging(t *testing.T) {
	w := begin(t)
	for i := range 25 {
		w.place(fmt.Sprintf(`{"caller":"a%d","callees":["b%d"],"outcome":"call_busy"}`, i, i))
	}
	w.post("/sim/v1/wait", `{}`, 200, nil)
	var calls []string
	var ids []uint64
	for path := "/sim/v1/calls?limit=10"; path != ""; {
		var page simapi.Calls
		w.get(path, 200, &page)
		for _, c := range page.Calls {
			calls = append(calls, c.ID)
		}
		if path = ""; page.Next != "" {
			path = "/sim/v1/calls?limit=10&after=" + page.Next
		}
	}
	for path := "/sim/v1/deliveries?limit=7&state=acked"; path != ""; {
		var page simapi.Deliveries
		w.get(path, 200, &page)
		for _, d := range page.Deliveries {
			ids = append(ids, d.ID)
		}
		if path = ""; page.Next != "" {
			path = "/sim/v1/deliveries?limit=7&state=acked&after=" + page.Next
		}
	}
	if len(calls) != 25 || calls[0] != "rb-test-0001" || calls[24] != "rb-test-0025" {
		t.Errorf("calls %v", calls)
	}
	if n := len(w.got.seen()); len(ids) != n || ids[len(ids)-1] != uint64(n) {
		t.Errorf("%d deliveries of %d: %v", len(ids), n, ids)
	}
}

// A callback that fails shows each attempt, and no secret of the address.
func TestDeliveryWithItsTries(t *testing.T) {
	w := begin(t)
	w.register(w.got.URL+"/cb?token=hush-hush", "caller_start_call")
	w.got.answer = func(n int) (int, string) {
		if n < 3 {
			return 200, bad + "hush-hush"
		}
		return 200, ok
	}
	w.place(`{"outcome":"call_busy","generation":"v1"}`)
	w.advance("2s")
	var d simapi.DeliveryView
	w.get("/sim/v1/deliveries/1", 200, &d)
	if d.State.String() != "acked" || len(d.Tries) != 3 || d.Tries[0].Verdict != "trailing" || d.Tries[2].Verdict != "acked" {
		t.Errorf("delivery %+v", d)
	}
	w.ask("POST", "/sim/v1/deliveries/1/actions", `{"do":"duplicate"}`, 200, &d)
	w.advance("0s")
	var page simapi.Deliveries
	w.get("/sim/v1/deliveries", 200, &page)
	if last := page.Deliveries[len(page.Deliveries)-1]; last.CopyOf != 1 || last.Body != d.Body || last.State.String() != "acked" {
		t.Errorf("the duplicate is %+v", last)
	}
	if d.Tries[2].Began.Sub(epoch).String() != "1s" {
		t.Errorf("the third attempt began at %s", d.Tries[2].Began)
	}
	if all := fmt.Sprintf("%+v", d); strings.Contains(all, "hush") || !strings.Contains(all, "token=…") {
		t.Errorf("a secret: %s", all)
	}
}

// Faults are switched, shown, and off after a reset, which also forgets calls
// and lets time go on.
func TestFaultsAndReset(t *testing.T) {
	w := begin(t)
	var f simapi.Faults
	w.ask("PUT", "/sim/v1/faults", `{"on":["drop","delay=2s@call_end"]}`, 200, &f)
	if diff := cmp.Diff([]string{"drop", "delay=2s@call_end"}, f.On); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	w.place(`{"outcome":"call_busy"}`)
	w.post("/sim/v1/wait", `{}`, 200, nil)
	if n := len(w.got.seen()); n != 0 {
		t.Errorf("%d callbacks came through", n)
	}
	var s simapi.Status
	w.post("/sim/v1/reset", `{}`, 200, &s)
	if s.Live != 0 || s.Totals.Callbacks != 0 {
		t.Errorf("after a reset: %+v", s)
	}
	w.get("/sim/v1/faults", 200, &f)
	var c simapi.Clock
	w.get("/sim/v1/clock", 200, &c)
	var r simapi.Registrations
	w.get("/sim/v1/registrations", 200, &r)
	if len(f.On) != 0 || !c.Paused || len(r.Registrations) != 1 {
		t.Errorf("faults %v, clock %+v, %d registrations", f.On, c, len(r.Registrations))
	}
	if a := r.Registrations[0].Address; strings.Contains(a, "hush") {
		t.Errorf("a secret: %s", a)
	}
	w.post("/sim/v1/reset", `{"registrations":true}`, 200, nil)
	w.get("/sim/v1/registrations", 200, &r)
	if len(r.Registrations) != 0 {
		t.Errorf("%d registrations are left", len(r.Registrations))
	}
	w.ask("DELETE", "/sim/v1/faults", ``, 200, &f)
}

// wait counts callbacks by call, state and word.
func TestWaitForACount(t *testing.T) {
	cfg := config()
	cfg.Pace = 1000
	w := start(t, cfg)
	w.got = newReceiver(t)
	w.register(w.got.URL+"/cb", words()...)
	id := w.place(`{"outcome":"reject","generation":"v1"}`)
	var now simapi.Waited
	w.post("/sim/v1/wait", `{"count":1,"call":"`+id+`","state":"acked","word":"reject"}`, 200, &now)
	if now.Count != 1 {
		t.Errorf("%+v", now)
	}
	var p simapi.Problem
	w.post("/sim/v1/wait", `{"count":99,"timeout":"1ms"}`, 504, &p)
	if !strings.Contains(p.Detail, "after 1ms") {
		t.Errorf("%+v", p)
	}
}

// Under a paused clock, wait says so once what is under way is answered, and
// what is due when.
func TestWaitWhileThereIsNoTime(t *testing.T) {
	w := begin(t)
	w.register(w.got.URL+"/cb", "caller_start_call")
	w.got.answer = func(int) (int, string) { return 200, bad }
	var p simapi.Problem
	w.post("/sim/v1/wait", `{"count":1}`, 409, &p)
	if p.Type != "/sim/v1/problems#paused" || p.Due != nil || !strings.Contains(p.Detail, "nothing is due, so nothing happens until") {
		t.Errorf("without a call: %+v", p)
	}
	id := w.place(`{"callees":["bob","carol"],"generation":"v1"}`)
	w.post("/sim/v1/calls/"+id+"/actions", `{"do":"pull_battery","who":"bob"}`, 200, nil)
	w.place(`{"caller":"dave","callees":["erin"],"outcome":"cancel","generation":"v1"}`)
	w.post("/sim/v1/wait", `{"count":2,"state":"waiting","word":"caller_start_call"}`, 200, nil)
	w.advance("500ms")
	p = simapi.Problem{}
	w.post("/sim/v1/wait", `{}`, 409, &p)
	at := func(after time.Duration) call.Instant { return epoch.Add(after) }
	want := []simapi.Upcoming{
		{At: at(time.Second), Call: "rb-test-0001", Delivery: 1, What: "attempt 3 of callback 1, caller_start_call"},
		{At: at(time.Second), Call: "rb-test-0002", Delivery: 2, What: "attempt 3 of callback 2, caller_start_call"},
		{At: at(3 * time.Second), Call: "rb-test-0002", Delivery: 0, What: "cancel by dave"},
		{At: at(30 * time.Second), Call: "rb-test-0001", Delivery: 0, What: "no one answered: the call stops ringing for bob, carol"},
		{At: at(30 * time.Second), Call: "rb-test-0001", Delivery: 0, What: "the heartbeat expires of bob"},
	}
	if diff := cmp.Diff(want, p.Due); diff != "" {
		t.Errorf("due (-want +got):\n%s", diff)
	}
	if p.Type != "/sim/v1/problems#paused" || p.Hint != `POST /sim/v1/clock {"advance":"500ms"}` || !strings.Contains(p.Detail, "the clock is paused at 2026-01-01T00:00:00.500Z: ") {
		t.Errorf("%+v", p)
	}
}

// Who waits already hears of it, too, when the clock gets paused.
func TestWaitUntilTheClockIsPaused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, err := control.New(config())
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close(t.Context())
		post := func(path, body string) *httptest.ResponseRecorder {
			r := httptest.NewRequest("POST", "/sim/v1/"+path, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			b.ServeHTTP(w, r)
			return w
		}
		if w := post("calls", `{}`); w.Code != 201 {
			t.Fatalf("status %d: %s", w.Code, w.Body)
		}
		ended := make(chan *httptest.ResponseRecorder, 1)
		go func() { ended <- post("wait", `{"timeout":"10m"}`) }()
		synctest.Wait() // it waits
		if len(ended) > 0 {
			t.Error("it does not wait while time passes")
		}
		if w := post("clock", `{"do":"pause"}`); w.Code != 200 {
			t.Fatalf("status %d: %s", w.Code, w.Body)
		}
		w := <-ended
		var p simapi.Problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != 409 || p.Type != "/sim/v1/problems#paused" || len(p.Due) != 1 {
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
	})
}

// A base URL that ends in a slash makes two of them.
func TestDoubledSlashes(t *testing.T) {
	w := begin(t)
	var s simapi.Status
	w.get("//sim/v1//status", 200, &s)
	if s.Run != "test" {
		t.Errorf("%+v", s)
	}
}

func TestMetricsAndHealth(t *testing.T) {
	w := begin(t)
	w.place(`{"outcome":"call_busy","generation":"v1"}`)
	w.post("/sim/v1/wait", `{}`, 200, nil)
	text := func(path string) string {
		resp, err := http.Get(w.url + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		return string(b)
	}
	for _, want := range []string{
		`ringback_calls_total{result="call_busy"} 1`, `ringback_callbacks_total{word="caller_start_call"} 1`,
		`ringback_attempts_total{verdict="acked"} 4`, "ringback_calls_live 0", "ringback_callbacks_open 0",
	} {
		if !strings.Contains(text("/metrics"), want) {
			t.Errorf("/metrics has no %s", want)
		}
	}
	if got := text("/healthz"); got != "ok\n" {
		t.Errorf("/healthz says %q", got)
	}
}
