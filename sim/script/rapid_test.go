package script_test

import (
	"bytes"
	"fmt"
	"regexp"
	"testing"
	"time"

	gherkin "github.com/cucumber/gherkin/go/v42"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ringback/sim/call"
	"ringback/sim/script"
	"ringback/sim/wire"
)

// Texts that mean something to YAML, to Gherkin, to JSON or to a sentence.
var traps = []string{
	`"`, `\`, "'", "\n", "\r\n", "\t", "  both ends  ", "#", " # no comment", "|", "| a | b |", "<x>", `"""`, "```",
	"日本語", "\u3000", "\u00a0", "\u0085", "\u2028", "\ufeff", "\ufffd", "\x00", "\x1b[31m", "\x7f", "😀", "👩‍👩‍👧", "\U000e0001",
	"{who}", "[x]", "a: b", "- a", "? a", "@tag", "&a", "*a", "!t", "%a", ">", "~", "null", "true", "No", "on", "1", "0x10", "1e3", "-", ".inf", "2001-01-01",
	"Given x", "When alice calls bob", "Feature: x", "Scenario:", "Examples:", "* x", "# language: fr", `\u0041`, `"quoted"`, "a\n\nb", "a\nWhen b", "A\n  b",
	"and", "at", "with", "in", "by", "call", "3s", "the", "there", "is", "as", "before", "busy", "bob, carol", "bob and carol", "bob's",
}

// Each trap survives in each place that holds text.
func TestTraps(t *testing.T) {
	for _, trap := range traps {
		again(t, &script.Script{Name: trap, About: trap, Operations: []script.Operation{
			at(0, script.Place{
				Call: trap, Caller: trap, Callees: []string{"x", trap + trap, "y"}, Busy: []string{trap + trap, "x"}, Unreachable: []string{"y"},
				Room: trap, UserData: trap, ChatGroup: trap,
			}),
			at(0, act(trap, trap, call.DoInvite, trap, "z", trap)),
			at(0, script.Act{Call: trap, Action: call.Action{Do: call.DoFail, By: trap, Detail: call.Detail{Text: trap}}}),
		}})
		again(t, &script.Script{About: "It begins.\n" + trap, Operations: []script.Operation{at(0, script.Wait{})}})
	}
}

func anyText() *rapid.Generator[string] {
	return rapid.OneOf(rapid.SampledFrom(traps), rapid.StringN(0, 8, -1), rapid.Just("")).Filter(func(s string) bool { return len(s) < 200 })
}

func user() *rapid.Generator[string] {
	return rapid.OneOf(rapid.SampledFrom([]string{"alice", "bob", "carol", "10001"}), anyText()).Filter(func(s string) bool { return s != "" })
}

func users(min int) *rapid.Generator[[]string] {
	return rapid.Map(rapid.SliceOfNDistinct(user(), min, 3, rapid.ID[string]), func(l []string) []string {
		if len(l) == 0 {
			return nil
		}
		return l
	})
}

func drawPlace(t *rapid.T, name string) script.Place {
	all := users(2).Draw(t, "users")
	p := script.Place{
		Call: name, Caller: all[0], Callees: all[1:],
		Media: rapid.SampledFrom([]call.Media{call.Audio, call.Video}).Draw(t, "media"),
		Group: rapid.Bool().Draw(t, "group"), Fails: rapid.Bool().Draw(t, "fails"), RingLater: rapid.Bool().Draw(t, "ring later"),
		Room: anyText().Draw(t, "room"), UserData: anyText().Draw(t, "user data"), ChatGroup: anyText().Draw(t, "chat group"),
		Generation: rapid.SampledFrom([]wire.Generation{0, wire.V1, wire.V4, wire.Both}).Draw(t, "generation"),
	}
	if !p.RingLater {
		for _, u := range p.Callees {
			switch rapid.IntRange(0, 2).Draw(t, "state") {
			case 1:
				p.Busy = append(p.Busy, u)
			case 2:
				p.Unreachable = append(p.Unreachable, u)
			}
		}
	}
	return p
}

func drawAct(t *rapid.T, name string) script.Act {
	verbs := []call.Verb{
		call.DoRing, call.DoAccept, call.DoReject, call.DoBusy, call.DoCancel, call.DoHangUp, call.DoInvite, call.DoCancelInvite, call.DoJoin,
		call.DoLoseLine, call.DoPullBattery, call.DoChangeMedia, call.DoMic, call.DoCamera, call.DoSpeak, call.DoQuality, call.DoSecondLogin, call.DoExpireSig, call.DoFail,
	}
	a := call.Action{Do: rapid.SampledFrom(verbs).Draw(t, "verb"), By: user().Draw(t, "who")}
	switch a.Do {
	case call.DoInvite, call.DoCancelInvite:
		a.Users = users(1).Draw(t, "whom")
	case call.DoChangeMedia:
		a.Media = rapid.SampledFrom([]call.Media{call.Audio, call.Video}).Draw(t, "media")
	case call.DoMic, call.DoCamera:
		a.On = rapid.Bool().Draw(t, "on")
	case call.DoSpeak:
		a.Level = rapid.IntRange(0, 100).Draw(t, "level")
	case call.DoQuality:
		a.Quality = rapid.Map(rapid.IntRange(0, int(call.Down)), func(i int) call.Quality { return call.Quality(i) }).Draw(t, "quality")
	case call.DoFail:
		a.Code, a.Text = int(rapid.Int32().Draw(t, "code")), anyText().Draw(t, "text")
	}
	return script.Act{Call: name, Action: a}
}

func drawHandling(t *rapid.T, name string) script.Handling {
	h := script.Handling{Call: name, Do: rapid.SampledFrom([]script.Handle{script.Duplicate, script.Replay, script.RetryNow, script.GiveUp}).Draw(t, "handle")}
	if h.Do == script.Replay {
		return h
	}
	h.Callback = rapid.SampledFrom(wire.AllWords()).Draw(t, "callback")
	h.Number = rapid.IntRange(0, 3).Draw(t, "number")
	if h.Do != script.Duplicate {
		h.Copy = rapid.IntRange(0, 3).Draw(t, "copy")
	}
	return h
}

func drawScript(t *rapid.T) *script.Script {
	s := &script.Script{Name: anyText().Draw(t, "name"), About: anyText().Draw(t, "about")}
	calls := []string{anyText().Draw(t, "call")}
	if rapid.Bool().Draw(t, "several calls") {
		calls = users(2).Draw(t, "calls")
	}
	var now time.Duration
	add := func(d script.Deed) { s.Operations = append(s.Operations, at(now, d)) }
	for i := range calls {
		add(drawPlace(t, calls[i]))
		for range rapid.IntRange(0, 4).Draw(t, "operations") {
			now += time.Duration(rapid.OneOf(rapid.IntRange(0, 3_700_000), rapid.SampledFrom([]int{0, 1000, 60_000, 3_600_000})).Draw(t, "wait")) * time.Millisecond
			switch rapid.IntRange(0, 6).Draw(t, "kind") {
			case 0:
				add(script.Faults(rapid.SampledFrom([][]string{nil, {"drop"}, {"duplicate=2@call_end", "drop=10%"}}).Draw(t, "faults")))
			case 1:
				add(script.Wait{})
			case 2:
				add(drawHandling(t, rapid.SampledFrom(calls[:i+1]).Draw(t, "of call")))
			default:
				add(drawAct(t, rapid.SampledFrom(calls[:i+1]).Draw(t, "in call")))
			}
		}
	}
	return s
}

// Any valid script survives YAML, then Gherkin, then YAML.
func TestSurvives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawScript(t)
		first, err := script.WriteYAML(want)
		if err != nil {
			t.Fatal(err)
		}
		fromYAML, err := script.ReadYAML(first)
		if err != nil {
			t.Fatalf("%v\n%s", err, first)
		}
		feature, err := script.WriteGherkin(anyText().Draw(t, "title"), fromYAML)
		if err != nil {
			t.Fatal(err)
		}
		fromGherkin, err := script.ReadGherkin(feature)
		if err != nil {
			t.Fatalf("%v\n%s", err, feature)
		}
		got, err := script.Pick(fromGherkin, "")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-want +got):\n%s\n%s", diff, feature)
		}
		second, err := script.WriteYAML(got)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(first), string(second)); diff != "" {
			t.Fatalf("YAML (-first +second):\n%s", diff)
		}
		checkPickles(t, feature, want)
	})
}

var patterns = func() (list []*regexp.Regexp) {
	for _, s := range script.Steps() {
		list = append(list, regexp.MustCompile(s.Pattern))
	}
	return list
}()

// checkPickles compiles the feature as godog does: each of its steps must
// match one pattern of the vocabulary, and its group must say the operation.
func checkPickles(t *rapid.T, feature []byte, want *script.Script) {
	n := 0
	id := func() string { n++; return fmt.Sprint(n) }
	doc, err := gherkin.ParseGherkinDocument(bytes.NewReader(feature), id)
	if err != nil {
		t.Fatal(err)
	}
	for i, step := range gherkin.Pickles(*doc, "", id)[0].Steps {
		var said []string
		for _, re := range patterns {
			if m := re.FindStringSubmatch(step.Text); m != nil {
				said = append(said, m[1:]...)
			}
		}
		if len(said) != 1 || said[0] != step.Text {
			t.Fatalf("step %q matches %q, want itself once", step.Text, said)
		}
		o, err := script.ParseStep(said[0], 0)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.Operations[i], o); diff != "" {
			t.Fatalf("step %q (-want +got):\n%s", step.Text, diff)
		}
	}
}
