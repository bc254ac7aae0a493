package wire_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ringback/sim/call"
	"ringback/sim/wire"
)

// The pages' own sample values (60129, 60130): 3 s of ringing, 9 s of talk.
const (
	epoch  = call.Instant(1704856873000)
	callID = "aheahfo-eqwnknoihfsd-qweqf"
	room   = "Alice's Room"
)

var (
	iPhone  = &call.Device{Platform: "iOS", IP: "127.0.0.1"}
	android = &call.Device{Platform: "Android", IP: "127.0.0.2"}
)

// scene is a call from its start to its end.
type scene struct {
	name   string
	setup  call.Setup // id, app, device and room are filled in when they are empty
	failed bool
	play   string // "3 Bob accept, 12 Alice hang_up": seconds after the start, who, what, whom
}

var scenes = []scene{
	{
		name:  "Bob answers, Alice hangs up",
		setup: call.Setup{Caller: "Alice", Callees: []string{"Bob"}},
		play:  "0 Bob ring, 3 Bob accept, 12 Alice hang_up",
	},
	{
		name:  "Bob answers and hangs up himself",
		setup: call.Setup{Caller: "Alice", Callees: []string{"Bob"}},
		play:  "0 Bob ring, 3 Bob accept, 12 Bob hang_up",
	},
	{
		name:  "Bob rejects",
		setup: call.Setup{Caller: "Alice", Callees: []string{"Bob"}},
		play:  "0 Bob ring, 3 Bob reject",
	},
	{
		name:  "Bob does not answer",
		setup: call.Setup{Caller: "Alice", Callees: []string{"Bob"}},
		play:  "0 Bob ring, 30 server timeout Bob",
	},
	{
		name:  "Bob's phone never rings",
		setup: call.Setup{Caller: "Alice", Callees: []string{"Bob"}, Away: []string{"Bob"}},
		play:  "30 server timeout Bob",
	},
	{
		name:  "Bob is busy",
		setup: call.Setup{Caller: "Alice", Callees: []string{"Bob"}, Busy: []string{"Bob"}},
		play:  "0 Bob busy",
	},
	{
		name:  "Alice cancels",
		setup: call.Setup{Caller: "Alice", Callees: []string{"Bob"}},
		play:  "0 Bob ring, 3 Alice cancel",
	},
	{
		name:  "Bob's line is lost",
		setup: call.Setup{Caller: "Alice", Callees: []string{"Bob"}},
		play:  "0 Bob ring, 3 Bob accept, 12 Bob lose_line",
	},
	{
		name:  "Alice's line is lost",
		setup: call.Setup{Caller: "Alice", Callees: []string{"Bob"}},
		play:  "0 Bob ring, 3 Bob accept, 12 Alice lose_line",
	},
	{
		name:  "Alice's line is lost while it rings",
		setup: call.Setup{Caller: "Alice", Callees: []string{"Bob"}},
		play:  "0 Bob ring, 3 Alice lose_line",
	},
	{
		name:  "Bob's line is lost while it rings",
		setup: call.Setup{Caller: "Alice", Callees: []string{"Bob"}},
		play:  "0 Bob ring, 3 Bob lose_line",
	},
	{
		name:  "numeric ids and room, video; the callee's battery is pulled",
		setup: call.Setup{Caller: "10001", Callees: []string{"144115212830834855"}, Media: call.Video, Room: "4294967294", RoomTag: call.DigitRoom},
		play:  "0 144115212830834855 ring, 3 144115212830834855 accept, 9 144115212830834855 pull_battery, 39 144115212830834855 expire",
	},
	{
		name:  "the callee's battery is pulled while it rings",
		setup: call.Setup{Caller: "Alice", Callees: []string{"Bob"}},
		play:  "0 Bob ring, 3 Bob pull_battery, 33 Bob expire",
	},
	{
		name:  "Alice's battery is pulled before Bob answers",
		setup: call.Setup{Caller: "Alice", Callees: []string{"Bob"}},
		play:  "0 Bob ring, 2 Alice pull_battery, 3 Bob accept, 32 Alice expire",
	},
	{
		name:  "Bob's battery is pulled, Alice hangs up",
		setup: call.Setup{Caller: "Alice", Callees: []string{"Bob"}},
		play:  "0 Bob ring, 3 Bob accept, 9 Bob pull_battery, 12 Alice hang_up",
	},
	{
		name:   "the call cannot be placed",
		setup:  call.Setup{Caller: "Alice", Callees: []string{"Bob"}},
		failed: true,
	},
	{
		name:  "a call without a room id",
		setup: call.Setup{Caller: "Alice", Callees: []string{"Bob"}, Room: "-", RoomTag: call.StringRoom},
		play:  "0 Bob ring, 3 Bob accept, 12 Bob hang_up",
	},
	{
		name: "a group with every action",
		setup: call.Setup{
			Caller: "Alice", Callees: []string{"Bob", "Carol", "Dave", "Erin"}, Kind: call.Group, Media: call.Video, Busy: []string{"Erin"},
		},
		play: "0 Bob ring, 0 Carol ring, 0 Dave ring, 0 Erin busy, 3 Bob accept, 4 Carol reject, 5 Bob invite Frank+Grace, 5 Frank ring," +
			"6 Alice cancel_invite Grace, 7 Frank accept, 8 Heidi join, 9 Heidi lose_line, 10 Frank pull_battery, 30 server timeout Dave," +
			"40 Frank expire, 50 Alice hang_up",
	},
	{
		name:  "a group, nobody answers",
		setup: call.Setup{Caller: "Alice", Callees: []string{"Bob", "Carol"}, Kind: call.Group},
		play:  "0 Bob ring, 0 Carol ring, 30 server timeout Bob+Carol",
	},
	{
		name:  "a group, everybody rejects",
		setup: call.Setup{Caller: "Alice", Callees: []string{"Bob", "Carol"}, Kind: call.Group},
		play:  "0 Bob ring, 0 Carol ring, 3 Bob reject, 4 Carol reject",
	},
	{
		name:  "a group, Alice cancels",
		setup: call.Setup{Caller: "Alice", Callees: []string{"Bob", "Carol"}, Kind: call.Group},
		play:  "0 Bob ring, 3 Alice cancel",
	},
	{
		name:  "a group, Alice withdraws all invitations",
		setup: call.Setup{Caller: "Alice", Callees: []string{"Bob", "Carol"}, Kind: call.Group},
		play:  "0 Bob ring, 3 Alice cancel_invite Bob, 4 Alice cancel_invite Carol",
	},
	{
		name:  "a group, everybody is busy",
		setup: call.Setup{Caller: "Alice", Callees: []string{"Bob", "Carol"}, Kind: call.Group, Busy: []string{"Bob", "Carol"}},
		play:  "0 Bob busy, 0 Carol busy",
	},
	{
		name:  "a group, Carol's line is lost while it rings",
		setup: call.Setup{Caller: "Alice", Callees: []string{"Bob", "Carol"}, Kind: call.Group},
		play:  "0 Bob ring, 0 Carol ring, 3 Bob accept, 4 Carol lose_line, 12 Bob hang_up",
	},
	{
		name:  "a group, the last line is lost",
		setup: call.Setup{Caller: "Alice", Callees: []string{"Bob", "Carol"}, Kind: call.Group},
		play:  "0 Bob ring, 3 Bob accept, 4 Carol busy, 9 Bob lose_line",
	},
}

