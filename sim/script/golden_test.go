package script_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/fixtures/golden"
	"ringback/sim/call"
	"ringback/sim/script"
	"ringback/sim/wire"
)

func at(d time.Duration, do script.Deed) script.Operation {
	return script.Operation{At: call.Span(d), Do: do}
}

func act(name, by string, do call.Verb, users ...string) script.Act {
	return script.Act{Call: name, Action: call.Action{Do: do, By: by, Users: users}}
}

func detail(by string, do call.Verb, d call.Detail) script.Act {
	return script.Act{Call: "group", Action: call.Action{Do: do, By: by, Detail: d}}
}

// every is a script with each operation.
var every = &script.Script{
	Name:  "every operation",
	About: "What someone can want to happen, once each.\nIt makes no sense as a call.",
	Operations: []script.Operation{
		at(0, script.Faults{"duplicate=2@call_end", "drop=10%"}),
		at(0, script.Place{Call: "group", Caller: "alice", Callees: []string{"bob", "carol", "dave"}, Media: call.Video, Busy: []string{"carol"}, Unreachable: []string{"dave"}}),
		at(3*time.Second, act("group", "bob", call.DoAccept)),
		at(5*time.Second, act("group", "alice", call.DoInvite, "erin", "frank")),
		at(6*time.Second, act("group", "alice", call.DoCancelInvite, "erin", "frank")),
		at(7*time.Second, act("group", "heidi", call.DoJoin)),
		at(8*time.Second, detail("alice", call.DoMic, call.Detail{})),
		at(8500*time.Millisecond, detail("alice", call.DoMic, call.Detail{On: true})),
		at(9*time.Second, detail("bob", call.DoCamera, call.Detail{})),
		at(9*time.Second, detail("bob", call.DoCamera, call.Detail{On: true})),
		at(10*time.Second, detail("alice", call.DoSpeak, call.Detail{Level: 40})),
		at(11*time.Second, detail("bob", call.DoQuality, call.Detail{Quality: call.Poor})),
		at(12*time.Second, detail("bob", call.DoFail, call.Detail{Code: -1, Text: `no "microphone"`})),
		at(12*time.Second, detail("bob", call.DoFail, call.Detail{Code: 60001})),
		at(13*time.Second, act("group", "heidi", call.DoSecondLogin)),
		at(14*time.Second, act("group", "alice", call.DoExpireSig)),
		at(15*time.Second, script.Handling{Do: script.Duplicate, Call: "group", Callback: wire.InviteUser, Number: 2}),
		at(15*time.Second, script.Handling{Do: script.Replay, Call: "group"}),
		at(16*time.Second, script.Handling{Do: script.RetryNow, Call: "group", Callback: wire.CallerStartCall}),
		at(16*time.Second, script.Handling{Do: script.GiveUp, Call: "group", Callback: wire.InviteUser, Number: 2, Copy: 1}),
		at(20*time.Second, act("group", "bob", call.DoLoseLine)),
		at(60*time.Second, script.Wait{}),
		at(60*time.Second, script.Faults{"drop"}),
		at(60*time.Second, script.Faults(nil)),
		at(60*time.Second, script.Place{
			Call: "second call", Caller: "10001", Callees: []string{"用户 1"}, Group: true, Room: " lobby #1 | <x>",
			UserData: `{"level":"gold"}`, ChatGroup: "@TGS#1", Generation: wire.V4, RingLater: true,
		}),
		at(61*time.Second, act("second call", "用户 1", call.DoRing)),
		at(62*time.Second, act("second call", "用户 1", call.DoReject)),
		at(90*time.Second, script.Place{Call: "third", Caller: "alice", Callees: []string{"bob"}, RingLater: true}),
		at(90*time.Second, act("third", "bob", call.DoBusy)),
		at(2*time.Minute, script.Place{Call: "fourth", Caller: "alice", Callees: []string{"bob"}}),
		at(121*time.Second, act("fourth", "alice", call.DoCancel)),
		at(time.Hour, script.Place{Call: "fifth", Caller: "alice", Callees: []string{"bob"}, Generation: wire.Both}),
		at(3603*time.Second, act("fifth", "bob", call.DoAccept)),
		at(3604*time.Second, script.Act{Call: "fifth", Action: call.Action{Do: call.DoChangeMedia, By: "alice", Media: call.Video}}),
		at(3605*time.Second, script.Act{Call: "fifth", Action: call.Action{Do: call.DoChangeMedia, By: "bob", Media: call.Audio}}),
		at(3606*time.Second, act("fifth", "bob", call.DoPullBattery)),
		at(3607*time.Second, act("fifth", "alice", call.DoHangUp)),
		at(3610*time.Second, act("fifth", "", call.DoEndByServer)),
		at(2*time.Hour, script.Place{Call: "sixth", Caller: "alice", Callees: []string{"bob"}, Fails: true}),
	},
}

func TestGolden(t *testing.T) {
	y, err := script.WriteYAML(every)
	if err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "every.yaml", string(y))
	g, err := script.WriteGherkin("The vocabulary", every)
	if err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "every.feature", string(g))

	fromYAML, err := script.ReadYAML(y)
	if err != nil {
		t.Fatal(err)
	}
	fromGherkin, err := script.ReadGherkin(g)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]*script.Script{every, every}, append(fromGherkin, fromYAML)); diff != "" {
		t.Errorf("read back from Gherkin, YAML (-want +got):\n%s", diff)
	}
}

// The golden script has each action of a phone and each step, so that nothing
// can be added to the vocabulary in one form alone.
func TestGoldenHasAll(t *testing.T) {
	missing := map[call.Verb]bool{}
	for v := call.DoRing; v <= call.DoFail; v++ {
		missing[v] = v != call.DoTimeout && v != call.DoExpire
	}
	for _, o := range every.Operations {
		if a, ok := o.Do.(script.Act); ok {
			missing[a.Action.Do] = false
		}
	}
	for v, is := range missing {
		if is {
			t.Errorf("the golden script has no %s", v)
		}
	}
	var next call.Verb
	if err := next.UnmarshalText([]byte("fail")); err != nil || next != call.DoFail {
		t.Errorf("fail is verb %d, want %d", next, call.DoFail)
	}
	for _, s := range script.Steps() {
		re, n := regexp.MustCompile(s.Pattern), 0
		for _, o := range every.Operations {
			if re.MatchString(o.String()) {
				n++
			}
		}
		if n == 0 {
			t.Errorf("the golden script has no step %s", s.Form)
		}
	}
}
