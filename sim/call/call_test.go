package call_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/call"
)

// How calls end: the facts from start to end, and the result.
func TestEnds(t *testing.T) {
	for _, test := range []struct {
		callees, actions, want string
	}{
		{"bob", "bob ring,bob accept,alice hang_up", "ringing by bob, accepted by bob (first), left by alice, ended as normal_end"},
		{"bob", "bob ring,bob accept,bob hang_up", "ringing by bob, accepted by bob (first), left by bob, ended as normal_end"},
		{"bob", "bob ring,bob reject", "ringing by bob, rejected by bob, ended as reject"},
		{"bob", "bob busy", "busy by bob, ended as call_busy"},
		{"bob", "bob ring,server timeout bob", "ringing by bob, timed_out of bob, ended as not_answer"},
		{"bob", "server timeout bob", "timed_out of bob, ended as not_answer"}, // the phone never rang
		{"bob", "bob ring,alice cancel", "ringing by bob, cancelled by alice of bob, ended as cancel"},
		{"bob", "alice cancel", "cancelled by alice of bob, ended as cancel"},
		{"bob", "bob ring,bob accept,bob lose_line", "ringing by bob, accepted by bob (first), line_lost by bob, ended as interrupt"},
		{"bob", "bob ring,bob accept,alice lose_line", "ringing by bob, accepted by bob (first), line_lost by alice, ended as interrupt"},
		{"bob", "alice lose_line", "line_lost by alice, ended as interrupt"},
		{"bob", "bob ring,bob lose_line", "ringing by bob, line_lost by bob, ended as interrupt"},
		{"bob", "bob ring,bob accept,bob pull_battery,bob expire", "ringing by bob, accepted by bob (first), battery_pulled by bob, went_offline by bob, ended as offline"},
		{"bob", "bob ring,bob pull_battery,server timeout bob", "ringing by bob, battery_pulled by bob, timed_out of bob, ended as not_answer"},
		{"bob", "alice pull_battery,alice expire", "battery_pulled by alice, went_offline by alice, ended as offline"},
		{"bob", "bob ring,bob accept,alice change_media,bob hang_up", "ringing by bob, accepted by bob (first), media_changed by alice to video, left by bob, ended as normal_end"},

		// A group call ends when one is left, whatever the others did before.
		{"bob carol", "bob ring,carol ring,bob accept,carol accept,alice hang_up,bob hang_up", "ringing by bob, ringing by carol, accepted by bob (first), accepted by carol, left by alice, left by bob, ended as normal_end"},
		{"bob carol", "bob ring,carol busy,bob accept,bob hang_up", "ringing by bob, busy by carol, accepted by bob (first), left by bob, ended as normal_end"},
		// Unanswered it ends by what the last callee did.
		{"bob carol", "bob ring,carol ring,bob reject,server timeout carol", "ringing by bob, ringing by carol, rejected by bob, timed_out of carol, ended as not_answer"},
		{"bob carol", "bob ring,carol busy,bob reject", "ringing by bob, busy by carol, rejected by bob, ended as reject"},
		{"bob carol", "server timeout bob+carol", "timed_out of bob+carol, ended as not_answer"},
		{"bob carol", "bob ring,carol ring,alice cancel", "ringing by bob, ringing by carol, cancelled by alice of bob+carol, ended as cancel"},
		{"bob carol", "bob busy,alice cancel", "busy by bob, cancelled by alice of carol, ended as cancel"},
		{"bob carol", "alice cancel_invite bob,alice cancel_invite carol", "uninvited by alice of bob, uninvited by alice of carol, ended as cancel"},
		{"bob carol", "alice lose_line", "line_lost by alice, ended as interrupt"}, // two still ring, but for nobody
		{"bob carol", "bob ring,carol ring,carol lose_line,bob lose_line", "ringing by bob, ringing by carol, line_lost by carol, line_lost by bob, ended as interrupt"},
		// Once answered, a refusal that leaves one behind is a normal end.
		{"bob carol", "bob ring,carol ring,bob accept,alice hang_up,carol reject", "ringing by bob, ringing by carol, accepted by bob (first), left by alice, rejected by carol, ended as normal_end"},
		{"bob carol", "bob ring,carol ring,bob accept,carol lose_line,bob hang_up", "ringing by bob, ringing by carol, accepted by bob (first), line_lost by carol, left by bob, ended as normal_end"},
		{"bob carol", "bob ring,bob accept,alice hang_up,server timeout carol", "ringing by bob, accepted by bob (first), left by alice, timed_out of carol, ended as normal_end"},
		// Nobody talks, though two phones ring.
		{"bob carol dave", "bob ring,bob accept,alice hang_up,bob hang_up", "ringing by bob, accepted by bob (first), left by alice, left by bob, ended as normal_end"},
		// Who is lost decides only when nobody else remains.
		{"bob carol", "bob ring,carol ring,bob accept,carol accept,bob lose_line,alice hang_up", "ringing by bob, ringing by carol, accepted by bob (first), accepted by carol, line_lost by bob, left by alice, ended as normal_end"},
		{"bob carol", "bob ring,carol ring,bob accept,carol accept,alice hang_up,bob lose_line", "ringing by bob, ringing by carol, accepted by bob (first), accepted by carol, left by alice, line_lost by bob, ended as interrupt"},
		// Invited, joined, and back again.
		{"bob carol", "zoe join,alice hang_up,bob ring,bob accept,zoe hang_up,carol busy", "joined by zoe (first), left by alice, ringing by bob, accepted by bob, left by zoe, busy by carol, ended as normal_end"},
		{"bob carol", "bob ring,bob reject,alice invite bob,bob ring,bob accept,alice cancel_invite carol,bob hang_up", "ringing by bob, rejected by bob, invited by alice of bob, ringing by bob, accepted by bob (first), uninvited by alice of carol, left by bob, ended as normal_end"},
	} {
		t.Run(test.callees+": "+test.actions, func(t *testing.T) {
			c, facts := play(t, setup(strings.Fields(test.callees)...), test.actions)
			if diff := cmp.Diff(strings.Split(test.want, ", "), strings.Split(texts(facts), ", ")); diff != "" {
				t.Errorf("facts (-want +got):\n%s", diff)
			}
			if c.Phase != call.Over || !strings.HasSuffix(test.want, "ended as "+c.Result.String()) {
				t.Errorf("the call is %s with %q", c.Phase, c.Result)
			}
		})
	}
}

