package control_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/fixtures/harness"
)

// startBackend starts a CallKit backend with one app, and returns where its
// REST and simulation APIs are.
func startBackend(t *testing.T) (baseURL string, app uint32, key string) {
	t.Helper()
	cfg := config()
	cfg.Paused = true
	return start(t, cfg).url, cfg.Apps[0].ID, cfg.Apps[0].Key
}

// The app backend in fixtures/receiver/node is written in another language,
// from the documents alone. What it makes of a call is an outside opinion on
// the REST API, the UserSig and the callbacks of both generations.

// A nodeStory is what the documents say about a call of one outcome.
type nodeStory struct {
	v1     []string // words, in no order: the two phones report on their own
	v4     []string // callbacks, in the order of their EventTime
	result [2]string
	talk   int64 // seconds; 0 if no one answered
	lasts  int64 // seconds from start to end
}

var nodeStories = map[string]nodeStory{
	"normal_end": {
		v1: []string{
			"caller_start_call", "callee_receive_call", "callee_accept_call", "caller_call_accepted",
			"caller_call_end", "callee_call_end", "normal_end",
		},
		v4: []string{
			"AfterStartCall: alice Calling, bob Waiting",
			"AfterMemberChanged: bob Accept; alice Calling, bob Calling",
			"AfterMemberChanged: alice Hangup; bob Calling",
			"AfterEndCall: NormalEnd",
		},
		result: [2]string{"normal_end", "NormalEnd"},
		talk:   9,
		lasts:  12,
	},
	"reject": {
		v1: []string{"caller_start_call", "callee_receive_call", "callee_reject_call", "caller_call_rejected", "reject"},
		v4: []string{
			"AfterStartCall: alice Calling, bob Waiting",
			"AfterMemberChanged: bob Reject; alice Calling",
			"AfterEndCall: Reject",
		},
		result: [2]string{"reject", "Reject"},
		lasts:  3,
	},
	"not_answer": {
		v1: []string{"caller_start_call", "callee_receive_call", "callee_not_answer_call", "caller_call_missed", "not_answer"},
		v4: []string{
			"AfterStartCall: alice Calling, bob Waiting",
			"AfterMemberChanged: bob NotAnswer; alice Calling",
			"AfterEndCall: NotAnswer",
		},
		result: [2]string{"not_answer", "NotAnswer"},
		lasts:  30,
	},
	"call_busy": {
		v1: []string{"caller_start_call", "callee_ignore_call", "caller_call_busy", "call_busy"},
		v4: []string{
			"AfterStartCall: alice Calling, bob Waiting",
			"AfterEndCall: CallBusy",
		},
		result: [2]string{"call_busy", "CallBusy"},
	},
	"cancel": {
		v1: []string{"caller_start_call", "callee_receive_call", "caller_cancel_call", "callee_call_canceled", "cancel"},
		v4: []string{
			"AfterStartCall: alice Calling, bob Waiting",
			"AfterMemberChanged: bob Cancel_Invite; alice Calling",
			"AfterEndCall: Cancel",
		},
		result: [2]string{"cancel", "Cancel"},
		lasts:  3,
	},
	"interrupt": {
		v1: []string{
			"caller_start_call", "callee_receive_call", "callee_accept_call", "caller_call_accepted",
			"callee_call_interrupted", "caller_call_end", "interrupt",
		},
		v4: []string{
			"AfterStartCall: alice Calling, bob Waiting",
			"AfterMemberChanged: bob Accept; alice Calling, bob Calling",
			"AfterMemberChanged: bob Offline; alice Calling",
			"AfterEndCall: Interrupt",
		},
		result: [2]string{"interrupt", "Interrupt"},
		talk:   9,
		lasts:  12,
	},
}

