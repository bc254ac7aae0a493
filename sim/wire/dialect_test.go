package wire_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ringback/fixtures/golden"
	"ringback/sim/wire"
)

// protocolKeys are the choices that the documents call for, with their values,
// the default first.
var protocolKeys = []string{
	"status_command call_end|word",
	"attempts 7|6",
	"status_per call|participant",
	"case lower|title",
	"ts documented|always|known",
	"event_result end|empty",
	"accept_action Accept|Answer",
	"hangup_action Hangup|HangUp|Hang Up",
	"invite_actions Invite|Invited",
	"start_media_key CallMediaType|MediaType|both",
	"user_account string|number",
	"callee_list with_caller|callees",
	"heartbeat_result Offline|Interrupt",
	"group_unanswered none|normal_end",
	"v4_retry none|v1",
	"v4_ack http200|strict",
	"empty_room_type 1|0",
	"v4_busy_action none|Reject",
	"v4_busy_start start|end_only",
	"end_call_result by_state|Interrupt",
	"v1_actions any|documented",
	"delete_missing 0|999",
	"delete_pending drop|keep",
	"client_events callkit|engine",
	"query_order documented|sorted",
	"call_id uuid|readable",
	"multi_call_type group|multi",
	"set_pending keep|new",
	"network_quality entries|object",
}

// Each key is one of them, in their order, with the same values.
func TestKeys(t *testing.T) {
	at := 0
	for _, k := range wire.Keys() {
		i := slices.Index(protocolKeys, k.Name+" "+strings.Join(k.Values, "|"))
		if i < 0 {
			t.Errorf("%s has the values %q, which the documents do not call for", k.Name, k.Values)
			continue
		}
		if i < at {
			t.Errorf("%s is out of order", k.Name)
		}
		at = i
		if k.About == "" || k.Source == "" || k.Default() != k.Values[0] {
			t.Errorf("%s: about %q, source %q, default %q", k.Name, k.About, k.Source, k.Default())
		}
		if v := k.Of(wire.Default()); v != k.Default() {
			t.Errorf("%s is %q in the default dialect", k.Name, v)
		}
	}
	if len(wire.Keys()) != len(protocolKeys) {
		t.Errorf("there are %d keys, want %d", len(wire.Keys()), len(protocolKeys))
	}
}

// What a choice is about other packages decide; it changes no callback.
var elsewhere = []string{"attempts", "v4_retry", "v4_ack", "end_call_result", "v1_actions", "delete_missing", "delete_pending", "client_events", "query_order", "call_id", "set_pending", "network_quality"}

const (
	startCall     = "Call.CallbackAfterStartCall"
	memberChanged = "Call.CallbackAfterMemberChanged"
	endCall       = "Call.CallbackAfterEndCall"
)

// Which words a choice changes, adds (+) or takes away (-), in the order of
// the documents.
var changes = map[string]string{
	"status_command=word":    "cancel reject not_answer normal_end call_busy interrupt",
	"status_per=participant": "+cancel +reject +not_answer +normal_end +call_busy +interrupt",
	"case=title": "cancel reject not_answer normal_end call_busy interrupt " +
		"caller_start_call caller_call_failed callee_receive_call callee_accept_call caller_call_accepted callee_reject_call caller_call_rejected " +
		"callee_ignore_call caller_call_busy callee_not_answer_call caller_call_missed caller_cancel_call callee_call_canceled caller_call_end " +
		"callee_call_end caller_call_interrupted callee_call_interrupted invite_user join_in_group_call",
	"ts=always": "cancel reject not_answer call_busy interrupt",
	// All words at a time when the answer or the end is not known yet.
	"ts=known": "cancel reject not_answer call_busy interrupt " +
		"caller_start_call caller_call_failed callee_receive_call callee_accept_call caller_call_accepted callee_reject_call caller_call_rejected " +
		"callee_ignore_call caller_call_busy callee_not_answer_call caller_call_missed caller_cancel_call callee_call_canceled " +
		"caller_call_interrupted callee_call_interrupted invite_user join_in_group_call",
	"event_result=empty": "callee_reject_call caller_call_rejected callee_ignore_call caller_call_busy callee_not_answer_call caller_call_missed " +
		"caller_cancel_call callee_call_canceled caller_call_end callee_call_end caller_call_interrupted callee_call_interrupted",
	"accept_action=Answer":        memberChanged,
	"hangup_action=HangUp":        memberChanged,
	"hangup_action=Hang Up":       memberChanged,
	"invite_actions=Invited":      memberChanged,
	"start_media_key=MediaType":   startCall,
	"start_media_key=both":        startCall,
	"user_account=number":         startCall + " " + memberChanged,
	"callee_list=callees":         endCall,
	"heartbeat_result=Interrupt":  endCall,
	"group_unanswered=normal_end": "+normal_end",
	"empty_room_type=0":           startCall + " " + endCall,
	"multi_call_type=multi": "normal_end " +
		"caller_start_call callee_receive_call callee_accept_call caller_call_accepted callee_reject_call callee_ignore_call " +
		"callee_not_answer_call caller_cancel_call callee_call_canceled caller_call_end callee_call_end callee_call_interrupted " +
		"invite_user join_in_group_call",
	"v4_busy_action=Reject":  "+" + memberChanged + " " + endCall, // its EventTime moves on by 1 ms
	"v4_busy_start=end_only": "-" + startCall + " " + endCall,     // its EventTime need not
}