// The three times of a call: it starts, the first one answers, it ends.
func TestTimes(t *testing.T) {
	for _, test := range []struct {
		callees, actions string
		accept, end      int // seconds after the start; 0 is never
	}{
		{"bob", "", 0, 0},
		{"bob", "bob ring", 0, 0},
		{"bob", "bob ring,bob accept", 2, 0},
		{"bob", "bob ring,bob accept,alice hang_up", 2, 3},
		{"bob", "bob ring,bob reject", 0, 2},
		{"bob carol", "bob ring,carol ring,carol accept,bob accept", 3, 0}, // the first one counts
		{"bob carol", "zoe join,bob ring,bob accept", 1, 0},
		{"bob carol", "bob ring,bob accept,bob hang_up,carol ring,carol accept", 2, 0},
	} {
		t.Run(test.actions, func(t *testing.T) {
			c, _ := play(t, setup(strings.Fields(test.callees)...), test.actions)
			after := func(n int) call.Instant {
				if n == 0 {
					return 0
				}
				return epoch.Add(time.Duration(n) * time.Second)
			}
			if c.StartAt != epoch || c.AcceptAt != after(test.accept) || c.EndAt != after(test.end) {
				t.Errorf("start %s, accept %s, end %s", c.StartAt, c.AcceptAt, c.EndAt)
			}
		})
	}
}

