package wire_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ringback/fixtures/golden"
	"ringback/sim/call"
	"ringback/sim/wire"
)

// One callback of every word in the default dialect, for a person who holds it
// against the pages: 60130 (status), 60129 (events), 68941, 69215 with every
// ActionType, 68940.
func TestPayloads(t *testing.T) {
	files := map[wire.Generation]*strings.Builder{wire.V1: {}, wire.V4: {}}
	missing := map[string]bool{}
	for _, kind := range payloadKinds() {
		missing[kind] = true
		for _, s := range scenes {
			for _, st := range show(t, s, wire.Default()) {
				for _, cb := range st.callbacks {
					if missing[kind] && kindOf(cb) == kind {
						delete(missing, kind)
						writePayload(t, files[cb.callback.Generation], kind, s, st, cb)
					}
				}
			}
		}
	}
	for kind := range missing {
		t.Errorf("no scene makes %s", kind)
	}
	golden.Compare(t, "payloads_v1.txt", files[wire.V1].String())
	golden.Compare(t, "payloads_v4.txt", files[wire.V4].String())
}

// payloadKinds lists the words, MemberChanged once for each ActionType.
func payloadKinds() []string {
	var kinds []string
	for _, w := range wire.AllWords() {
		if w != wire.AfterMemberChanged {
			kinds = append(kinds, w.String())
			continue
		}
		for _, a := range []string{"Accept", "Reject", "NotAnswer", "Hangup", "Join", "Offline", "Invite", "Cancel_Invite"} {
			kinds = append(kinds, w.String()+" "+a)
		}
	}
	return kinds
}

func kindOf(cb shown) string {
	return strings.TrimSpace(cb.word + " " + cb.callback.Action)
}

func writePayload(t *testing.T, b *strings.Builder, kind string, s scene, st step, cb shown) {
	t.Helper()
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, []byte(cb.body), "  ", "  "); err != nil {
		t.Fatalf("%s: %v", cb.body, err)
	}
	fmt.Fprintf(b, "%s\n", kind)
	fmt.Fprintf(b, "  scene: %s; %d s after the start: %s\n", s.name, st.at.Sub(epoch).Milliseconds()/1000, factText(st.fact))
	fmt.Fprintf(b, "  ?%s\n  %s\n\n", cb.query, pretty.String())
}

// Which callbacks each fact makes, v1 then v4, to be held against the outcome
// table: word, user, and what it says of the end; for v4 the ActionType.
func TestProjections(t *testing.T) {
	var b strings.Builder
	for _, s := range scenes {
		fmt.Fprintf(&b, "%s\n", s.name)
		for _, st := range show(t, s, wire.Default()) {
			fmt.Fprintf(&b, "  %2d s  %s\n", st.at.Sub(epoch).Milliseconds()/1000, factText(st.fact))
			for _, cb := range st.callbacks {
				line := cb.callback.Generation.String() + " " + cb.word
				if cb.callback.Generation == wire.V1 {
					line += " for " + cb.user
				}
				if cb.callback.Action != "" {
					line += " " + cb.callback.Action
				}
				if cb.callback.Result != call.NoResult {
					line += ", " + cb.callback.Result.String()
				}
				fmt.Fprintf(&b, "          %s\n", line)
			}
		}
	}
	golden.Compare(t, "projections.txt", b.String())
}

// The sample of 60130, with the values that the page gives.
func TestStatusPage(t *testing.T) {
	cb := find(t, "Bob answers, Alice hangs up", "normal_end", wire.Default())
	const query = "sdkappid=8888888&command=call_end&contenttype=json&clientip=127.0.0.1&optplatform=iOS"
	const body = `{"UserId":"Alice","RoomId":"Alice's Room","TotalNum":2,"MediaType":"audio","CallType":"single",` +
		`"CallId":"aheahfo-eqwnknoihfsd-qweqf","Role":"caller","CallResult":"normal_end","EventTime":1704856885,` +
		`"StartCallTs":1704856873,"AcceptTs":1704856876,"EndTs":1704856885}`
	if diff := cmp.Diff([]string{query, body}, []string{cb.query, cb.body}); diff != "" {
		t.Errorf("(-page +got):\n%s", diff)
	}
}