// For each key and value the callbacks that it changes: one golden file for a
// key, which shows each kind of callback once and where else it changes.
func TestDialects(t *testing.T) {
	for _, k := range wire.Keys() {
		if slices.Contains(elsewhere, k.Name) {
			for _, v := range k.Values {
				if ds := compare(t, dialect(t, k.Name+"="+v)); len(ds) > 0 {
					t.Errorf("%s=%s changes %d callbacks", k.Name, v, len(ds))
				}
			}
			continue
		}
		var b strings.Builder
		fmt.Fprintf(&b, "%s: %s\n%s\n", k.Name, k.About, k.Source)
		fmt.Fprintf(&b, "\n%s=%s is the default\n", k.Name, k.Default())
		for _, v := range k.Values[1:] {
			choice := k.Name + "=" + v
			ds := compare(t, dialect(t, choice))
			if diff := cmp.Diff(strings.Fields(changes[choice]), kinds(ds)); diff != "" {
				t.Errorf("%s changes (-want +got):\n%s", choice, diff)
			}
			fmt.Fprintf(&b, "\n%s\n", choice)
			writeDifferences(&b, ds)
		}
		golden.Compare(t, "dialect_"+k.Name+".txt", b.String())
	}
}

// difference is a callback that a dialect changes, adds or takes away.
type difference struct {
	scene       string
	was, is     shown // without a word when there is none
	kind, about string
}

// compare plays all scenes in the default dialect and in another.
func compare(t *testing.T, d *wire.Dialect) []difference {
	t.Helper()
	var ds []difference
	for _, s := range scenes {
		was, is := show(t, s, wire.Default()), show(t, s, d)
		for i := range was {
			for _, p := range match(was[i].callbacks, is[i].callbacks) {
				if p.was.query != p.is.query || p.was.body != p.is.body {
					p.scene, p.about = s.name, factText(was[i].fact)
					ds = append(ds, p)
				}
			}
		}
	}
	return ds
}

// match pairs the callbacks of one fact by word and user.
func match(was, is []shown) []difference {
	var ps []difference
	same := func(a shown) func(shown) bool {
		return func(b shown) bool { return a.word == b.word && a.user == b.user }
	}
	for _, a := range was {
		p := difference{was: a, kind: "-" + a.word}
		if i := slices.IndexFunc(is, same(a)); i >= 0 {
			p.is, p.kind = is[i], a.word
		}
		ps = append(ps, p)
	}
	for _, b := range is {
		if !slices.ContainsFunc(was, same(b)) {
			ps = append(ps, difference{is: b, kind: "+" + b.word})
		}
	}
	return ps
}

// kinds lists what the differences are about, each once.
func kinds(ds []difference) []string {
	rank := func(kind string) int {
		return slices.IndexFunc(wire.AllWords(), func(w wire.Word) bool { return w.String() == strings.TrimLeft(kind, "+-") })
	}
	var ks []string
	for _, d := range ds {
		if !slices.Contains(ks, d.kind) {
			ks = append(ks, d.kind)
		}
	}
	slices.SortFunc(ks, func(a, b string) int { return rank(a) - rank(b) })
	return ks
}

// writeDifferences shows the first difference of each kind in full, and for
// MemberChanged of each ActionType.
func writeDifferences(b *strings.Builder, ds []difference) {
	for _, k := range kinds(ds) {
		var actions []string
		more := 0
		for _, d := range ds {
			action := d.was.callback.Action + d.is.callback.Action
			switch {
			case d.kind != k:
			case slices.Contains(actions, action):
				more++
			default:
				actions = append(actions, action)
				fmt.Fprintf(b, "\n%s, %s: %s\n", k, d.scene, d.about)
				writeDifference(b, d)
			}
		}
		if more > 0 {
			fmt.Fprintf(b, "  and %d more\n", more)
		}
	}
}

func writeDifference(b *strings.Builder, d difference) {
	for _, l := range [][2]string{{d.was.query, d.is.query}, {d.was.body, d.is.body}} {
		if l[0] == l[1] {
			continue
		}
		if l[0] != "" {
			fmt.Fprintf(b, "  - %s\n", l[0])
		}
		if l[1] != "" {
			fmt.Fprintf(b, "  + %s\n", l[1])
		}
	}
}

