package wire_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"ringback/fixtures/golden"
	"ringback/sim/call"
	"ringback/sim/phone"
	"ringback/sim/wire"
)

// Each event in each dialect, as a person would hold it against page 66841 and
// the engine's keys.
func TestClientEvents(t *testing.T) {
	device := &call.Device{Platform: "iOS", IP: "127.0.0.1"}
	rooms := map[string]call.Setup{
		"a numeric room": {Room: "12345", RoomTag: call.DigitRoom, Media: call.Audio},
		"a text room, user data and a chat group": {
			Room: "Alice's Room", RoomTag: call.StringRoom, Media: call.Video,
			Extra: &call.Extra{UserData: `{"level":"gold"}`, ChatGroup: "@TGS#1"},
		},
	}
	var b strings.Builder
	for _, value := range []string{"callkit", "engine"} {
		d := wire.Default()
		if err := d.Set("client_events=" + value); err != nil {
			t.Fatal(err)
		}
		for _, room := range []string{"a numeric room", "a text room, user data and a chat group"} {
			s := rooms[room]
			s.ID, s.Caller, s.Callees, s.Device = "call-1", "alice", []string{"bob", "carol"}, device
			var c call.Call
			c.Apply(1767225600000, call.Fact{Kind: call.Started, By: "alice", Setup: &s})
			fmt.Fprintf(&b, "client_events=%s, %s\n", value, room)
			for k := range phone.Kinds {
				e := phone.Event{
					To: "alice", Kind: k, User: "bob", Role: call.Caller, Media: s.Media, Was: call.Video - s.Media,
					Reason: phone.Hangup, Total: 9,
					Detail: call.Detail{On: true, Level: 40, Quality: call.Poor, Code: -1101, Text: "no microphone"},
				}
				if k == phone.OnCallReceived {
					e.To, e.User, e.Role = "bob", "carol", call.Callee // invited by carol
				}
				ev, ok := d.ClientEvent(&c, &e)
				if !ok {
					fmt.Fprintf(&b, "  %s: no such event\n", k)
					continue
				}
				payload, err := json.Marshal(ev.Payload)
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(&b, "  %s %s %s\n", ev.To, ev.Event, payload)
			}
		}
	}
	golden.Compare(t, "dialect_client_events.txt", b.String())
}

// The quality of a network, in each form that a client may have it.
func TestNetworkQuality(t *testing.T) {
	for choices, want := range map[string]string{
		"":                       `[["bob","Vbad"]]`,
		"network_quality=object": `{"bob":"Vbad"}`,
		"client_events=engine":   `{"networkQualityList":[{"quality":5,"userId":"bob"}]}`,
		"client_events=engine network_quality=object": `{"networkQualityList":[{"quality":5,"userId":"bob"}]}`,
	} {
		d := wire.Default()
		for _, choice := range strings.Fields(choices) {
			if err := d.Set(choice); err != nil {
				t.Fatal(err)
			}
		}
		e := phone.Event{To: "alice", Kind: phone.OnUserNetworkQualityChanged, User: "bob", Detail: call.Detail{Quality: call.VeryBad}}
		ev, ok := d.ClientEvent(new(call.Call), &e)
		got, err := json.Marshal(ev.Payload)
		if !ok || err != nil || string(got) != want {
			t.Errorf("%q: got %s, %v, want %s", choices, got, err, want)
		}
	}
}