// Keys in the order of the field tables, for the longest form of each body.
func TestKeyOrder(t *testing.T) {
	for _, test := range []struct{ scene, word, keys string }{
		{"Bob answers, Alice hangs up", "normal_end", "UserId RoomId TotalNum MediaType CallType CallId Role CallResult EventTime StartCallTs AcceptTs EndTs"},
		{"Bob answers, Alice hangs up", "caller_start_call", "UserId RoomId TotalNum MediaType CallType CallId Role Event CallResult EventTime StartCallTs AcceptTs EndTs"},
		{"Bob rejects", "reject", "UserId RoomId TotalNum MediaType CallType CallId Role CallResult EventTime"},
		{"Bob answers, Alice hangs up", "Call.CallbackAfterStartCall", "CallbackCommand CallInfo CallId CallMediaType ChatGroupId RoomId RoomIdType UserList User_Account Status User_Account Status EventTime"},
		{"Bob answers, Alice hangs up", "Call.CallbackAfterMemberChanged", "CallbackCommand CallId UserList User_Account Status User_Account Status ChangedUserList User_Account ActionType EventTime"},
		{"Bob answers, Alice hangs up", "Call.CallbackAfterEndCall", "CallbackCommand CallRecord CallId Caller_Account MediaType CallType StartTime EndTime AcceptTime CallResult CalleeList_Account RoomId RoomIdType EventTime"},
	} {
		cb := find(t, test.scene, test.word, wire.Default())
		if diff := cmp.Diff(strings.Fields(test.keys), keysOf(t, cb.body)); diff != "" {
			t.Errorf("%s (-page +got):\n%s", test.word, diff)
		}
	}
}

// keysOf lists the keys of a JSON text, all levels, in order.
func keysOf(t *testing.T, body string) []string {
	t.Helper()
	var keys []string
	var inside []byte // the brackets that are open
	name := false
	dec := json.NewDecoder(strings.NewReader(body))
	for {
		tok, err := dec.Token()
		if err != nil {
			return keys
		}
		switch v := tok.(type) {
		case json.Delim:
			if v == '{' || v == '[' {
				inside = append(inside, byte(v))
				name = v == '{'
				continue
			}
			inside = inside[:len(inside)-1]
		case string:
			if name {
				keys, name = append(keys, v), false
				continue
			}
		}
		name = len(inside) > 0 && inside[len(inside)-1] == '{'
	}
}

// Room ids carry any text, and it arrives.
func TestRooms(t *testing.T) {
	for _, room := range []string{
		"Alice's Room", " ", `"quoted" \ and / slashed`, "a&b=c%20d+e?f#g", "会议室 3", "通话\u3000室", "Комната", "room 🎉👩‍👩‍👧", "\u2028\u2029",
		"tab\tline\nfeed\x00\x7f", "<script>alert(1)</script>", "1000100001", strings.Repeat("長", 300),
	} {
		s := scenes[0]
		s.setup.Room, s.setup.RoomTag = room, call.StringRoom
		for _, st := range show(t, s, wire.Default()) {
			for _, cb := range st.callbacks {
				var body struct {
					RoomID     string `json:"RoomId"`
					CallInfo   struct{ RoomId string }
					CallRecord struct{ RoomId string }
				}
				if err := json.Unmarshal([]byte(cb.body), &body); err != nil {
					t.Fatalf("%s: %v", cb.body, err)
				}
				got := body.RoomID + body.CallInfo.RoomId + body.CallRecord.RoomId
				if got != room && cb.word != "Call.CallbackAfterMemberChanged" {
					t.Errorf("%s: room %q arrives as %q", cb.word, room, got)
				}
			}
		}
	}
}
