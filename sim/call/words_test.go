package call_test

import (
	"encoding"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ringback/sim/call"
)

// The words of each enumeration, in order.
func TestWords(t *testing.T) {
	words := func(n int, word func(int) string) string {
		var ws []string
		for i := range n {
			ws = append(ws, word(i))
		}
		return strings.Join(ws, " ")
	}
	for _, test := range []struct{ name, got, want string }{
		{"Media", words(2, func(i int) string { return call.Media(i).String() }), "audio video"},
		{"Kind", words(2, func(i int) string { return call.Kind(i).String() }), "single group"},
		{"Result", words(8, func(i int) string { return call.Result(i).String() }), " normal_end cancel reject not_answer call_busy interrupt offline"},
		{"Role", words(2, func(i int) string { return call.Role(i).String() }), "caller callee"},
		{"Phase", words(4, func(i int) string { return call.Phase(i).String() }), "idle ringing connected over"},
		{"Status", words(4, func(i int) string { return call.Status(i).String() }), "dialled alerting talking gone"},
		{"FactKind", words(17, func(i int) string { return call.FactKind(i).String() }), "started start_failed ringing accepted rejected timed_out busy cancelled invited uninvited joined left line_lost battery_pulled went_offline media_changed ended"},
		{"Verb", words(14, func(i int) string { return call.Verb(i).String() }), "ring accept reject busy timeout cancel hang_up invite cancel_invite join lose_line pull_battery expire change_media"},
	} {
		if test.got != test.want {
			t.Errorf("%s:\ngot  %s\nwant %s", test.name, test.got, test.want)
		}
	}
}

// roundTrip writes each value of an enumeration and reads it back.
func roundTrip[E interface {
	~uint8
	fmt.Stringer
	encoding.TextMarshaler
}, P interface {
	*E
	encoding.TextUnmarshaler
}](t *testing.T, n int) {
	t.Helper()
	for i := range n {
		text, err := E(i).MarshalText()
		if err != nil || string(text) != E(i).String() {
			t.Errorf("%d: text %q, %v", i, text, err)
		}
		var back E
		if err := P(&back).UnmarshalText(text); err != nil || back != E(i) {
			t.Errorf("%s: back as %v, %v", text, back, err)
		}
	}
}

func TestWordsReadBack(t *testing.T) {
	roundTrip[call.Media](t, 2)
	roundTrip[call.Kind](t, 2)
	roundTrip[call.Result](t, 8)
	roundTrip[call.Verb](t, 14)
	for k := range call.Ended + 1 {
		if back, ok := call.ParseFactKind(k.String()); !ok || back != k {
			t.Errorf("%s: back as %v, %t", k, back, ok)
		}
	}
	for _, word := range []string{"", "Started", "answer", "run", "callback"} {
		if k, ok := call.ParseFactKind(word); ok {
			t.Errorf("%q is the fact %s", word, k)
		}
	}
}

// A wrong word is answered with the right ones, and changes nothing.
func TestWrongWords(t *testing.T) {
	media, kind, result, verb, fact := call.Video, call.Group, call.Cancel, call.DoJoin, call.Joined
	for _, test := range []struct {
		into encoding.TextUnmarshaler
		want string
	}{
		{&media, `media "Video ": want one of audio, video`},
		{&kind, `kind "Video ": want one of single, group`},
		{&result, `result "Video ": want one of normal_end, cancel, reject, not_answer, call_busy, interrupt, offline`},
		{&verb, `action "Video ": want one of ring, accept, reject, busy, timeout, cancel, hang_up, invite, cancel_invite, join, lose_line, pull_battery, expire, change_media`},
		{&fact, `fact "Video ": want one of started, `},
	} {
		if err := test.into.UnmarshalText([]byte("Video ")); err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("got  %v\nwant %s", err, test.want)
		}
	}
	if media != call.Video || kind != call.Group || result != call.Cancel || verb != call.DoJoin || fact != call.Joined {
		t.Error("a wrong word changed a value")
	}
}

func TestInstant(t *testing.T) {
	const i = call.Instant(1704856873678)
	if s := i.String(); s != "2024-01-10T03:21:13.678Z" {
		t.Errorf("String: %s", s)
	}
	if s := i.Seconds(); s != 1704856873 {
		t.Errorf("Seconds: %d", s)
	}
	if s := i.Add(3*time.Second + 999*time.Microsecond); s != i+3000 {
		t.Errorf("Add cuts to milliseconds: %d", s-i)
	}
	if d := i.Add(time.Minute).Sub(i); d != time.Minute {
		t.Errorf("Sub: %s", d)
	}
	if back := call.At(i.Time()); back != i || i.Time().Location() != time.UTC {
		t.Errorf("Time: %s", i.Time())
	}
	if b, err := i.AppendText([]byte("t=")); err != nil || string(b) != "t=2024-01-10T03:21:13.678Z" {
		t.Errorf("AppendText: %s, %v", b, err)
	}
}

