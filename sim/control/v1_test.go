package control_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ringback/fixtures/harness"
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/control"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

const v1Sample = `{"address":"http://www.example.com/callback","actions":["call_busy","normal_end","caller_start_call","invite_user","callee_reject_call"]}`

// The samples of 60134, 60133, 60132 and 60131, in this order.
func TestV1Configuration(t *testing.T) {
	a := newAPI(t)
	for _, step := range []struct{ path, body, want string }{
		{"v1/callback/set", v1Sample, `"http://www.example.com/callback"`},
		{
			"v1/callback/get", `{}`,
			`{"actions":["call_busy","normal_end","caller_start_call","invite_user","callee_reject_call"],"address":"http://www.example.com/callback"}`,
		},
		{"v1/callback/update", `{"address":"https://www.example2.com/callback","actions":["call_busy","cancel","normal_end"]}`, `"https://www.example2.com/callback"`},
		{"v1/callback/get", `{}`, `{"actions":["call_busy","cancel","normal_end"],"address":"https://www.example2.com/callback"}`},
		{"v1/callback/delete", `{}`, `""`},
		{"v1/callback/delete", `{}`, `""`},
	} {
		if got := a.good(step.path, step.body); got != step.want {
			t.Errorf("%s: %s, want %s", step.path, got, step.want)
		}
	}
	a.bad("v1/callback/get", `{}`, 999, "there is no callback configuration")
	a.bad("v1/callback/update", v1Sample, 999, "there is no callback configuration to update")
	if targets := a.targets(); targets != 0 {
		t.Errorf("%d registrations", targets)
	}
}

func (a *api) targets() (n int) {
	a.backend.Read(func(s *journal.State) { n = len(s.Targets) })
	return n
}

// The last set counts, in the order that it was given in, without doubles. An
// address with a query is read back as it was.
func TestV1SetOverwrites(t *testing.T) {
	a := newAPI(t)
	a.good("v1/callback/set", v1Sample)
	const address = "http://127.0.0.1:9/cb?token=1&x=<é>"
	if got := a.good("v1/callback/set", `{"address":"`+address+`","actions":["reject","cancel","reject","Call.CallbackAfterEndCall","cancel"]}`); got != `"`+address+`"` {
		t.Errorf("set: %s", got)
	}
	if got := a.good("v1/callback/get", `{}`); got != `{"actions":["reject","cancel","Call.CallbackAfterEndCall"],"address":"`+address+`"}` {
		t.Errorf("get: %s", got)
	}
}

// Names in a body are case-sensitive; of a double the last counts, and what
// no one asks for is ignored.
func TestNamesInBodies(t *testing.T) {
	a := newAPI(t)
	a.bad("v1/callback/set", `{"Address":"http://x/","actions":["cancel"]}`, 70001, "address: is missing; there is Address, but names are case-sensitive")
	a.bad("v1/callback/set", `{"address":"http://x/","ACTIONS":["cancel"]}`, 70001, "actions: is missing; there is ACTIONS")
	a.bad("v4/call_config/set_callback", `{"URL":"http://x/","url":"http://x/","CallbackCommandList":["Call.CallbackAfterEndCall"]}`, 100002, "Url: is missing; there is URL")
	const twice = `{"Address":5,"address":5,"actions":5,"more":[{}],"ADDRESS":null,"address":"http://x/","actions":["cancel"]}`
	if got := a.good("v1/callback/set", twice); got != `"http://x/"` {
		t.Error(got)
	}
	a.bad("v1/callback/set", `{"address":"http://x/","actions":["cancel"],"address":"ftp://x/"}`, 70001, "address")
}

