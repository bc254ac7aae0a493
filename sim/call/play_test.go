package call_test

import (
	"strings"
	"testing"
	"time"

	"ringback/sim/call"
)

const epoch = call.Instant(1767225600000) // 2026-01-01T00:00:00Z

var (
	iPhone  = &call.Device{Platform: "iOS", IP: "127.0.0.1"}
	android = &call.Device{Platform: "Android", IP: "127.0.0.2"}
	browser = &call.Device{Platform: "Web", IP: "127.0.0.3"}
)

// setup is a call from alice; to more than one it is a group call.
func setup(callees ...string) *call.Setup {
	s := &call.Setup{
		ID: "call-1", Number: 1, App: 1400000001, Caller: "alice", Callees: callees, Room: "100001", RoomTag: call.DigitRoom,
		Device: iPhone, Devices: call.Devices{{User: "bob", Device: android}, {User: "carol", Device: browser}},
	}
	if len(callees) > 1 {
		s.Kind = call.Group
	}
	return s
}

// action reads "bob accept" or "alice invite dave+erin"; "server" is nobody.
func action(t testing.TB, s string) call.Action {
	t.Helper()
	words := strings.Fields(s)
	a := call.Action{By: words[0], Media: call.Video}
	if a.By == "server" {
		a.By = ""
	}
	if err := a.Do.UnmarshalText([]byte(words[1])); err != nil {
		t.Fatal(err)
	}
	if len(words) > 2 {
		a.Users = strings.Split(words[2], "+")
	}
	return a
}

// start is a call right after its first fact.
func start(t testing.TB, s *call.Setup, failed bool) *call.Call {
	t.Helper()
	f, err := call.Start(s, failed)
	if err != nil {
		t.Fatal(err)
	}
	c := new(call.Call)
	c.Apply(epoch, f)
	return c
}

// play plays actions, separated by commas, each a second after the one before.
func play(t testing.TB, s *call.Setup, actions string) (*call.Call, []call.Fact) {
	t.Helper()
	c := start(t, s, false)
	var facts []call.Fact
	now := epoch
	for a := range strings.SplitSeq(actions, ",") {
		if a == "" {
			continue
		}
		now = now.Add(time.Second)
		n := len(facts)
		var err error
		if facts, err = c.Decide(facts, now, action(t, a)); err != nil {
			t.Fatalf("%s: %v", a, err)
		}
		for _, f := range facts[n:] {
			c.Apply(now, f)
		}
	}
	return c, facts
}

// text is a fact in words.
func text(f call.Fact) string {
	s := f.Kind.String()
	if f.By != "" {
		s += " by " + f.By
	}
	if f.Users != nil {
		s += " of " + strings.Join(f.Users, "+")
	}
	if f.First {
		s += " (first)"
	}
	if f.Kind == call.MediaChanged {
		s += " to " + f.Media.String()
	}
	if f.Result != call.NoResult {
		s += " as " + f.Result.String()
	}
	return s
}

func texts(facts []call.Fact) string {
	var ss []string
	for _, f := range facts {
		ss = append(ss, text(f))
	}
	return strings.Join(ss, ", ")
}

// snapshot is a deep copy, to hold a call against later.
func snapshot(c *call.Call) call.Call {
	s := *c
	s.Members = append([]call.Member(nil), c.Members...)
	return s
}