func TestNodeBackend(t *testing.T) {
	node := harness.Program(t, "node")
	base, app, key := startBackend(t)
	backend := startNode(t, node, base, app, key)

	ids := map[string]string{}
	for outcome := range nodeStories {
		ids[outcome] = placeCall(t, base, outcome)
	}
	playOut(t, base)

	for outcome, want := range nodeStories {
		t.Run(outcome, func(t *testing.T) {
			var call nodeCall
			if status := askJSON(t, "GET", backend+"/calls/"+url.PathEscape(ids[outcome]), "", &call); status != http.StatusOK {
				t.Fatalf("the backend answered %d when asked for call %s", status, ids[outcome])
			}
			if call.Record == nil || call.Record.V1 == nil || call.Record.V4 == nil {
				t.Fatalf("stored no end in one of the generations: %+v", call)
			}
			call.checkStory(t, outcome, want)
			call.checkTimes(t, want)
			call.checkRecordV1(t, backend, app)
			call.checkRecordV4(t, backend)
		})
	}

	t.Run("no record", func(t *testing.T) {
		var v1 struct{ ErrorCode *int }
		askJSON(t, "POST", backend+"/calls/nobody/record?generation=v1", "", &v1)
		if v1.ErrorCode == nil || *v1.ErrorCode == 0 {
			t.Error("v1: want an error code for a call that never was")
		}
		var v4 struct{ ErrorCode int }
		askJSON(t, "POST", backend+"/calls/nobody/record?generation=v4", "", &v4)
		if v4.ErrorCode != 101050 {
			t.Errorf("v4: got code %d, want 101050", v4.ErrorCode)
		}
	})

	t.Run("unregister", func(t *testing.T) {
		if status := askJSON(t, "POST", backend+"/unregister", "", nil); status != http.StatusOK {
			t.Fatalf("unregister: %d", status)
		}
		id := placeCall(t, base, "reject")
		playOut(t, base)
		if status := askJSON(t, "GET", backend+"/calls/"+url.PathEscape(id), "", nil); status != http.StatusNotFound {
			t.Errorf("got %d for a call after unregistering, want 404", status)
		}
	})
}

// TestNodeBackendRefused: a wrong key is told apart from other mistakes, by
// the code of the generation.
func TestNodeBackendRefused(t *testing.T) {
	node := harness.Program(t, "node")
	base, app, _ := startBackend(t)
	for generation, want := range map[string]string{
		"v1": "v1/callback/set: 70002 ",
		"v4": "v4/call_config/set_callback: 60004 ",
	} {
		cmd := nodeCommand(node, base, app, strings.Repeat("0", 64), "GENERATION="+generation)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		err := cmd.Run()
		if cmd.ProcessState.ExitCode() != 1 || !strings.HasPrefix(stderr.String(), want) {
			t.Errorf("%s with a wrong key: %v, %q; want exit status 1, %q", generation, err, stderr.String(), want)
		}
	}
}

// nodeCall is what the backend stored about a call.
type nodeCall struct {
	CallID   string `json:"callId"`
	Caller   string
	Members  []string
	Count    int // one for each generation
	Result   string
	Duration int64
	V1       []string
	Record   *struct { // the end of the call, as each generation's callback told it
		V1 *nodeStatus
		V4 map[string]any
	}
	Callbacks []nodeCallback
}

type nodeStatus struct {
	RoomID                                string `json:"RoomId"`
	TotalNum                              int
	MediaType, CallType, Role, CallResult string
	StartCallTs, AcceptTs, EndTs          *int64
}

type nodeCallback struct {
	Generation, Command string
	Body                struct {
		EventTime       int64
		UserList        []nodeUser
		ChangedUserList []nodeUser
		CallRecord      struct{ CallResult string }
	}
}

type nodeUser struct {
	Account string `json:"User_Account"`
	Status  string
	Action  string `json:"ActionType"`
}

// String tells what a v4 callback says.
func (cb nodeCallback) String() string {
	var parts []string
	var changed, users []string
	for _, u := range cb.Body.ChangedUserList {
		changed = append(changed, u.Account+" "+u.Action)
	}
	for _, u := range cb.Body.UserList {
		users = append(users, u.Account+" "+u.Status)
	}
	for _, part := range []string{strings.Join(changed, ", "), strings.Join(users, ", "), cb.Body.CallRecord.CallResult} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.TrimPrefix(cb.Command, "Call.Callback") + ": " + strings.Join(parts, "; ")
}

func (call *nodeCall) of(generation string) []nodeCallback {
	list := slices.DeleteFunc(slices.Clone(call.Callbacks), func(cb nodeCallback) bool { return cb.Generation != generation })
	slices.SortStableFunc(list, func(a, b nodeCallback) int { return int(a.Body.EventTime - b.Body.EventTime) })
	return list
}

