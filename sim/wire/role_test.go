package wire_test

import (
	"encoding/json"
	"testing"

	"ringback/sim/call"
	"ringback/sim/wire"
)

// An event word and the body agree on who reports it, also where the caller was
// invited back into the call: Role and Event make up the command (60135).
func TestRoleAgreesWithWord(t *testing.T) {
	phone := &call.Device{Platform: "iOS", IP: "127.0.0.1"}
	c := &call.Call{ID: "x", Kind: call.Group, Members: []call.Member{{ID: "alice", Device: phone}, {ID: "bob", Device: phone}}}
	enc := wire.NewEncoder(wire.Default())
	for _, w := range wire.AllWords() {
		if w.Generation() != wire.V1 || w.Status() {
			continue
		}
		for user := range c.Members {
			var body wire.V1Body
			cb := &wire.Callback{Generation: wire.V1, Word: w, User: user, Fact: &call.Fact{}}
			if err := json.Unmarshal(enc.AppendBody(nil, c, cb, call.Instant(1704856873000)), &body); err != nil {
				t.Fatal(err)
			}
			want := body.Role + "_" + *body.Event
			if _, ok := w.Role(); !ok {
				want = *body.Event
			}
			if w.String() != want {
				t.Errorf("%s of %s: role %s, event %s", w, body.UserID, body.Role, *body.Event)
			}
		}
	}
}