// What the fields can be wrong in.
func TestV1FieldErrors(t *testing.T) {
	a := newAPI(t)
	a.good("v1/callback/set", v1Sample)
	set := func(address, actions string) string { return `{"address":` + address + `,"actions":` + actions + `}` }
	for body, words := range map[string]string{
		`{}`:                                  "address: is missing",
		`{"address":"http://x/"}`:             "actions: is missing",
		set(`null`, `["cancel"]`):             "address: is null, want a text",
		set(`5`, `["cancel"]`):                "address: is a number, want a text",
		set(`["http://x/"]`, `["cancel"]`):    "address: is a list, want a text",
		set(`""`, `["cancel"]`):               "address: is empty",
		set(`"x"`, `["cancel"]`):              "address: address must start with http or https",
		set(`"ftp://x/"`, `["cancel"]`):       "address: address must start with http or https",
		set(`" http://x/"`, `["cancel"]`):     "address: address must start with http or https",
		set(`"//x/"`, `["cancel"]`):           "address: address must start with http or https",
		set(`"http://"`, `["cancel"]`):        "address: URL \"http://\": has no host",
		set(`"HTTP://"`, `["cancel"]`):        "address: URL \"HTTP://\": has no host",
		set(`"http:x"`, `["cancel"]`):         "address: URL \"http:x\": has no host",
		set(`"http://x:0/"`, `["cancel"]`):    "address: URL \"http://x:0/\": port 0: want 1 to 65535",
		set(`"http://u:p@x/"`, `["cancel"]`):  "address: URL \"http://…@x/\": CallKit sends no user and password",
		set(`"http://x/"`, `"cancel"`):        "actions: is a text, want a list",
		set(`"http://x/"`, `{}`):              "actions: is an object, want a list",
		set(`"http://x/"`, `null`):            "actions: is null, want a list",
		set(`"http://x/"`, `[]`):              "actions: is empty, want at least one",
		set(`"http://x/"`, `["cancel",null]`): "actions: its entry 2 is null, want a text",
		set(`"http://x/"`, `[5]`):             "actions: its entry 1 is a number, want a text",
		set(`"http://x/"`, `["cancel",""]`):   `actions: callback word ""`,
		set(`"http://x/"`, `["Normal_End"]`):  `actions: callback word "Normal_End": is in no page of the documents, want one like normal_end or Call.CallbackAfterEndCall; did you mean normal_end?`,
		set(`"http://x/"`, `["call_end"]`):    `actions: callback word "call_end"`,
	} {
		for _, path := range []string{"v1/callback/set", "v1/callback/update"} {
			a.bad(path, body, 70001, words)
		}
	}
	if got := a.good("v1/callback/get", "{}"); !strings.Contains(got, "www.example.com") {
		t.Errorf("what was refused has changed something: %s", got)
	}
	long := a.ask("v1/callback/set", set(`"http://x/"`, `["`+strings.Repeat("x", 60_000)+`"]`), nil)
	if long.code != 70001 || len(long.words) > 2000 {
		t.Errorf("a long word: %d, %d bytes", long.code, len(long.words))
	}
	for _, body := range []string{`{}`, `{"callId":null}`, `{"callId":5}`, `{"callId":""}`, `{"CallId":"x"}`} {
		a.bad("v1/records/get_record_by_callId", body, 70001, "callId: ")
	}
}

// Every address that a receiver can have is taken.
func TestV1Addresses(t *testing.T) {
	a := newAPI(t)
	for _, address := range []string{"http://x", "HTTP://x/", "https://x:8443/a/b?c", "http://127.0.0.1:3000/callback", "http://[::1]:80/", "http://169.254.169.254/"} {
		if got := a.good("v1/callback/set", `{"address":"`+address+`","actions":["cancel"]}`); got != `"`+address+`"` {
			t.Errorf("%s: %s", address, got)
		}
	}
}

// Where callbacks are signed, no address is taken that has a signature itself, and one
// that a journal has is warned of.
func TestSignedAddresses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "run.ndjson")
	const odd = "http://x/cb?a=1&Sign=0"
	plain := newAPI(t, func(cfg *control.Config) { cfg.Journal = file })
	set := map[string]string{
		"v1/callback/set":             `{"address":"` + odd + `","actions":["cancel"]}`,
		"v1/callback/update":          `{"address":"` + odd + `","actions":["cancel"]}`,
		"v4/call_config/set_callback": `{"Url":"` + odd + `","CallbackCommandList":["Call.CallbackAfterEndCall"]}`,
	}
	for path, body := range set {
		if path != "v1/callback/update" {
			plain.good(path, body)
		}
	}
	if err := plain.backend.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	var warned []string
	signed := newAPI(t, func(cfg *control.Config) {
		cfg.Journal, cfg.Sign = file, "xxxxyyyy"
		cfg.Warn = func(format string, args ...any) { warned = append(warned, fmt.Sprintf(format, args...)) }
	})
	slices.Sort(warned)
	const why = " callbacks has a parameter Sign itself, and callbacks are signed with one"
	const of = "app 1400000001: the address that the journal has for its "
	if diff := cmp.Diff([]string{of + "v1" + why, of + "v4" + why}, warned); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	for path, body := range set {
		code := 70001
		if strings.HasPrefix(path, "v4") {
			code = 100002
		}
		signed.bad(path, body, code, "has a parameter Sign itself, and callbacks are signed with one")
	}
	at := harness.Endpoint(t, odd)
	if err := signed.backend.Do(sim.Register{App: appID, Generation: wire.V1, Endpoint: at, Words: wire.AllWords()}, nil); err == nil {
		t.Error("an operator can register what a client cannot")
	}
}