// shown is a callback as it goes over the wire.
type shown struct {
	word, user, query, body string
	callback                wire.Callback
	call                    call.Call // as it was then
	at                      call.Instant
}

// step is one fact with its callbacks.
type step struct {
	at        call.Instant
	fact      call.Fact
	callbacks []shown
}

// show plays a scene and writes out its callbacks.
func show(t testing.TB, s scene, d *wire.Dialect) []step {
	return showAs(t, s, d, callID, room, epoch)
}

// showAs does so with other ids, at another time. A room that the scene has
// itself stays.
func showAs(t testing.TB, s scene, d *wire.Dialect, callID, room string, epoch call.Instant) []step {
	t.Helper()
	setup := s.setup
	setup.ID, setup.Number, setup.App, setup.Device = callID, 1, 8888888, iPhone
	if setup.Devices == nil {
		setup.Devices = call.Devices{{User: "Bob", Device: android}}
	}
	switch setup.Room {
	case "":
		setup.Room, setup.RoomTag = room, call.StringRoom
	case "-":
		setup.Room = ""
	}
	p := player{enc: wire.NewEncoder(d), dialect: d}
	f, err := call.Start(&setup, s.failed)
	if err != nil {
		t.Fatal(err)
	}
	p.take(epoch, f)
	for line := range strings.SplitSeq(s.play, ",") {
		if s.play == "" {
			break
		}
		after, a := parseAction(t, line)
		facts, err := p.call.Decide(nil, epoch.Add(after), a)
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		for _, f := range facts {
			p.take(epoch.Add(after), f)
		}
	}
	if p.call.Phase != call.Over {
		t.Fatalf("%s: the call is not over", s.name)
	}
	return p.steps
}