// Of each member it is known who invited them last, since when they are in the call,
// and whether they ever talked, until they are invited afresh.
func TestInviters(t *testing.T) {
	for _, test := range []struct{ actions, want string }{
		{"bob ring,bob accept", "bob by alice since 2s talked, carol by alice since 0s"},
		{"bob ring,bob accept,bob invite zoe", "bob by alice since 2s talked, carol by alice since 0s, zoe by bob since 3s"},
		{"bob ring,bob accept,bob invite zoe,zoe ring,zoe accept,zoe invite dave", "bob by alice since 2s talked, carol by alice since 0s, zoe by bob since 5s talked, dave by zoe since 6s"},
		{"bob ring,bob accept,carol ring,carol reject,bob invite carol", "bob by alice since 2s talked, carol by bob since 5s"},
		{"carol ring,carol lose_line,zoe join,zoe invite carol,zoe hang_up,alice cancel_invite carol,alice invite carol", "bob by alice since 0s, carol by alice since 7s, zoe by alice since 3s talked"},
		{"zoe join,zoe hang_up,alice invite zoe", "bob by alice since 0s, carol by alice since 0s, zoe by alice since 3s"},
	} {
		t.Run(test.actions, func(t *testing.T) {
			c, _ := play(t, setup("bob", "carol"), test.actions)
			var got []string
			for i := range c.Members[1:] {
				m := &c.Members[1+i]
				s := fmt.Sprintf("%s by %s since %s", m.ID, c.Inviter(m), m.Since.Sub(epoch))
				if m.Talked {
					s += " talked"
				}
				got = append(got, s)
			}
			if diff := cmp.Diff(test.want, strings.Join(got, ", ")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Someone who was invited or joined later has his own device, too, and the
// first to do something is the one who acted.
func TestLaterDevices(t *testing.T) {
	c, _ := play(t, setup("bob", "dave"), "bob ring,bob accept")
	for _, a := range []call.Action{
		{Do: call.DoJoin, By: "carol"},
		{Do: call.DoInvite, By: "alice", Users: []string{"zoe"}},
	} {
		facts, err := c.Decide(nil, c.AcceptAt, a)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range facts {
			c.Apply(c.AcceptAt, f)
		}
		if a.Do == call.DoJoin && c.Acting != c.Devices.Of("carol") {
			t.Errorf("carol joined, but %v acted", c.Acting)
		}
	}
	carol, _ := c.Find("carol")
	zoe, _ := c.Find("zoe")
	if carol.Device != c.Devices.Of("carol") || zoe.Device != c.Device {
		t.Errorf("carol has %v, zoe has %v", carol.Device, zoe.Device)
	}
}

func TestStarted(t *testing.T) {
	s := setup("bob", "dave")
	s.Media = call.Video
	for _, failed := range []bool{false, true} {
		want := call.Call{
			ID: "call-1", Number: 1, App: 1400000001, Media: call.Video, Kind: call.Group, Room: "100001", RoomType: call.DigitRoom,
			Phase: call.Ringing, StartAt: epoch, Device: s.Device, Special: &call.Special{Devices: s.Devices}, Acting: iPhone,
			Members: []call.Member{
				{ID: "alice", Device: iPhone, Since: epoch, Status: call.Talking, Rang: true, Talked: true},
				{ID: "bob", Device: android, Since: epoch, Status: call.Dialled},
				{ID: "dave", Device: iPhone, Since: epoch, Status: call.Dialled},
			},
		}
		if failed {
			want.Phase, want.EndAt, want.Failed = call.Over, epoch, true
		}
		if diff := cmp.Diff(want, *start(t, s, failed)); diff != "" {
			t.Errorf("failed %t (-want +got):\n%s", failed, diff)
		}
	}
}

// Where each member of a group call is after each kind of fact.
func TestMembers(t *testing.T) {
	for _, test := range []struct{ actions, want string }{
		{"", "alice talking, bob dialled, carol dialled"},
		{"bob ring", "alice talking, bob alerting reports, carol dialled"},
		{"bob ring,bob accept", "alice talking, bob talking reports, carol dialled"},
		{"bob ring,bob reject", "alice talking, bob gone reports, carol dialled"},
		{"bob busy", "alice talking, bob gone, carol dialled"}, // it never rang
		{"server timeout bob", "alice talking, bob gone, carol dialled"},
		{"bob ring,bob accept,bob pull_battery", "alice talking, bob talking silent, carol dialled"},
		{"bob ring,bob accept,bob pull_battery,bob expire", "alice talking, bob gone silent, carol dialled"},
		{"bob ring,bob accept,alice lose_line", "alice gone, bob talking reports, carol dialled"},
		{"alice invite dave+erin,erin ring", "alice talking, bob dialled, carol dialled, dave dialled, erin alerting reports"},
		{"alice cancel_invite carol", "alice talking, bob dialled, carol gone"},
		{"zoe join", "alice talking, bob dialled, carol dialled, zoe talking reports"},
		{"bob ring,bob reject,bob join", "alice talking, bob talking reports, carol dialled"},         // in his old place
		{"bob ring,bob reject,alice invite bob", "alice talking, bob dialled, carol dialled"},         // and called afresh
		{"bob ring,bob accept,alice hang_up,alice join", "alice talking, bob talking, carol dialled"}, // still the caller
	} {
		t.Run(test.actions, func(t *testing.T) {
			c, _ := play(t, setup("bob", "carol"), test.actions)
			var got []string
			for i := range c.Members {
				m := &c.Members[i]
				s := m.ID + " " + m.Status.String()
				if m.SilentAt != 0 {
					s += " silent"
				}
				if i > 0 && m.Reports() && !strings.Contains(test.actions, "alice join") {
					s += " reports"
				}
				if m.Present() != (m.Status != call.Gone) || m.Waiting() != (m.Status == call.Dialled || m.Status == call.Alerting) {
					t.Errorf("%s: present %t, waiting %t", s, m.Present(), m.Waiting())
				}
				if found, role := c.Find(m.ID); found != m || (role == call.Caller) != (i == 0) {
					t.Errorf("%s: found %v as %s", s, found, role)
				}
				got = append(got, s)
			}
			if diff := cmp.Diff(test.want, strings.Join(got, ", ")); diff != "" {
				t.Errorf("members (-want +got):\n%s", diff)
			}
			if want := strings.Contains(test.want, "dialled") || strings.Contains(test.want, "alerting"); c.Calling() != want {
				t.Errorf("calling is %t", c.Calling())
			}
			if c.Caller() != "alice" {
				t.Errorf("the caller is %s", c.Caller())
			}
			if m, _ := c.Find("nobody"); m != nil {
				t.Errorf("found a stranger: %+v", m)
			}
		})
	}
}

// Callbacks tell the device of the one who acted last; the server's own timers
// change nothing in that, nor does a battery that is pulled.
func TestActing(t *testing.T) {
	for _, test := range []struct {
		actions string
		want    *call.Device
	}{
		{"", iPhone},
		{"bob ring,bob accept", android},
		{"bob ring,bob accept,carol ring,carol reject", browser},
		{"bob ring,bob accept,alice cancel_invite carol", iPhone},
		{"bob ring,bob accept,server timeout carol", android},
		{"bob ring,bob accept,alice invite dave,bob pull_battery", iPhone},
		{"bob ring,bob accept,alice invite dave,bob pull_battery,bob expire", iPhone},
		{"bob ring,bob reject,carol ring,bob join", android},
	} {
		t.Run(test.actions, func(t *testing.T) {
			if c, _ := play(t, setup("bob", "carol"), test.actions); c.Acting != test.want {
				t.Errorf("acting: %+v, want %+v", c.Acting, test.want)
			}
		})
	}
}

func TestMediaChange(t *testing.T) {
	c, facts := play(t, setup("bob"), "bob ring,bob accept,bob change_media")
	if c.Media != call.Video || facts[2].Media != call.Video {
		t.Errorf("the call is %s", c.Media)
	}
	_, err := c.Decide(nil, epoch, call.Action{Do: call.DoChangeMedia, By: "alice", Media: call.Video})
	if err == nil || !strings.Contains(err.Error(), "the call is video already (rule changes-something)") {
		t.Errorf("the same media again: %v", err)
	}
	if _, err = c.Decide(nil, epoch, call.Action{Do: call.DoChangeMedia, By: "alice", Media: call.Audio}); err != nil {
		t.Errorf("back to audio: %v", err)
	}
}