func TestInstantText(t *testing.T) {
	for text, want := range map[string]call.Instant{
		"2026-01-01T00:00:00.000Z":            epoch,
		"2026-01-01T00:00:00Z":                epoch,
		"2026-01-01T08:00:00+08:00":           epoch,
		"2025-12-31T19:00:00.25-05:00":        epoch + 250,
		"2026-01-01T00:00:00.999999999Z":      epoch + 999,
		"1970-01-01T00:00:00.000Z":            0,
		"9999-12-31T23:59:59.999Z":            253402300799999,
		"2026-01-01":                          -1,
		"2026-01-01 00:00:00Z":                -1,
		"2026-01-01T00:00:00":                 -1,
		"2026-13-01T00:00:00Z":                -1,
		"":                                    -1,
		"1767225600":                          -1,
		"2026-01-01T00:00:00.000Z and a bit.": -1,
	} {
		i := call.Instant(42)
		err := i.UnmarshalText([]byte(text))
		switch {
		case want >= 0 && (err != nil || i != want):
			t.Errorf("%q: %d, %v, want %d", text, i, err, want)
		case want < 0 && (err == nil || i != 42 || !strings.Contains(err.Error(), "want RFC 3339, like 2026-01-01T00:00:00.000Z")):
			t.Errorf("%q: %d, %v, want an error and no change", text, i, err)
		}
	}
}

func TestInstantReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i := call.Instant(rapid.Int64Range(-62135596800000, 253402300799999).Draw(t, "ms")) // the years 1 to 9999
		b, err := json.Marshal(i)
		if err != nil {
			t.Fatal(err)
		}
		var back call.Instant
		if err := json.Unmarshal(b, &back); err != nil || back != i {
			t.Fatalf("%s: back as %d, %v, want %d", b, back, err, i)
		}
	})
}

func TestSpan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := call.Span(rapid.Int64().Draw(t, "ns"))
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var back call.Span
		if err := json.Unmarshal(b, &back); err != nil || back != s {
			t.Fatalf("%s: back as %d, %v, want %d", b, back, err, s)
		}
	})
	for text, want := range map[string]time.Duration{"3s": 3 * time.Second, "1m30s": 90 * time.Second, "250ms": 250 * time.Millisecond, "0": 0} {
		var s call.Span
		if err := s.UnmarshalText([]byte(text)); err != nil || time.Duration(s) != want {
			t.Errorf("%s: %s, %v", text, time.Duration(s), err)
		}
	}
	for _, text := range []string{"", "3", "three seconds", "3 s"} {
		var s call.Span
		if err := s.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is %s", text, time.Duration(s))
		}
	}
}

// What journals and scripts hold reads back as it was.
func TestJSON(t *testing.T) {
	step := call.Step{After: call.Span(3 * time.Second), Action: call.Action{Do: call.DoInvite, By: "alice", Users: []string{"dave"}, Media: call.Video}}
	b, err := json.Marshal(step)
	if want := `{"at":"3s","do":"invite","by":"alice","users":["dave"],"media":"video"}`; err != nil || string(b) != want {
		t.Errorf("step:\ngot  %s, %v\nwant %s", b, err, want)
	}
	var backStep call.Step
	if err := json.Unmarshal(b, &backStep); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(step, backStep); diff != "" {
		t.Errorf("step (-was +is):\n%s", diff)
	}
	s := setup("bob", "carol")
	s.Busy, s.Away, s.AnyIDs, s.Media = []string{"bob"}, []string{"carol"}, true, call.Video
	s.ID = "" // journals carry it on every line
	for _, f := range []call.Fact{
		{By: "alice", Setup: s},
		{By: "bob", First: true},
		{Users: []string{"bob", "carol"}},
		{By: "bob", Media: call.Video},
		{Result: call.CallBusy},
	} {
		b, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		var back call.Fact
		if err := json.Unmarshal(b, &back); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(f, back); diff != "" {
			t.Errorf("%s (-was +is):\n%s", b, diff)
		}
	}
}
