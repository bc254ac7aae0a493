package wire_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ringback/sim/wire"
)

// The words as the pages list them (60135, 68934): word, Event, generation.
const pageWords = `
cancel - v1
reject - v1
not_answer - v1
normal_end - v1
call_busy - v1
interrupt - v1
caller_start_call start_call v1
caller_call_failed call_failed v1
callee_receive_call receive_call v1
callee_accept_call accept_call v1
caller_call_accepted call_accepted v1
callee_reject_call reject_call v1
caller_call_rejected call_rejected v1
callee_ignore_call ignore_call v1
caller_call_busy call_busy v1
callee_not_answer_call not_answer_call v1
caller_call_missed call_missed v1
caller_cancel_call cancel_call v1
callee_call_canceled call_canceled v1
caller_call_end call_end v1
callee_call_end call_end v1
caller_call_interrupted call_interrupted v1
callee_call_interrupted call_interrupted v1
invite_user invite_user v1
join_in_group_call join_in_group_call v1
Call.CallbackAfterStartCall - v4
Call.CallbackAfterMemberChanged - v4
Call.CallbackAfterEndCall - v4
`

func TestWords(t *testing.T) {
	var b strings.Builder
	b.WriteString("\n")
	for _, w := range wire.AllWords() {
		event := "-"
		if w.Generation() == wire.V1 && !w.Status() {
			event = w.Event()
		}
		b.WriteString(w.String() + " " + event + " " + w.Generation().String() + "\n")
		text, err := w.MarshalText()
		var back wire.Word
		if err != nil || back.UnmarshalText(text) != nil || back != w {
			t.Errorf("%s: back as %s, %v", w, back, err)
		}
	}
	if diff := cmp.Diff(pageWords, b.String()); diff != "" {
		t.Errorf("(-page +got):\n%s", diff)
	}
}

func TestWrongWords(t *testing.T) {
	for _, test := range []struct{ word, meant string }{
		{"Cancel", "cancel"},
		{"NORMAL_END", "normal_end"},
		{"normal-end", "normal_end"},
		{"NotAnswer", "not_answer"},
		{"call busy", "call_busy"},
		{"callerStartCall", "caller_start_call"},
		{"call.callbackafterendcall", "Call.CallbackAfterEndCall"},
		{"Call.Callback_After_Member_Changed", "Call.CallbackAfterMemberChanged"},
		{" cancel", "cancel"},
		{"", ""},
		{"_", ""},
		{"call_end", ""},
		{"start_call", "Call.CallbackAfterStartCall"},
		{"hang_up", ""},
	} {
		w := wire.InviteUser
		err := w.UnmarshalText([]byte(test.word))
		switch {
		case err == nil:
			t.Errorf("%q is the word %s", test.word, w)
			continue
		case w != wire.InviteUser:
			t.Errorf("%q is refused, but changed the word", test.word)
		}
		want := "callback word " + string(must(json.Marshal(test.word))) + ": is in no page of the documents, want one like normal_end or Call.CallbackAfterEndCall"
		if test.meant != "" {
			want += "; did you mean " + test.meant + "?"
		}
		if err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestGeneration(t *testing.T) {
	for g, text := range map[wire.Generation]string{wire.V1: "v1", wire.V4: "v4", wire.Both: "both"} {
		b, err := g.MarshalText()
		var back wire.Generation
		if err != nil || string(b) != text || back.UnmarshalText(b) != nil || back != g {
			t.Errorf("%s: text %s, back as %s, %v", text, b, back, err)
		}
	}
	for _, text := range []string{"", "none", "V1", "v2", "v1,v4", "1", " v1"} {
		g := wire.V4
		err := g.UnmarshalText([]byte(text))
		want := "generation " + string(must(json.Marshal(text))) + ": want v1, v4 or both"
		if err == nil || err.Error() != want || g != wire.V4 {
			t.Errorf("%q: %s, %v", text, g, err)
		}
	}
	if s := wire.Generation(0).String(); s != "none" {
		t.Errorf("no generation is %q", s)
	}
	if wire.Both != wire.V1|wire.V4 {
		t.Error("both is not both")
	}
}

// A set of words is what was put into it, in the order of the documents.
func TestWordSets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.SliceOf(rapid.SampledFrom(wire.AllWords())).Draw(t, "words")
		var ws wire.Words
		var names []string
		for _, w := range in {
			ws = ws.With(w)
			names = append(names, w.String())
		}
		for _, w := range wire.AllWords() {
			if ws.Has(w) != slices.Contains(in, w) {
				t.Fatalf("%s is in the set: %t", w, ws.Has(w))
			}
		}
		slices.Sort(in)
		if diff := cmp.Diff(append([]wire.Word{}, slices.Compact(in)...), ws.List()); diff != "" {
			t.Fatalf("list (-want +got):\n%s", diff)
		}
		if parsed, err := wire.ParseWords(names); err != nil || parsed != ws {
			t.Fatalf("%q parse as %v, %v", names, parsed.List(), err)
		}
	})
	if diff := cmp.Diff(wire.AllWords(), wire.Every.List()); diff != "" {
		t.Errorf("every word (-all +list):\n%s", diff)
	}
	if ws, err := wire.ParseWords(nil); err != nil || ws != 0 || len(ws.List()) != 0 {
		t.Errorf("no words: %v, %v", ws, err)
	}
}

// The first wrong word is the error, and no set comes with it.
func TestParseWrongWords(t *testing.T) {
	ws, err := wire.ParseWords([]string{"cancel", "Reject", "nonsense"})
	const want = `callback word "Reject": is in no page of the documents, want one like normal_end or Call.CallbackAfterEndCall; did you mean reject?`
	if err == nil || err.Error() != want || ws != 0 {
		t.Errorf("got  %v with %v\nwant %s", err, ws, want)
	}
}