func (call *nodeCall) checkStory(t *testing.T, outcome string, want nodeStory) {
	t.Helper()
	same(t, "caller", call.Caller, nodeUserID("alice", outcome))
	same(t, "members", call.Members, []string{})
	same(t, "count", call.Count, 2)
	same(t, "v4 result", call.Result, want.result[1])
	same(t, "v1 result", call.Record.V1.CallResult, want.result[0])
	same(t, "duration", call.Duration, want.talk)
	same(t, "v1 words", slices.Sorted(slices.Values(call.V1)), slices.Sorted(slices.Values(want.v1)))
	var v4 []string
	for _, cb := range call.of("v4") {
		v4 = append(v4, strings.ReplaceAll(cb.String(), nodeUserID("", outcome), ""))
	}
	same(t, "v4 callbacks", v4, want.v4)
}

// checkTimes: seconds in v1 and in records, milliseconds in the EventTime of
// v4, and both generations tell of the same moments.
func (call *nodeCall) checkTimes(t *testing.T, want nodeStory) {
	t.Helper()
	record := call.Record.V4
	start, accept, end := seconds(t, record, "StartTime"), seconds(t, record, "AcceptTime"), seconds(t, record, "EndTime")
	same(t, "seconds from start to end", end-start, want.lasts)
	if want.talk == 0 {
		same(t, "v4 AcceptTime of a call that no one answered", accept, 0)
	} else {
		same(t, "seconds of ringing", accept-start, 3)
		same(t, "seconds of talk", end-accept, want.talk)
	}

	status, times := call.Record.V1, []*int64{nil, nil, nil}
	if want.result[0] == "normal_end" {
		times = []*int64{&start, &accept, &end}
	}
	same(t, "v1 StartCallTs, AcceptTs, EndTs", []*int64{status.StartCallTs, status.AcceptTs, status.EndTs}, times)

	v1, v4 := call.of("v1"), call.of("v4")
	same(t, "v1 first EventTime", v1[0].Body.EventTime, start)
	same(t, "v1 last EventTime", v1[len(v1)-1].Body.EventTime, end)
	same(t, "v4 first EventTime, in seconds", v4[0].Body.EventTime/1000, start)
	same(t, "v4 last EventTime, in seconds", v4[len(v4)-1].Body.EventTime/1000, end)
	for i := range v4[1:] {
		if v4[i].Body.EventTime == v4[i+1].Body.EventTime {
			t.Errorf("%s and %s have one EventTime", v4[i], v4[i+1])
		}
	}
}

// checkRecordV1 reads the record back: 60137.
func (call *nodeCall) checkRecordV1(t *testing.T, backend string, app uint32) {
	t.Helper()
	var answer struct {
		ErrorCode    *int
		ErrorMessage string
		RequestID    string `json:"requestId"`
		Data         map[string]any
	}
	askJSON(t, "POST", backend+"/calls/"+url.PathEscape(call.CallID)+"/record?generation=v1", "", &answer)
	if answer.ErrorCode == nil || *answer.ErrorCode != 0 || answer.ErrorMessage != "Success" {
		t.Fatalf("v1 record: %+v", answer)
	}
	if !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(answer.RequestID) {
		t.Errorf("v1 requestId: want 32 hex digits, got %q", answer.RequestID)
	}
	got, status, v4 := answer.Data, call.Record.V1, call.Record.V4
	// 60136 has the caller among the callees, 60137 has not.
	callees, _ := got["callees"].([]any)
	if !slices.Contains(callees, any(strings.Replace(call.Caller, "alice", "bob", 1))) {
		t.Errorf("v1 record: bob is not among the callees %v", callees)
	}
	delete(got, "callees")
	if v4["AcceptTime"] == json.Number("0") {
		delete(got, "acceptTs") // the documents do not say
	}
	want := map[string]any{
		"callId":          call.CallID,
		"sdkAppId":        number(app),
		"mediaType":       status.MediaType,
		"roomId":          status.RoomID,
		"startCallTs":     v4["StartTime"],
		"acceptTs":        v4["AcceptTime"],
		"endTs":           v4["EndTime"],
		"caller":          call.Caller,
		"totalUserNumber": number(status.TotalNum),
		"callType":        status.CallType,
		"callResult":      status.CallResult,
	}
	if v4["AcceptTime"] == json.Number("0") {
		delete(want, "acceptTs")
	}
	same(t, "v1 record", got, want)
}