func TestSet(t *testing.T) {
	d := wire.Default()
	for _, test := range []struct{ choice, want string }{
		{"v4_retry=v1", ""},
		{"hangup_action=Hang Up", ""},
		{"v4_retry=v1", ""}, // again
		{"", `dialect "": no such key; 'ringback dialects' lists them`},
		{"V4_retry=v1", `dialect "V4_retry": no such key; 'ringback dialects' lists them`},
		{"v4_retry", "dialect v4_retry=: want one of none, v1"},
		{"v4_retry=", "dialect v4_retry=: want one of none, v1"},
		{"v4_retry=V1", "dialect v4_retry=V1: want one of none, v1"},
		{"v4_retry=v1=v1", "dialect v4_retry=v1=v1: want one of none, v1"},
		{"ts=zero", "dialect ts=zero: want one of documented, always, known"},
		{" ts=always", `dialect " ts": no such key`},
		{"attempts=8", "dialect attempts=8: want one of 7, 6"},
	} {
		was := *d
		err := d.Set(test.choice)
		switch {
		case test.want == "" && err != nil, test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), test.want)):
			t.Errorf("%q: got %v, want %s", test.choice, err, test.want)
		case err != nil && *d != was:
			t.Errorf("%q is refused, but changed the dialect", test.choice)
		}
	}
	if d.V4Retry != "v1" || d.HangupAction != "Hang Up" {
		t.Errorf("the choices are not made: %+v", d)
	}
}

// A dialect survives the journal's header.
func TestDialectMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := wire.Default()
		for _, k := range wire.Keys() {
			if err := d.Set(k.Name + "=" + rapid.SampledFrom(k.Values).Draw(t, k.Name)); err != nil {
				t.Fatal(err)
			}
		}
		m := d.Map()
		for _, k := range wire.Keys() {
			if m[k.Name] != k.Of(d) {
				t.Fatalf("the map says %s=%s", k.Name, m[k.Name])
			}
		}
		if len(m) != len(wire.Keys()) {
			t.Fatalf("the map has %d keys", len(m))
		}
		back, err := wire.FromMap(m)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(d, back); diff != "" {
			t.Fatalf("(-was +is):\n%s", diff)
		}
	})
	if d, err := wire.FromMap(map[string]string{"ts": "always"}); err != nil || d.Ts != "always" || d.Case != "lower" {
		t.Errorf("one key: %+v, %v", d, err)
	}
	for _, m := range []map[string]string{{"ts": "never"}, {"tz": "always"}, {"ts=always": ""}} {
		if _, err := wire.FromMap(m); err == nil {
			t.Errorf("%v is taken", m)
		}
	}
}

// A journal of the first edition is read as it was made: its header does not have
// the keys that came later, whose defaults are others now.
func TestFirstEdition(t *testing.T) {
	first := map[string]string{
		"accept_action": "Accept", "attempts": "7", "callee_list": "with_caller", "case": "lower", "client_events": "callkit", "delete_missing": "0",
		"delete_pending": "drop", "empty_room_type": "1", "end_call_result": "by_state", "event_result": "end", "group_unanswered": "none",
		"hangup_action": "Hangup", "heartbeat_result": "Offline", "invite_actions": "Invite", "start_media_key": "CallMediaType",
		"status_command": "call_end", "status_per": "call", "ts": "documented", "user_account": "string", "v1_actions": "any", "v4_ack": "http200",
		"v4_busy_action": "none", "v4_busy_start": "start", "v4_retry": "none",
	}
	d, err := wire.FromMap(first)
	if err != nil {
		t.Fatal(err)
	}
	want := maps.Clone(first)
	maps.Copy(want, map[string]string{
		"query_order": "documented", "call_id": "readable", "multi_call_type": "group", "set_pending": "keep", "network_quality": "object",
	})
	if diff := cmp.Diff(want, d.Map()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if made := d.Choices(first); len(made) > 0 {
		t.Errorf("nothing was chosen, but these count as chosen: %+v", made)
	}
}

// What differs from how a run begins by itself was chosen.
func TestChoices(t *testing.T) {
	d := dialect(t, "v4_retry=v1")
	for _, header := range []map[string]string{nil, wire.Default().Map(), d.Map()} {
		if made := d.Choices(header); len(made) != 1 || made[0].Name != "v4_retry" {
			t.Errorf("chosen: %+v", made)
		}
	}
	if made := wire.Default().Choices(nil); len(made) > 0 {
		t.Errorf("chosen: %+v", made)
	}
}

// Keys hands out a copy.
func TestKeysAreACopy(t *testing.T) {
	ks := wire.Keys()
	ks[0].Name = "spoiled"
	if wire.Keys()[0].Name == "spoiled" {
		t.Error("the list of keys can be changed from outside")
	}
}