func parseAction(t testing.TB, line string) (time.Duration, call.Action) {
	t.Helper()
	words := strings.Fields(line)
	n, err := strconv.Atoi(words[0])
	if err != nil {
		t.Fatal(err)
	}
	a := call.Action{By: words[1]}
	if a.By == "server" {
		a.By = ""
	}
	if err := a.Do.UnmarshalText([]byte(words[2])); err != nil {
		t.Fatal(err)
	}
	if len(words) > 3 {
		a.Users = strings.Split(words[3], "+")
	}
	return time.Duration(n) * time.Second, a
}

// player applies facts to a call and writes out the callbacks of each.
type player struct {
	call    call.Call
	enc     *wire.Encoder
	dialect *wire.Dialect
	steps   []step
	last    call.Instant // event time of the latest v4 callback
}

func (p *player) take(now call.Instant, f call.Fact) {
	p.call.Apply(now, f)
	st := step{at: now, fact: f}
	then := p.call
	then.Members = slices.Clone(p.call.Members)
	for _, cb := range p.dialect.Project(nil, wire.Both, &p.call, &f) {
		at := now
		if cb.Generation == wire.V4 {
			at = max(now, p.last+1)
			p.last = at
		}
		st.callbacks = append(st.callbacks, shown{
			word: cb.Word.String(), user: p.call.Members[cb.User].ID, callback: cb, call: then, at: at,
			query: string(p.enc.AppendQuery(nil, &p.call, &cb)),
			body:  string(p.enc.AppendBody(nil, &p.call, &cb, at)),
		})
	}
	p.steps = append(p.steps, st)
}

// factText is a fact in words.
func factText(f call.Fact) string {
	s := f.Kind.String()
	if f.By != "" {
		s += " by " + f.By
	}
	if f.Users != nil {
		s += " of " + strings.Join(f.Users, "+")
	}
	if f.Result != call.NoResult {
		s += " as " + f.Result.String()
	}
	return s
}

// dialect is the default with some choices.
func dialect(t testing.TB, choices ...string) *wire.Dialect {
	t.Helper()
	d := wire.Default()
	for _, c := range choices {
		if err := d.Set(c); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// find is the first callback of a word in a scene.
func find(t testing.TB, scene, word string, d *wire.Dialect) shown {
	t.Helper()
	for _, s := range scenes {
		if s.name != scene {
			continue
		}
		for _, st := range show(t, s, d) {
			for _, cb := range st.callbacks {
				if cb.word == word {
					return cb
				}
			}
		}
	}
	t.Fatalf("no %s in %q", word, scene)
	return shown{}
}