// checkRecordV4 reads the record back: 68930 has the shape of the callback.
func (call *nodeCall) checkRecordV4(t *testing.T, backend string) {
	t.Helper()
	var answer struct {
		ActionStatus string
		ErrorInfo    *string
		ErrorCode    *int
		RequestID    string `json:"RequestId"`
		Response     struct{ CallRecord map[string]any }
	}
	askJSON(t, "POST", backend+"/calls/"+url.PathEscape(call.CallID)+"/record?generation=v4", "", &answer)
	if answer.ActionStatus != "OK" || answer.ErrorCode == nil || *answer.ErrorCode != 0 || answer.ErrorInfo == nil {
		t.Fatalf("v4 record: %+v", answer)
	}
	if !regexp.MustCompile(`^Id-[0-9a-f]{32}-O-Seq-\d+$`).MatchString(answer.RequestID) {
		t.Errorf("v4 RequestId: got %q", answer.RequestID)
	}
	same(t, "v4 record", answer.Response.CallRecord, call.Record.V4)
}

func same[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func number[N uint32 | int](n N) json.Number { return json.Number(fmt.Sprint(n)) }

func seconds(t *testing.T, record map[string]any, key string) int64 {
	t.Helper()
	n, ok := record[key].(json.Number)
	s, err := n.Int64()
	if !ok || err != nil {
		t.Errorf("%s: want whole seconds, got %v", key, record[key])
	}
	return s
}

// nodeUserID gives each call its own people: someone in a call is busy.
func nodeUserID(name, outcome string) string { return name + "-" + outcome }

func placeCall(t *testing.T, base, outcome string) (id string) {
	t.Helper()
	body := fmt.Sprintf(`{"caller":%q,"callees":[%q],"outcome":%q,"ring":"3s","talk":"9s"}`,
		nodeUserID("alice", outcome), nodeUserID("bob", outcome), outcome)
	var placed struct{ ID string }
	status := askJSON(t, "POST", base+"/sim/v1/calls", body, &placed)
	if status != http.StatusCreated || placed.ID == "" {
		t.Fatalf("placing %s: got %d, id %q", body, status, placed.ID)
	}
	return placed.ID
}

// playOut lets all calls end and all callbacks be answered. A v4 record may
// be read 5 s after the end.
func playOut(t *testing.T, base string) {
	t.Helper()
	for _, step := range [][2]string{
		{"clock", `{"advance":"60s"}`},
		{"wait", `{"until":"idle","timeout":"1m"}`},
		{"clock", `{"advance":"10s"}`},
	} {
		if status := askJSON(t, "POST", base+"/sim/v1/"+step[0], step[1], nil); status/100 != 2 {
			t.Fatalf("POST %s %s: %d", step[0], step[1], status)
		}
	}
}

// askJSON makes one request and decodes the answer, unless into is nil.
func askJSON(t *testing.T, method, url, body string, into any) (status int) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if into != nil {
		dec := json.NewDecoder(bytes.NewReader(answer))
		dec.UseNumber()
		if err := dec.Decode(into); err != nil {
			t.Fatalf("%s %s: %d, %v: %s", method, url, resp.StatusCode, err, answer)
		}
	}
	return resp.StatusCode
}

func nodeCommand(node, base string, app uint32, key string, env ...string) *exec.Cmd {
	cmd := exec.Command(node, "../../fixtures/receiver/node/backend.js")
	cmd.Env = append(env, "CALLKIT_URL="+base, fmt.Sprintf("SDKAPPID=%d", app), "SECRET_KEY="+key)
	return cmd
}

// startNode starts the backend and waits until it has registered itself. It
// must end well when told to, and have refused no callback.
func startNode(t *testing.T, node, base string, app uint32, key string) (backend string) {
	t.Helper()
	cmd := nodeCommand(node, base, app, key)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	slow := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
	line, _ := bufio.NewReader(stdout).ReadBytes('\n')
	var ready struct {
		Ready bool
		URL   string
	}
	if err := json.Unmarshal(line, &ready); err != nil || !ready.Ready || !slow.Stop() {
		_ = cmd.Process.Kill()
		err := cmd.Wait()
		t.Fatalf("the backend did not get ready: %v, %q, %s", err, line, stderr.String())
	}
	t.Cleanup(func() {
		slow := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
		defer slow.Stop()
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil || stderr.Len() > 0 {
			t.Errorf("the backend ended with %v, and said %q", err, stderr.String())
		}
	})
	return ready.URL
}

// The app backend has tests of its own, which need no Ringback.
func TestNodeBackendAlone(t *testing.T) {
	if testing.Short() {
		t.Skip("plays none of this code")
	}
	cmd := exec.Command(harness.Program(t, "node"), "--test", "backend.test.js")
	cmd.Dir = "../../fixtures/receiver/node"
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
