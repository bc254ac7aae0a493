package phone_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ringback/fixtures/harness"
	"ringback/sim/call"
	"ringback/sim/phone"
)

const epoch = harness.Epoch

var device = &call.Device{Platform: "iOS", IP: "127.0.0.1"}

func Example() {
	var c call.Call
	fact, _ := call.Start(&call.Setup{Caller: "alice", Callees: []string{"bob"}, Device: device}, false)
	c.Apply(epoch, fact)
	facts, _ := phone.Decide(nil, &c, epoch, call.Action{Do: call.DoRing, By: "bob"})
	for i := range facts {
		c.Apply(epoch, facts[i])
		for _, e := range phone.See(nil, &c, epoch, &facts[i]) {
			fmt.Println(e.To, e.Kind, e.User)
		}
	}
	// Output: bob onCallReceived alice
}

// scene is a call with its phones, written down as what each of them sees.
type scene struct {
	t    *testing.T
	c    call.Call
	now  call.Instant
	seen map[string][]string
	why  []string // the reasons of ends, by phone
}

func begin(t *testing.T, s call.Setup) *scene {
	t.Helper()
	s.Device, s.Caller = device, "alice"
	if len(s.Callees) > 1 {
		s.Kind = call.Group
	}
	v := &scene{t: t, now: epoch, seen: map[string][]string{}}
	f, err := call.Start(&s, false)
	if err != nil {
		t.Fatal(err)
	}
	v.apply(f)
	for _, u := range s.Callees {
		switch {
		case strings.Contains(strings.Join(s.Busy, " "), u):
			v.do(call.DoBusy, u)
		case strings.Contains(strings.Join(s.Away, " "), u):
		default:
			v.do(call.DoRing, u)
		}
	}
	return v
}

func (v *scene) apply(f call.Fact) {
	v.c.Apply(v.now, f)
	for _, e := range phone.See(nil, &v.c, v.now, &f) {
		v.seen[e.To] = append(v.seen[e.To], text(&e))
		if e.Reason != phone.NoReason {
			v.why = append(v.why, fmt.Sprintf("%s %d", e.To, e.Reason))
		}
	}
}

// text shows an event with what it is about: onUserJoin(bob).
func text(e *phone.Event) string {
	about := e.User
	switch e.Kind {
	case phone.OnCallBegin, phone.OnKickedOffline, phone.OnUserSigExpired:
		about = ""
	case phone.OnCallEnd:
		about = fmt.Sprintf("%ds", e.Total)
	case phone.OnCallMediaTypeChanged:
		about = fmt.Sprintf("%s>%s", e.Was, e.Media)
	case phone.OnUserAudioAvailable, phone.OnUserVideoAvailable:
		about = fmt.Sprintf("%s %t", e.User, e.Detail.On)
	case phone.OnUserVoiceVolumeChanged:
		about = fmt.Sprintf("%s %d", e.User, e.Detail.Level)
	case phone.OnUserNetworkQualityChanged:
		about = fmt.Sprintf("%s %s", e.User, e.Detail.Quality)
	case phone.OnError:
		about = fmt.Sprintf("%d %s", e.Detail.Code, e.Detail.Text)
	}
	if about == "" {
		return e.Kind.String()
	}
	return fmt.Sprintf("%s(%s)", e.Kind, about)
}

func (v *scene) act(a call.Action) {
	v.t.Helper()
	v.now += 3000
	facts, err := phone.Decide(nil, &v.c, v.now, a)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, f := range facts {
		v.apply(f)
	}
}

func (v *scene) do(do call.Verb, users ...string) {
	v.t.Helper()
	for _, u := range users {
		v.act(call.Action{Do: do, By: u})
		v.now -= 3000
	}
	v.now += 3000
}