// v1/callback/set takes the commands of v4, and warns of each once.
func TestV1WarnsOfCommands(t *testing.T) {
	a := newAPI(t)
	a.good("v1/callback/set", v1Sample)
	a.bad("v1/callback/set", `{"address":"ftp://x/","actions":["Call.CallbackAfterStartCall"]}`, 70001, "address")
	if got := a.warned(); len(got) > 0 {
		t.Errorf("warned of what is documented, or of what is refused: %q", got)
	}
	for _, path := range []string{"v1/callback/set", "v1/callback/update"} {
		a.good(path, `{"address":"http://x/","actions":["cancel","Call.CallbackAfterEndCall","Call.CallbackAfterMemberChanged"]}`)
	}
	want := []string{
		"actions: app 1400000001 registers for Call.CallbackAfterEndCall by v1/callback/set, which has only the words of 60135 (60134)",
		"actions: app 1400000001 registers for Call.CallbackAfterMemberChanged by v1/callback/set, which has only the words of 60135 (60134)",
	}
	if diff := cmp.Diff(want, a.warned()); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

// The dialects of the configuration.
func TestV1Dialects(t *testing.T) {
	a := newAPI(t, with(t, "v1_actions=documented", "delete_missing=999"))
	a.bad("v1/callback/set", `{"address":"http://x/","actions":["cancel","Call.CallbackAfterEndCall"]}`, 70001,
		"actions: Call.CallbackAfterEndCall is a command of v4, want the words of 60135")
	a.bad("v1/callback/delete", `{}`, 999, "no callback configuration to delete")
	a.good("v1/callback/set", v1Sample)
	a.good("v1/callback/delete", `{}`)
}

// Apps and generations have registrations of their own.
func TestRegistrationsAreApart(t *testing.T) {
	a := newAPI(t)
	a.good("v1/callback/set", v1Sample)
	a.bad("v4/call_config/get_callback", "{}", 100301)
	a.refused("v1/callback/get", "{}", of(t, otherApp), 999)
	a.refused("v1/callback/set", goodBodies["v1/callback/set"], of(t, otherApp), 0)
	a.good("v4/call_config/set_callback", goodBodies["v4/call_config/set_callback"])
	if n := a.targets(); n != 3 {
		t.Errorf("%d registrations, want 3", n)
	}
	a.refused("v1/callback/delete", "{}", of(t, otherApp), 0)
	a.good("v4/call_config/delete_callback", "{}")
	if got := a.good("v1/callback/get", "{}"); !strings.Contains(got, "www.example.com") {
		t.Error(got)
	}
}

// A registered receiver gets the callbacks that it asked for, in the order of
// the story.
func TestV1Registered(t *testing.T) {
	receiver := newReceiver(t)
	a := newAPI(t, func(cfg *control.Config) { cfg.NewSender = config().NewSender })
	a.good("v1/callback/set", `{"address":"`+receiver.URL+`/cb?token=1","actions":["callee_accept_call","normal_end","Call.CallbackAfterStartCall"]}`)
	a.place(`{"outcome":"normal_end"}`)
	a.advance("1m")
	if got := strings.Join(receiver.seen(), " "); got != "Call.CallbackAfterStartCall callee_accept_call call_end" {
		t.Error(got)
	}
}

// The record of a call as 60137 shows it, for each kind of end.
func TestV1Record(t *testing.T) {
	a := newAPI(t)
	id := a.place(`{"caller":"alice","callees":["bob1","bob2"],"outcome":"normal_end","ring":"3s","talk":"27s","media":"video","room":"123456"}`)
	a.advance("1m")
	want := `{"callId":"` + id + `","sdkAppId":1400000001,"mediaType":"video","roomId":"123456","startCallTs":1767225600,"acceptTs":1767225603,"endTs":1767225630,` +
		`"caller":"alice","totalUserNumber":3,"callType":"group","callResult":"normal_end","callees":["alice","bob1","bob2"]}`
	if got := a.good("v1/records/get_record_by_callId", `{"callId":"`+id+`"}`); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for _, result := range []string{"reject", "not_answer", "call_busy", "cancel", "interrupt"} {
		id := a.place(`{"outcome":"` + result + `"}`)
		a.advance("1m")
		got := a.good("v1/records/get_record_by_callId", `{"callId":"`+id+`"}`)
		if !strings.Contains(got, `"callType":"single","callResult":"`+result+`"`) {
			t.Errorf("%s: %s", result, got)
		}
		if answered := !strings.Contains(got, `"acceptTs":0`); answered != (result == "interrupt") {
			t.Errorf("%s: %s", result, got)
		}
	}
}

// A record under dialects: the letters of 60130's tables, the callees of 60137,
// and no Offline.
func TestV1RecordDialects(t *testing.T) {
	offline := func(a *api) string {
		id := a.place(`{}`)
		a.act(id, call.Action{Do: call.DoAccept, By: "bob"})
		a.act(id, call.Action{Do: call.DoPullBattery, By: "bob"})
		a.advance("2m")
		return a.good("v1/records/get_record_by_callId", `{"callId":"`+id+`"}`)
	}
	if got := offline(newAPI(t)); !strings.Contains(got, `"callResult":"offline","callees":["alice","bob"]`) {
		t.Error(got)
	}
	got := offline(newAPI(t, with(t, "case=title", "callee_list=callees", "heartbeat_result=Interrupt")))
	for _, want := range []string{`"mediaType":"Audio"`, `"callType":"Single","callResult":"Interrupt","callees":["bob"]`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
	if got := offline(newAPI(t, with(t, "case=title"))); !strings.Contains(got, `"callResult":"Offline"`) {
		t.Error(got)
	}
}
