package explore

import (
	"strings"
	"testing"
	"time"

	"ringback/sim/call"
	"ringback/sim/script"
	"ringback/sim/wire"
)

// story reads a history from sentences.
func story(t testing.TB, g wire.Generation, sentences ...string) *History {
	t.Helper()
	h := &History{Generation: g}
	var now call.Span
	for _, s := range sentences {
		o, err := script.ParseStep(s, now)
		if err != nil {
			t.Fatal(err)
		}
		h.Operations, now = append(h.Operations, o), o.At
	}
	return h
}

// What the backend could not do is no history: a receiver may break under it.
func TestLawful(t *testing.T) {
	for _, test := range []struct {
		g         wire.Generation
		retry     bool
		sentences []string
		why       string // "" if it is lawful
	}{
		{wire.V1, false, []string{"alice calls bob", "at 3s bob answers"}, ""},
		{wire.V1, false, []string{"alice calls bob", "at 31s bob answers"}, "call-over"},
		{wire.V1, false, []string{`the faults are "late"`, "alice calls bob"}, "forever"},
		{wire.V1, false, []string{`the faults are "late"`, "alice calls bob", "at 1s alice cancels"}, ""},
		{wire.V1, false, []string{`the faults are "reorder"`, "alice calls bob", "at 1s bob answers"}, ""},
		{wire.V1, false, []string{`the faults are "reorder@callee_receive_call"`, "alice calls bob"}, "forever"},
		{wire.V1, false, []string{`the faults are "lose_answer"`, "alice calls bob"}, ""},
		{wire.V4, false, []string{`the faults are "lose_answer"`, "alice calls bob"}, "unless they are retried"},
		{wire.V4, true, []string{`the faults are "lose_answer"`, "alice calls bob"}, ""},
		{wire.V1, false, []string{`the faults are "truncate"`, "alice calls bob"}, ""},
		{wire.V4, true, []string{`the faults are "truncate"`, "alice calls bob"}, "does not retry a refusal"},
		{wire.V4, false, []string{ // carol's phone stops ringing while the rest is waited for
			"alice calls bob, carol", "at 25s bob answers", `the faults are "reorder@Call.CallbackAfterMemberChanged"`,
		}, "forever"},
		{wire.V1, false, []string{"alice calls bob in room lobby as call first", "carol calls dave in room lobby as call second"}, "another call is in"},
		{wire.V1, false, []string{"alice calls bob in room Lobby as call first", "carol calls dave in room lobby as call second"}, ""},
		{wire.V1, false, []string{"alice calls bob in room lobby as call first", "at 30s carol calls dave in room lobby as call second"}, ""},
	} {
		h := story(t, test.g, test.sentences...)
		h.Retry = test.retry
		err := h.Lawful()
		if test.why == "" && err != nil || test.why != "" && (err == nil || !strings.Contains(err.Error(), test.why)) {
			t.Errorf("%q: %v, want %q", test.sentences, err, test.why)
		}
	}
}

// Operations that make no sense any more go with what they need, and faults of
// one call keep to it.
func TestWithout(t *testing.T) {
	h := story(t, wire.V1,
		`the faults are "duplicate#1", "replay#2"`,
		"alice calls bob as call first", "at 1s carol calls dave as call second",
		"at 2s bob answers in call first", "at 3s dave answers in call second", "at 4s alice hangs up in call first",
	)
	got := h.without(func(o script.Operation) bool { return callOf(o) == "first" }).String()
	want := strings.Join([]string{
		"the callbacks are v1", `the faults are "replay#1"`, "at 1s carol calls dave as call second", "at 3s dave answers in call second",
	}, "\n")
	if got != want {
		t.Errorf("without the first call:\n%s\nwant:\n%s", got, want)
	}
	got = h.without(func(o script.Operation) bool { return o.At == call.Span(2*time.Second) }).String()
	if strings.Contains(got, "hangs up") || !strings.Contains(got, "dave answers") {
		t.Errorf("no one answered the first call, and:\n%s", got)
	}
}

// Each candidate is another history, and smaller or plainer in some way; trying
// one after the other comes to an end.
func TestCandidates(t *testing.T) {
	if testing.Short() {
		t.Skip("draws, and plays nothing")
	}
	for n := range uint64(histories(200)) {
		h := Draw(3, n, wire.V1, 0)
		for i, candidates := range passes {
			for _, c := range candidates(h) {
				if len(c.Operations) > len(h.Operations) {
					t.Errorf("level %d makes more of\n%s\n\n%s", i, h, c)
				}
			}
		}
	}
}
