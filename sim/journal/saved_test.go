package journal_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/call"
	"ringback/sim/journal"
)

// running is a group call of which bob is in, while carol's phone rings, as a
// snapshot of the first edition has it.
const running = `{"seq":1,"t":"2026-01-01T00:00:09.000Z","kind":"saved_call","call":"rb-test-0001","state":{"number":1,"sdkappid":1400000001,"media":"audio","type":"group","room_type":1,"phase":"connected","room":"1","start":"2026-01-01T00:00:00.000Z","accept":"2026-01-01T00:00:03.000Z","members":[` +
	`{"id":"alice","device":{"platform":"iOS","ip":"127.0.0.1"},"since":"2026-01-01T00:00:00.000Z","status":"talking","rang":true},` +
	`{"id":"bob","device":{"platform":"iOS","ip":"127.0.0.1"},"since":"2026-01-01T00:00:00.000Z","status":"talking","rang":true},` +
	`{"id":"carol","device":{"platform":"iOS","ip":"127.0.0.1"},"since":"2026-01-01T00:00:00.000Z","status":"alerting","rang":true}],` +
	`"device":{"platform":"iOS","ip":"127.0.0.1"},"acting":{"platform":"iOS","ip":"127.0.0.1"}},"callbacks":0,"deliveries":[]}`

// What phones see of a call that goes on after a snapshot, whichever edition wrote it.
func TestPhonesAfterASnapshot(t *testing.T) {
	began, err := journal.ParseLine([]byte(running))
	if err != nil {
		t.Fatal(err)
	}
	first := journal.NewReader(journal.Keep)
	fold := func(st *journal.State, f call.Fact) (seen []string) {
		e := &journal.Event{Seq: st.Seq + 1, At: st.Now, Call: "rb-test-0001", Data: &journal.Fact{Fact: f}}
		if err := st.Apply(e); err != nil {
			t.Fatal(err)
		}
		for _, ev := range st.ClientEvents(e) {
			payload, err := json.Marshal(ev.Payload)
			if err != nil {
				t.Fatal(err)
			}
			seen = append(seen, ev.To+" "+ev.Event+" "+string(payload))
		}
		return seen
	}
	if err := first.Apply(began); err != nil {
		t.Fatal(err)
	}
	first.Placed = 1
	fold(first, call.Fact{Kind: call.Invited, By: "bob", Users: []string{"dave"}})
	again := journal.NewReader(journal.Keep)
	for e := range first.Snapshot() {
		line, err := e.AppendLine(nil)
		if err != nil {
			t.Fatal(err)
		}
		if e, err = journal.ParseLine(line); err != nil {
			t.Fatal(err)
		}
		if err := again.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		`dave onCallReceived {"callMediaType":0,"calleeIdList":["bob","carol","dave"],"callerId":"bob","groupId":"","userData":""}`,
		`carol onCallCancelled {"callerId":"carol"}`,
		`alice onUserLeave {"userId":"bob"}`,
		`bob onCallEnd {"callMediaType":0,"callRole":2,"roomId":{"intRoomId":1,"strRoomId":""},"totalTime":6}`,
	}
	for name, st := range map[string]*journal.State{"of the first edition": first, "of this edition": again} {
		var got []string
		for _, f := range []call.Fact{{Kind: call.RingingFact, By: "dave"}, {Kind: call.LineLost, By: "carol"}, {Kind: call.LineLost, By: "bob"}} {
			got = append(got, fold(st, f)...)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("after a snapshot %s (-want +got):\n%s", name, diff)
		}
	}
}

// An inviter is one of the members.
func TestSavedInviter(t *testing.T) {
	line := strings.Replace(running, `"status":"alerting"`, `"status":"alerting","inviter":3`, 1)
	e, err := journal.ParseLine([]byte(line))
	if err != nil {
		t.Fatal(err)
	}
	const want = "inviter 3 of carol: want the index of a member"
	if err := journal.NewState(0).Apply(e); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}
