package script_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/call"
	"ringback/sim/script"
)

// What a person may write in a feature file, and what it means.
func TestReadGherkin(t *testing.T) {
	place := at(0, script.Place{Caller: "alice", Callees: []string{"bob"}})
	accept := at(3*time.Second, act("", "bob", call.DoAccept))
	hangUp := at(9*time.Second, act("", "alice", call.DoHangUp))
	called := func(name string, ops ...script.Operation) *script.Script {
		return &script.Script{Name: name, Operations: ops}
	}
	for name, c := range map[string]struct {
		text string
		want []*script.Script
	}{
		"one scenario": {
			"Feature: calls\n  Scenario: answered\n    Given alice calls bob\n    When at 3s bob answers\n    Then at 9s alice hangs up\n",
			[]*script.Script{called("answered", place, accept, hangUp)},
		},
		"comments, tags, descriptions, CRLF": {
			"# c\r\n@v1 @slow\r\nFeature: calls\r\n  What they are.\r\n\r\n  @x # y\r\n  Example: answered\r\n    \r\n    First line.\r\n      Second.\r\n\r\n    # c\r\n    * alice calls bob\r\n    * at 3s bob answers\r\n",
			[]*script.Script{{Name: "answered", About: "First line.\nSecond.", Operations: []script.Operation{place, accept}}},
		},
		"background and rule": {
			"Feature: f\n  Background:\n    Given alice calls bob\n  Scenario: a\n    When at 3s bob answers\n  Rule: r\n    Background:\n      Given at 3s bob answers\n    Scenario: b\n      When at 9s alice hangs up\n    Scenario: c\n      When at 9s alice hangs up\n",
			[]*script.Script{called("a", place, accept), called("b", place, accept, hangUp), called("c", place, accept, hangUp)},
		},
		"another language": {
			"# language: zh-CN\n功能: 呼叫\n  场景: 接听\n    当alice calls bob\n    而且at 3s bob answers\n",
			[]*script.Script{called("接听", place, accept)},
		},
		"quoted names": {
			"Feature: f\n  Scenario: \"a\\nb\"\n    When \"alice\" calls \"bob\"\n  Scenario: \"a\" and b\n    When alice calls bob\n  Scenario:\n    When alice calls bob\n",
			[]*script.Script{called("a\nb", place), called(`"a" and b`, place), called("", place)},
		},
		"no time is the time before": {
			"Feature: f\n  Scenario: a\n    When alice calls bob\n    And nothing happens until 3s\n    And bob answers\n",
			[]*script.Script{called("a", place, at(3*time.Second, script.Wait{}), accept)},
		},
		"no placeholders": {
			"Feature: f\n  Scenario: a\n    When alice calls \"<x>\"\n",
			[]*script.Script{called("a", at(0, script.Place{Caller: "alice", Callees: []string{"<x>"}}))},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := script.ReadGherkin([]byte(c.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestGherkinErrors(t *testing.T) {
	const head = "Feature: f\n  Scenario: s\n    When alice calls bob\n"
	for name, c := range map[string]struct{ text, want string }{
		"empty":            {"", "line 1: there is no feature in the file; try: Feature: what this shows"},
		"no scenario":      {"Feature: f\n  about it\n", "line 1: there is no scenario; try: Scenario: bob answers"},
		"no steps":         {"Feature: f\n  Scenario: s\n", "line 2: the scenario has no steps; try: When alice calls bob"},
		"not Gherkin":      {"- do: call\n", `line 1: did not expect "- do: call" here; try: Feature: what this shows`},
		"no keyword":       {head + "    bob answers\n", `line 4: did not expect "bob answers" here; try: When bob answers`},
		"small keyword":    {head + "    and bob answers\n", `line 4: did not expect "and bob answers" here; try: And bob answers`},
		"open text":        {head + "    \"\"\"\n    x\n", "line 6: did not expect the end of the file here"},
		"unknown language": {"# language: xx\nFeature: f\n", "line 1: Language not supported: xx"},
		"unknown step":     {head + "    And bob accepts the call\n", `line 4: no step reads "bob accepts the call"; the nearest is [at {at} ]{who} answers[ in call {call}]; try: at 3s bob answers`},
		"misspelt step":    {head + "    And alice invtes dave\n", `line 4: no step reads "alice invtes dave"; the nearest is [at {at} ]{who} invites {whom}[ in call {call}]; try: at 5s alice invites dave, erin`},
		"step of nothing":  {head + "    And xyzzy\n", `line 4: no step reads "xyzzy"; try: alice calls bob, carol by video`},
		"id with a dot":    {head + "    And bob.smith answers\n", `line 4: no step reads "bob.smith answers"; the nearest is [at {at} ]{who} answers[ in call {call}]; try: at 3s bob answers`},
		"open quote":       {head + "    And \"bob answers\n", `line 4: no step reads "\"bob answers"; the nearest is [at {at} ]{who} answers[ in call {call}]; try: at 3s bob answers`},
		"wrong escape":     {head + `    And "b\q" answers` + "\n", `line 4: who: "\"b\\q\"": want a JSON string: invalid character 'q' in string escape code; try: at 3s bob answers`},
		"half a pair":      {head + `    And "\ud800" answers` + "\n", `line 4: who: "\"\\ud800\"": has half of a surrogate pair; try: at 3s bob answers`},
		"empty name":       {head + `    And "" answers` + "\n", `line 4: who: is empty; try: at 3s bob answers`},
		"no unit":          {head + "    And at 3 bob answers\n", `line 4: at: "3": want a time with its unit, like 3s or 1m30s; try: at 3s bob answers`},
		"back in time":     {head + "    And at 5s bob answers\n    And at 3s bob hangs up\n", "line 5: at: is earlier than the operation before, which is at 5s; try: at 5s bob hangs up"},
		"unknown call":     {head + "    And at 5s bob answers in call first\n", `line 4: call: no call "first" is placed yet; try: at 5s bob answers`},
		"table":            {head + "    And bob answers\n      | a |\n", "line 4: the step takes no table and no text below it"},
		"text":             {head + "    And bob answers\n      \"\"\"\n      a\n      \"\"\"\n", "line 4: the step takes no table and no text below it"},
		"examples":         {head + "  Scenario Outline: o\n    When <who> answers\n    Examples:\n      | who |\n      | bob |\n", "line 4: a scenario with examples stands for several scripts; write each as a scenario; try: Scenario: o"},
		"background":       {"Feature: f\n  Background:\n    Given bob calls\n  Scenario: a\n    When bob answers\n  Scenario: b\n    When bob answers\n", `line 3: no step reads "bob calls"; the nearest is ` + script.Steps()[0].Form + "; try: alice calls bob, carol by video"},
		"several":          {head + "    And bob accepts\n  Scenario: t\n    When bob answers\n    And bob declines\n", "line 4: no step reads \"bob accepts\"; the nearest is [at {at} ]{who} answers[ in call {call}]; try: at 3s bob answers\nline 6: call: no call is placed yet; someone must call first; try: alice calls bob\nline 7: call: no call is placed yet; someone must call first; try: alice calls bob"},
		"bytes":            {"#" + strings.Repeat("x", script.MaxBytes), "the file has 1048577 bytes, at most 1048576"},
		"line":             {head + "    And " + strings.Repeat("x", 70_000), "line 4: the line has 70008 bytes, at most 65534"},
		"steps":            {"Feature: f\n  Scenario: a\n" + strings.Repeat("    * nothing happens until 0s\n", 5000) + "  Scenario: b\n" + strings.Repeat("    * nothing happens until 0s\n", 5001), "the file has too many steps, at most 10000"},
		"not UTF-8":        {head + "    And \xe7 answers\n", "line 4: is not UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := script.ReadGherkin([]byte(c.text))
			if err == nil {
				t.Fatalf("read as %v", s)
			}
			if diff := cmp.Diff(c.want, err.Error()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWriteGherkinErrors(t *testing.T) {
	long := &script.Script{Operations: make([]script.Operation, 5001)}
	for i := range long.Operations {
		long.Operations[i] = at(0, script.Wait{})
	}
	for name, c := range map[string]struct {
		title   string
		scripts []*script.Script
		want    string
	}{
		"no script":  {"f", nil, "there is no script to write"},
		"title":      {strings.Repeat("x", 1025), []*script.Script{every}, "the title has 1025 bytes, at most 1024"},
		"invalid":    {"f", []*script.Script{{}}, "the script has no operations"},
		"operations": {"f", []*script.Script{long, long}, "the scripts have 10002 operations, at most 10000 in a file"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := script.WriteGherkin(c.title, c.scripts...)
			if diff := cmp.Diff(c.want, errorText(err)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestPick(t *testing.T) {
	a, b, c := &script.Script{Name: "a"}, &script.Script{Name: "b"}, &script.Script{Name: "b"}
	for name, test := range map[string]struct {
		from []*script.Script
		name string
		want *script.Script
		err  string
	}{
		"the only one": {[]*script.Script{a}, "", a, "no error"},
		"by name":      {[]*script.Script{a, b}, "b", b, "no error"},
		"which":        {[]*script.Script{a, b}, "", nil, `there are 2 scenarios; pick one by its name: "a", "b"`},
		"unknown":      {[]*script.Script{a, b}, "c", nil, `no scenario is named "c"; there are "a", "b"`},
		"twice":        {[]*script.Script{a, b, c}, "b", nil, `2 scenarios are named "b"; want one`},
		"none":         {nil, "", nil, "there is no scenario"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := script.Pick(test.from, test.name)
			if got != test.want || errorText(err) != test.err {
				t.Errorf("got %v, %v", got, errorText(err))
			}
		})
	}
}

// What is accepted is written back and reads as the same.
func FuzzGherkin(f *testing.F) {
	g, err := script.WriteGherkin("The vocabulary", every)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(g))
	f.Add("# language: fr\nFonctionnalité: f\n  Scénario: s\n    Quand alice calls bob, and carol\n")
	f.Add("Feature: f\n  Background:\n    * alice calls bob\n  Rule: r\n    Scenario: \"\\u0000\"\n      a\n\n      b\n      * at 3s bob answers\n")
	f.Fuzz(func(t *testing.T, text string) {
		scripts, err := script.ReadGherkin([]byte(text))
		if err != nil {
			if !errors.As(err, new(script.Errors)) || err.Error() == "" {
				t.Fatalf("%T %v", err, err)
			}
			return
		}
		for _, s := range scripts {
			again(t, s)
		}
	})
}