// The table of 66841, 51013 and 51017 for a call between two: what the caller
// and the callee get, in order.
func TestOutcomesBetweenTwo(t *testing.T) {
	for _, test := range []struct {
		outcome string
		play    func(*scene)
		caller  string
		callee  string
	}{
		{"placed", func(*scene) {}, "", "onCallReceived(alice)"},
		{
			"answered", func(v *scene) { v.do(call.DoAccept, "bob") },
			"onUserJoin(bob) onCallBegin", "onCallReceived(alice) onCallBegin",
		},
		{
			"caller cancels", func(v *scene) { v.do(call.DoCancel, "alice") },
			"onCallCancelled(alice)", "onCallReceived(alice) onCallCancelled(alice)",
		},
		{
			"timeout", func(v *scene) { v.act(call.Action{Do: call.DoTimeout, Users: []string{"bob"}}) },
			"onUserNoResponse(bob) onCallCancelled(alice)", "onCallReceived(alice) onCallCancelled(bob)",
		},
		{
			"rejected", func(v *scene) { v.do(call.DoReject, "bob") },
			"onUserReject(bob) onCallCancelled(alice)", "onCallReceived(alice) onCallCancelled(bob)",
		},
		{
			"caller hangs up", func(v *scene) { v.do(call.DoAccept, "bob"); v.do(call.DoHangUp, "alice") },
			"onUserJoin(bob) onCallBegin onCallEnd(3s)", "onCallReceived(alice) onCallBegin onUserLeave(alice) onCallEnd(3s)",
		},
		{
			"callee hangs up", func(v *scene) { v.do(call.DoAccept, "bob"); v.do(call.DoHangUp, "bob") },
			"onUserJoin(bob) onCallBegin onUserLeave(bob) onCallEnd(3s)", "onCallReceived(alice) onCallBegin onCallEnd(3s)",
		},
		{
			"interrupted before the answer", func(v *scene) { v.do(call.DoLoseLine, "alice") },
			"", "onCallReceived(alice) onCallCancelled(bob)",
		},
		{
			"callee's line is lost, while it rings", func(v *scene) { v.do(call.DoLoseLine, "bob") },
			"onCallCancelled(alice)", "onCallReceived(alice) onCallCancelled(bob)",
		},
		{
			"callee's battery is pulled, while it rings", func(v *scene) { v.do(call.DoPullBattery, "bob"); v.do(call.DoExpire, "bob") },
			"onCallCancelled(alice)", "onCallReceived(alice)",
		},
		{
			"callee's line is lost", func(v *scene) { v.do(call.DoAccept, "bob"); v.do(call.DoLoseLine, "bob") },
			"onUserJoin(bob) onCallBegin onUserLeave(bob) onCallEnd(3s)", "onCallReceived(alice) onCallBegin onCallEnd(3s)",
		},
		{
			"caller's line is lost", func(v *scene) { v.do(call.DoAccept, "bob"); v.do(call.DoLoseLine, "alice") },
			"onUserJoin(bob) onCallBegin onCallEnd(3s)", "onCallReceived(alice) onCallBegin onUserLeave(alice) onCallEnd(3s)",
		},
		{"callee's battery is pulled", func(v *scene) {
			v.do(call.DoAccept, "bob")
			v.do(call.DoPullBattery, "bob")
			v.do(call.DoExpire, "bob")
		}, "onUserJoin(bob) onCallBegin onUserLeave(bob) onCallEnd(6s)", "onCallReceived(alice) onCallBegin"},
		{"media switch", func(v *scene) {
			v.do(call.DoAccept, "bob")
			v.act(call.Action{Do: call.DoChangeMedia, By: "bob", Media: call.Video})
		}, "onUserJoin(bob) onCallBegin onCallMediaTypeChanged(audio>video)", "onCallReceived(alice) onCallBegin onCallMediaTypeChanged(audio>video)"},
		{"camera and microphone", func(v *scene) {
			v.do(call.DoAccept, "bob")
			v.act(call.Action{Do: call.DoCamera, By: "bob", Detail: call.Detail{On: true}})
			v.act(call.Action{Do: call.DoMic, By: "alice"})
		}, "onUserJoin(bob) onCallBegin onUserVideoAvailable(bob true)", "onCallReceived(alice) onCallBegin onUserAudioAvailable(alice false)"},
		{
			"voice and network", func(v *scene) {
				v.do(call.DoAccept, "bob")
				v.act(call.Action{Do: call.DoSpeak, By: "alice", Detail: call.Detail{Level: 40}})
				v.act(call.Action{Do: call.DoQuality, By: "bob", Detail: call.Detail{Quality: call.Poor}})
			},
			"onUserJoin(bob) onCallBegin onUserNetworkQualityChanged(bob Poor)",
			"onCallReceived(alice) onCallBegin onUserVoiceVolumeChanged(alice 40) onUserNetworkQualityChanged(bob Poor)",
		},
		{"kicked by a second login", func(v *scene) {
			v.do(call.DoAccept, "bob")
			v.do(call.DoSecondLogin, "bob")
			v.do(call.DoHangUp, "alice")
		}, "onUserJoin(bob) onCallBegin onCallEnd(6s)", "onCallReceived(alice) onCallBegin onKickedOffline"},
		{
			"ended by the server, while it rings", func(v *scene) { v.do(call.DoEndByServer, "") },
			"onCallCancelled(alice)", "onCallReceived(alice) onCallCancelled(bob)",
		},
		{
			"ended by the server, in the call", func(v *scene) { v.do(call.DoAccept, "bob"); v.do(call.DoEndByServer, "") },
			"onUserJoin(bob) onCallBegin onCallEnd(3s)", "onCallReceived(alice) onCallBegin onCallEnd(3s)",
		},
		{"UserSig expires", func(v *scene) { v.do(call.DoExpireSig, "bob") }, "", "onCallReceived(alice) onUserSigExpired"},
		{"error", func(v *scene) {
			v.act(call.Action{Do: call.DoFail, By: "alice", Detail: call.Detail{Code: -1101, Text: "no microphone"}})
		}, "onError(-1101 no microphone)", "onCallReceived(alice)"},
	} {
		t.Run(test.outcome, func(t *testing.T) {
			v := begin(t, call.Setup{Callees: []string{"bob"}})
			test.play(v)
			want := test.caller + "\n" + test.callee
			got := strings.Join(v.seen["alice"], " ") + "\n" + strings.Join(v.seen["bob"], " ")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("alice, then bob (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("busy", func(t *testing.T) {
		v := begin(t, call.Setup{Callees: []string{"bob"}, Busy: []string{"bob"}})
		if diff := cmp.Diff(map[string][]string{"alice": {"onUserLineBusy(bob)", "onCallCancelled(alice)"}}, v.seen); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

// Why a call is over for each phone, as the client SDKs number it.
func TestReasons(t *testing.T) {
	for _, test := range []struct {
		outcome string
		play    func(*scene)
		want    string
	}{
		{"caller cancels", func(v *scene) { v.do(call.DoCancel, "alice") }, "bob 6, alice 6"},
		{"timeout", func(v *scene) { v.act(call.Action{Do: call.DoTimeout, Users: []string{"bob"}}) }, "bob 3, alice 3"},
		{"rejected", func(v *scene) { v.do(call.DoReject, "bob") }, "bob 2, alice 2"},
		{"hang-up", func(v *scene) { v.do(call.DoAccept, "bob"); v.do(call.DoHangUp, "bob") }, "bob 1, alice 1"},
		{"line lost", func(v *scene) { v.do(call.DoAccept, "bob"); v.do(call.DoLoseLine, "bob") }, "bob 4, alice 4"},
		{"callee's line lost while it rings", func(v *scene) { v.do(call.DoLoseLine, "bob") }, "bob 4, alice 4"},
		{"caller's line lost while it rings", func(v *scene) { v.do(call.DoLoseLine, "alice") }, "bob 6"},
		{"ended by the server while it rings", func(v *scene) { v.do(call.DoEndByServer, "") }, "alice 9, bob 9"},
		{"ended by the server", func(v *scene) { v.do(call.DoAccept, "bob"); v.do(call.DoEndByServer, "") }, "alice 9, bob 9"},
	} {
		t.Run(test.outcome, func(t *testing.T) {
			v := begin(t, call.Setup{Callees: []string{"bob"}})
			test.play(v)
			if got := strings.Join(v.why, ", "); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// The same table for a group call: what the other members get.
func TestOutcomesInAGroup(t *testing.T) {
	for _, test := range []struct {
		outcome string
		play    func(*scene)
		want    map[string]string // what the call adds for each phone
	}{
		{"answered", func(v *scene) { v.do(call.DoAccept, "carol") }, map[string]string{
			"alice": "onUserJoin(carol)", "bob": "onUserJoin(carol)", "carol": "onCallBegin",
		}},
		{"caller invites", func(v *scene) {
			v.act(call.Action{Do: call.DoInvite, By: "alice", Users: []string{"erin"}})
			v.do(call.DoRing, "erin")
		}, map[string]string{"bob": "onUserInviting(erin)", "erin": "onCallReceived(alice)"}},
		{"a member invites", func(v *scene) {
			v.act(call.Action{Do: call.DoInvite, By: "bob", Users: []string{"erin"}})
			v.do(call.DoRing, "erin")
		}, map[string]string{"alice": "onUserInviting(erin)", "erin": "onCallReceived(bob)"}},
		{"invited back by another", func(v *scene) {
			v.do(call.DoReject, "carol")
			v.seen = map[string][]string{}
			v.act(call.Action{Do: call.DoInvite, By: "bob", Users: []string{"carol"}})
			v.do(call.DoRing, "carol")
		}, map[string]string{"alice": "onUserInviting(carol)", "carol": "onCallReceived(bob)"}},
		{"timeout", func(v *scene) { v.act(call.Action{Do: call.DoTimeout, Users: []string{"carol"}}) }, map[string]string{
			"alice": "onUserNoResponse(carol)", "bob": "onUserNoResponse(carol)", "dave": "onUserNoResponse(carol)", "carol": "onCallCancelled(carol)",
		}},
		{"rejected", func(v *scene) { v.do(call.DoReject, "carol") }, map[string]string{
			"alice": "onUserReject(carol)", "bob": "onUserReject(carol)", "dave": "onUserReject(carol)", "carol": "onCallCancelled(carol)",
		}},
		{"invitation withdrawn", func(v *scene) {
			v.act(call.Action{Do: call.DoCancelInvite, By: "alice", Users: []string{"carol"}})
		}, map[string]string{"carol": "onCallCancelled(alice)"}},
		{"joins by himself", func(v *scene) { v.do(call.DoJoin, "erin") }, map[string]string{
			"alice": "onUserJoin(erin)", "bob": "onUserJoin(erin)", "erin": "onCallBegin",
		}},
		{"leaves", func(v *scene) { v.do(call.DoHangUp, "bob") }, map[string]string{
			"alice": "onUserLeave(bob)", "bob": "onCallEnd(3s)",
		}},
		{"leaves who came late", func(v *scene) {
			v.do(call.DoAccept, "carol")
			v.seen = map[string][]string{}
			v.do(call.DoHangUp, "carol")
			v.do(call.DoHangUp, "bob")
		}, map[string]string{
			"alice": "onUserLeave(carol) onUserLeave(bob)", "bob": "onUserLeave(carol) onCallEnd(9s)", "carol": "onCallEnd(3s)",
		}},
		{"ends with one who joined late", func(v *scene) {
			v.do(call.DoJoin, "erin")
			v.seen = map[string][]string{}
			v.do(call.DoEndByServer, "")
		}, map[string]string{
			"alice": "onCallEnd(6s)", "bob": "onCallEnd(6s)", "erin": "onCallEnd(3s)",
			"carol": "onCallCancelled(carol)", "dave": "onCallCancelled(dave)",
		}},
		{"leaves for the second time", func(v *scene) {
			v.do(call.DoHangUp, "bob")
			v.do(call.DoJoin, "bob")
			v.seen = map[string][]string{}
			v.do(call.DoHangUp, "bob")
		}, map[string]string{"alice": "onUserLeave(bob)", "bob": "onCallEnd(3s)"}},
		{"loses the line", func(v *scene) { v.do(call.DoLoseLine, "bob") }, map[string]string{
			"alice": "onUserLeave(bob)", "bob": "onCallEnd(3s)",
		}},
		{"loses the line while it rings", func(v *scene) { v.do(call.DoLoseLine, "carol") }, map[string]string{
			"carol": "onCallCancelled(carol)",
		}},
		{"thrown out while it rings", func(v *scene) { v.do(call.DoSecondLogin, "carol"); v.do(call.DoExpire, "carol") }, map[string]string{
			"carol": "onKickedOffline",
		}},
		{"battery pulled while it rings", func(v *scene) { v.do(call.DoPullBattery, "carol"); v.do(call.DoExpire, "carol") }, map[string]string{}},
		{"the last ones end it", func(v *scene) { v.do(call.DoHangUp, "bob"); v.do(call.DoHangUp, "alice") }, map[string]string{
			"alice": "onUserLeave(bob) onCallEnd(6s)", "bob": "onCallEnd(3s)",
			"carol": "onCallCancelled(carol)", "dave": "onCallCancelled(dave)",
		}},
	} {
		t.Run(test.outcome, func(t *testing.T) {
			v := begin(t, call.Setup{Callees: []string{"bob", "carol", "dave"}})
			v.do(call.DoAccept, "bob")
			v.seen = map[string][]string{}
			test.play(v)
			got := map[string]string{}
			for u, events := range v.seen {
				got[u] = strings.Join(events, " ")
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	t.Run("busy", func(t *testing.T) {
		v := begin(t, call.Setup{Callees: []string{"bob", "carol"}, Busy: []string{"carol"}})
		want := map[string][]string{"alice": {"onUserLineBusy(carol)"}, "bob": {"onCallReceived(alice)", "onUserLineBusy(carol)"}}
		if diff := cmp.Diff(want, v.seen); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
	t.Run("nobody answers", func(t *testing.T) {
		v := begin(t, call.Setup{Callees: []string{"bob", "carol"}, Away: []string{"carol"}})
		v.act(call.Action{Do: call.DoTimeout, Users: []string{"bob", "carol"}})
		want := map[string][]string{
			"alice": {"onUserNoResponse(bob)", "onUserNoResponse(carol)", "onCallCancelled(alice)"},
			"bob":   {"onCallReceived(alice)", "onCallCancelled(bob)"},
		}
		if diff := cmp.Diff(want, v.seen); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

// What a phone does besides the call is refused when the phone can't.
func TestRefusals(t *testing.T) {
	for _, test := range []struct {
		name string
		play func(*scene)
		a    call.Action
		rule string
	}{
		{"mute while ringing", func(*scene) {}, call.Action{Do: call.DoMic, By: "bob"}, "not-in-call"},
		{"stranger", func(*scene) {}, call.Action{Do: call.DoExpireSig, By: "zoe"}, "not-a-member"},
		{"no battery", func(v *scene) { v.do(call.DoPullBattery, "bob") }, call.Action{Do: call.DoSecondLogin, By: "bob"}, "no-battery"},
		{"kicked out", func(v *scene) { v.do(call.DoSecondLogin, "bob") }, call.Action{Do: call.DoAccept, By: "bob"}, "no-battery"},
		{"never reached", func(*scene) {}, call.Action{Do: call.DoFail, By: "carol"}, "not-reached"},
		{"too loud", func(*scene) {}, call.Action{Do: call.DoSpeak, By: "alice", Detail: call.Detail{Level: 101}}, "volume"},
		{"over", func(v *scene) { v.do(call.DoCancel, "alice") }, call.Action{Do: call.DoMic, By: "alice"}, "call-over"},
	} {
		t.Run(test.name, func(t *testing.T) {
			v := begin(t, call.Setup{Callees: []string{"bob", "carol"}, Away: []string{"carol"}})
			test.play(v)
			facts, err := phone.Decide(nil, &v.c, v.now, test.a)
			e, ok := err.(*call.RuleError)
			if !ok || e.Rule != test.rule || len(facts) > 0 {
				t.Errorf("got %v, %v; want rule %s", facts, err, test.rule)
			}
		})
	}
}
