package control_test

import (
	"strings"
	"testing"
	"time"

	"ringback/sim/control"
)

// The calls a second that the pages allow.
var documentedRates = map[string]int{
	"v1/callback/set": 10, "v1/callback/get": 10, "v1/callback/update": 10, "v1/callback/delete": 10,
	"v1/records/get_record_by_callId": 20, "v1/records/get_records_by_filter": 200,
	"v4/call_config/set_callback": 200, "v4/call_config/get_callback": 200, "v4/call_config/delete_callback": 200,
	"v4/call_record_http_srv/get_record_by_callid": 200, "v4/call_record_http_srv/get_record_by_filter": 200,
	"v4/call_engine_http_srv/get_call_info": 200, "v4/call_engine_http_srv/end_call": 200, "v4/call_engine_http_srv/start_call_by_robot": 200,
}

// So many calls are answered at once and no more, for each app and command; a
// second later there is room for as many again. What is not authenticated does
// not count, what is wrong in its body does.
func TestRates(t *testing.T) {
	a := newAPI(t, func(cfg *control.Config) { cfg.NoRateLimit = false })
	now := time.Unix(sigMadeAt, 0)
	a.backend.SetClock(func() time.Time { return now })
	limited := func(path string) int {
		if strings.HasPrefix(path, "v1/") {
			return 70005
		}
		return 60007
	}
	pass := func(path string, n int) { // no more and no less
		t.Helper()
		for i := range n {
			if r := a.ask(path, "", nil); r.code == limited(path) {
				t.Fatalf("%s: call %d of %d is too many", path, i+1, n)
			}
		}
		a.bad(path, "", limited(path), "an app may call "+path)
	}
	for path := range goodBodies {
		rate := documentedRates[path]
		for range rate + 1 {
			a.ask(path, "", map[string]string{"usersig": "x"})
		}
		pass(path, rate)
	}
	if r := a.ask("v1/callback/set", "", of(t, otherApp)); r.code != 70009 {
		t.Errorf("another app: %d %s", r.code, r.words)
	}
	now = now.Add(100 * time.Millisecond)
	pass("v1/callback/set", 1)
	pass("v1/records/get_record_by_callId", 2)
	pass("v4/call_config/set_callback", 20)
	now = now.Add(99 * time.Millisecond)
	pass("v1/callback/set", 0)
	now = now.Add(time.Hour)
	pass("v1/callback/set", 10)
	now = now.Add(-time.Hour) // a wall clock may be set
	pass("v1/callback/set", 0)
}

func TestNoRateLimit(t *testing.T) {
	a := newAPI(t)
	for range 50 {
		a.good("v1/callback/delete", "{}")
	}
}
