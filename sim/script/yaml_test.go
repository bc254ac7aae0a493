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

var (
	aliceCallsBob = at(0, script.Place{Caller: "alice", Callees: []string{"bob"}})
	answered      = &script.Script{Operations: []script.Operation{aliceCallsBob, at(3*time.Second, act("", "bob", call.DoAccept))}}
)

// readable is what a person may write, and what it means.
var readable = map[string]struct {
	text string
	want *script.Script
}{
	"bare list": {"- do: call\n  who: alice\n  whom: [bob]\n- at: 3s\n  do: accept\n  who: bob\n", answered},
	"map":       {"script:\n- do: call\n  who: alice\n  whom: [bob]\n- at: 3s\n  do: accept\n  who: bob\n", answered},
	"flow":      {"[{do: call, who: alice, whom: [bob]}, {at: 3s, do: accept, who: bob}]", answered},
	"json":      {`{"script": [{"do": "call", "who": "alice", "whom": ["bob"]}, {"at": "3s", "do": "accept", "who": "bob"}]}`, answered},
	"one callee, comments, CRLF": {
		"# a call\r\n- do: call # place it\r\n  who: alice\r\n  whom: bob\r\n\r\n- at: 3000ms\r\n  do: accept\r\n  who: 'bob'\r\n", answered,
	},
	"document markers, other order": {"---\n- whom:\n  - bob\n  do: call\n  who: alice\n- who: bob\n  at: 0.05m\n  do: accept\n...\n", answered},
	"no time is the time before": {
		"- {do: call, who: alice, whom: [bob]}\n- {at: 3s, do: wait}\n- {do: accept, who: bob}\n",
		&script.Script{Operations: []script.Operation{aliceCallsBob, at(3*time.Second, script.Wait{}), at(3*time.Second, act("", "bob", call.DoAccept))}},
	},
	"ids of digits": {
		"- {do: call, who: 10001, whom: [007, 0x10, 1.50]}\n",
		&script.Script{Operations: []script.Operation{at(0, script.Place{Caller: "10001", Callees: []string{"007", "0x10", "1.50"}})}},
	},
	"anchors": {
		"- {do: call, who: alice, whom: [&b bob]}\n- {at: 3s, do: accept, who: *b}\n", answered,
	},
	"titles": {
		"name: 用户\nabout: |\n  one\n  two\nscript:\n- {do: faults, faults: drop}\n",
		&script.Script{Name: "用户", About: "one\ntwo\n", Operations: []script.Operation{at(0, script.Faults{"drop"})}},
	},
}

func TestReadYAML(t *testing.T) {
	for name, c := range readable {
		t.Run(name, func(t *testing.T) {
			got, err := script.ReadYAML([]byte(c.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

const placeLine = "- {do: call, who: alice, whom: [bob]}\n"

// refused is what nobody may write, and why.
var refused = map[string]struct{ text, want string }{
	"empty":              {"", "the script has no operations; try: - {do: call, who: alice, whom: [bob]}"},
	"only a comment":     {"# nothing\n", "the script has no operations; try: - {do: call, who: alice, whom: [bob]}"},
	"empty list":         {"name: x\nscript: []\n", "line 2: the script has no operations"},
	"no list":            {"name: x\n", "line 1: the script has no operations; try: script:"},
	"no script":          {"bob answers", `line 1: want a list of operations, got "bob answers"; try: - {do: call, who: alice, whom: [bob]}`},
	"forgotten dash":     {"do: call\nwho: alice\n", "line 1: do belongs to an operation, and those are a list with a dash before each; try: - {do: call, who: alice, whom: [bob]}\nline 2: who belongs to an operation, and those are a list with a dash before each; try: - {do: call, who: alice, whom: [bob]}"},
	"unknown title":      {"title: x\nscript:\n" + placeLine, `line 1: unknown key "title"; want name, about or script, which is the list of operations; try: script:`},
	"title of a list":    {"name: [x]\nscript:\n" + placeLine, "line 1: name: want text, got a list; try: name: bob answers late"},
	"two documents":      {placeLine + "---\n" + placeLine, "line 2: a second document begins; want one in a file"},
	"not YAML":           {placeLine + "- {do: accept, who: bob\n", "line 2: is not YAML: did not find expected ',' or '}'"},
	"key twice":          {placeLine + "- do: accept\n  who: bob\n  who: carol\n", `line 4: has the key "who" for the second time in a map`},
	"not UTF-8":          {placeLine + "- \xff\n", "line 2: is not UTF-8"},
	"deep":               {strings.Repeat("[", 60) + strings.Repeat("]", 60), "line 1: nests lists and maps too deep; want 50 levels at most"},
	"deep in a row":      {"- 1\n" + strings.Repeat("- ", 60), "line 2: nests lists and maps too deep; want 50 levels at most"},
	"entry is text":      {placeLine + "- accept\n", `line 2: want an operation, got "accept"; try: - {do: call, who: alice, whom: [bob]}`},
	"no verb":            {placeLine + "- who: bob\n", "line 2: do: is missing; try: do: accept"},
	"misspelt verb":      {placeLine + "- do: acept\n  who: bob\n", `line 2: do: no operation "acept"; try: do: accept`},
	"everyday verb":      {placeLine + "- who: bob\n  do: Answer\n", `line 3: do: no operation "Answer"; try: do: accept`},
	"verb of nothing":    {placeLine + "- {do: xyzzy, who: bob}\n", `line 2: do: no operation "xyzzy"; want one of call, ring, accept, reject, busy, cancel, hang_up, invite, cancel_invite, join, lose_line, pull_battery, change_media, end_by_server, mic, camera, speak, quality, second_login, expire_sig, fail, duplicate, replay, retry_now, give_up, faults, wait; try: do: accept`},
	"timer":              {placeLine + "- {at: 30s, do: timeout}\n", "line 2: do: timeout is no operation: it happens by itself when a phone has rung for long enough; try: do: wait"},
	"verb is a list":     {placeLine + "- {do: [accept], who: bob}\n", "line 2: do: want text, got a list; try: do: accept"},
	"missing who":        {placeLine + "- do: accept\n", "line 2: who: is missing; accept needs it; try: who: bob"},
	"empty who":          {placeLine + "- do: accept\n  who: ''\n", "line 3: who: is empty; try: who: bob"},
	"who is nothing":     {placeLine + "- do: accept\n  who:\n", "line 3: who: want text, got nothing; try: who: bob"},
	"who is a truth":     {placeLine + "- do: accept\n  who: true\n", "line 3: who: want text, got true; quotes make text of it; try: who: bob"},
	"nobody invited":     {placeLine + "- do: invite\n  who: alice\n  whom: []\n", "line 4: whom: is empty; try: whom: [bob, carol]"},
	"empty name invited": {placeLine + "- do: invite\n  who: alice\n  whom: [dave, '']\n", "line 4: whom: has an empty name; try: whom: [bob, carol]"},
	"list in a list":     {placeLine + "- do: invite\n  who: alice\n  whom: [[dave]]\n", "line 4: whom: want text, got a list; try: whom: [bob, carol]"},
	"unknown key":        {placeLine + "- do: accept\n  who: bob\n  volumes: 3\n", `line 4: unknown key "volumes"; want one of at, do, call, who, whom, media, group, busy, unreachable, room, user_data, chat_group, generation, fails, ring_later, on, level, quality, code, text, callback, number, copy, faults`},
	"misspelt key":       {placeLine + "- do: accept\n  who: bob\n  meda: video\n", `line 4: unknown key "meda"; try: media: video`},
	"everyday key":       {"- do: call\n  who: alice\n  callees: [bob]\n", "line 1: whom: is missing; call needs it; try: whom: [bob, carol]\nline 3: unknown key \"callees\"; try: whom: [bob, carol]"},
	"foreign key":        {placeLine + "- do: accept\n  who: bob\n  media: video\n", "line 4: media: does not belong to accept; that takes who, call"},
	"key of wait":        {placeLine + "- {at: 3s, do: wait, who: bob}\n", "line 2: who: does not belong to wait; that takes at only"},
	"anchor":             {placeLine + "- {do: accept, who: *bob}\n", "line 2: has an alias without an anchor before it"},
	"tag":                {"- {do: call, who: !!str alice, whom: [bob]}\n", "line 1: has a tag; leave it out (quotes make text of a value)"},
	"no unit":            {placeLine + "- at: 3\n  do: accept\n  who: bob\n", `line 2: at: "3": want a time with its unit, like 3s or 1m30s; try: at: 3s`},
	"too fine":           {placeLine + "- {at: 1us, do: wait}\n", "line 2: at: is finer than a millisecond; try: at: 3s"},
	"too late":           {placeLine + "- {at: 8761h, do: wait}\n", "line 2: at: is too late; at most 8760h; try: at: 3s"},
	"before the start":   {placeLine + "- {at: -3s, do: wait}\n", "line 2: at: is before the script's start, which is 0s; try: at: 3s"},
	"wait without time":  {placeLine + "- do: wait\n", "line 2: at: is missing; wait needs the time until which nothing happens; try: at: 1m"},
	"back in time":       {placeLine + "- {at: 5s, do: accept, who: bob}\n- do: hang_up\n  who: bob\n  at: 3s\n", "line 5: at: is earlier than the operation before, which is at 5s; try: at: 5s"},
	"unknown media":      {"- do: call\n  who: alice\n  whom: [bob]\n  media: voice\n", `line 4: media: "voice": want one of audio, video; try: media: video`},
	"unknown quality":    {placeLine + "- {do: quality, who: bob, quality: poor}\n", `line 2: quality: "poor": want one of Unknown, Excellent, Good, Poor, Bad, Vbad, Down; did you mean Poor?`},
	"unknown generation": {"- {do: call, who: alice, whom: [bob], generation: v2}\n", `line 1: generation: "v2": want v1, v4 or both; did you mean v1?`},
	"loud":               {placeLine + "- {do: speak, who: bob, level: 101}\n", "line 2: level: a volume is 0 to 100, got 101; try: level: 40"},
	"level is a word":    {placeLine + "- {do: speak, who: bob, level: loud}\n", `line 2: level: want an integer, got "loud"; try: level: 40`},
	"level is long":      {placeLine + "- {do: speak, who: bob, level: 99999999999}\n", `line 2: level: "99999999999": want a whole number, like 40; try: level: 40`},
	"on is a word":       {placeLine + "- {do: mic, who: bob, on: yes}\n", `line 2: on: want true or false, got "yes"; try: on: true`},
	"unknown fault":      {"- do: faults\n  faults: [drip]\n", `line 2: faults: fault "drip": no such fault; want one of delay, drop, duplicate, replay, race, reorder, late, lose_answer, reset, truncate, slow, wrong_app, no_query, unknown_command, unknown_field, content_type, oversize, bad_utf8, malformed, empty_body, skew, stale_sign, wrong_sign; did you mean drop?`},
	"forgotten faults":   {"- do: faults\n", `line 1: faults: is missing; faults needs it; try: faults: ["drop=10%"]`},
	"calls himself":      {"- do: call\n  who: alice\n  whom: [bob, alice]\n", "line 3: whom: alice is in the call twice; try: whom: [bob, carol]"},
	"busy stranger":      {"- {do: call, who: alice, whom: [bob], busy: [dave]}\n", "line 1: busy: dave is not a callee"},
	"busy and silent":    {"- {do: call, who: alice, whom: [bob], busy: [bob], ring_later: true}\n", "line 1: ring_later: busy and unreachable have no effect with it; let phones ring or refuse by operations; try: do: busy"},
	"no call":            {"- {at: 3s, do: accept, who: bob}\n", "line 1: call: no call is placed yet; someone must call first; try: - {at: 3s, do: call, who: alice, whom: [bob]}"},
	"unknown call":       {"- {do: call, call: first, who: alice, whom: [bob]}\n- do: accept\n  who: bob\n  call: frist\n", `line 4: call: no call "frist" is placed yet; try: call: first`},
	"no call named":      {"- {do: call, call: first, who: alice, whom: [bob]}\n- do: accept\n  who: bob\n", "line 2: call: is missing; the call has a name; try: call: first"},
	"two calls, no name": {placeLine + "- {do: call, call: b, who: carol, whom: [dave]}\n", "line 1: call: is missing; a script with several calls names each; try: call: first"},
	"two calls, a name":  {"- {do: call, call: b, who: alice, whom: [bob]}\n- {do: call, call: b, who: carol, whom: [dave]}\n", `line 2: call: "b" is placed already; each call has a name of its own; try: call: b-2`},
	"several": {
		"- do: call\n  who: alice\n- do: acept\n- at: x\n  do: mic\n  who: alice\n",
		"line 1: whom: is missing; call needs it; try: whom: [bob, carol]\n" +
			"line 3: do: no operation \"acept\"; try: do: accept\n" +
			"line 4: at: \"x\": want a time with its unit, like 3s or 1m30s; try: at: 3s\n" +
			"line 4: on: is missing; mic needs it; try: on: true",
	},
}

func TestYAMLErrors(t *testing.T) {
	for name, c := range refused {
		t.Run(name, func(t *testing.T) {
			s, err := script.ReadYAML([]byte(c.text))
			if err == nil {
				t.Fatalf("read as %v", s)
			}
			if diff := cmp.Diff(c.want, err.Error()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestYAMLLimits(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"bytes":      {"#" + strings.Repeat("x", script.MaxBytes), "the file has 1048577 bytes, at most 1048576"},
		"operations": {strings.Repeat("- {at: 0s, do: wait}\n", script.MaxOperations+1), "line 1: the script has 10001 operations, at most 10000"},
		"name":       {"name: " + strings.Repeat("x", script.MaxName+1) + "\nscript:\n" + placeLine, "line 1: name: has 1025 bytes, at most 1024"},
		"sentence":   {"- do: call\n  who: alice\n  whom: [bob]\n  room: " + strings.Repeat("x", script.MaxSentence), "line 1: is too long: 60026 bytes as a step, at most 60000"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := script.ReadYAML([]byte(c.text))
			if diff := cmp.Diff(c.want, errorText(err)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return "no error"
	}
	return err.Error()
}

// Many errors are cut to what a person looks through, but all are there.
func TestErrorsAreCut(t *testing.T) {
	_, err := script.ReadYAML([]byte(strings.Repeat("- do: accept\n", 30)))
	var all script.Errors
	if !errors.As(err, &all) || len(all) != 30 {
		t.Fatalf("got %d errors, want 30", len(all))
	}
	lines := strings.Split(err.Error(), "\n")
	if got := lines[len(lines)-1]; len(lines) != 21 || got != "and 10 more" {
		t.Errorf("got %d lines, the last %q", len(lines), got)
	}
	var first *script.Error
	if !errors.As(err, &first) || first.Line != 1 || first.Key != "who" || first.Hint != "who: bob" {
		t.Errorf("got %+v first", first)
	}
}

// What is accepted is written back and reads as the same.
func FuzzYAML(f *testing.F) {
	y, err := script.WriteYAML(every)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(y))
	f.Add(placeLine + "- at: 3s\n  do: fail\n  who: alice\n  code: -1\n  text: |\n    a\n    b\n")
	f.Add("name: a\nabout: >\n  b\n\n  c\nscript: [{do: faults, faults: []}, {do: call, who: 1, whom: 0x1, room: \"\\ud83d\\ude00\"}]")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := script.ReadYAML([]byte(text))
		if err != nil {
			if !errors.As(err, new(script.Errors)) || err.Error() == "" {
				t.Fatalf("%T %v", err, err)
			}
			return
		}
		again(t, s)
	})
}

// again writes a script in both forms and reads them.
func again(t *testing.T, s *script.Script) {
	t.Helper()
	y, err := script.WriteYAML(s)
	if err != nil {
		t.Fatal(err)
	}
	fromYAML, err := script.ReadYAML(y)
	if err != nil {
		t.Fatalf("%v\n%s", err, y)
	}
	g, err := script.WriteGherkin("", s)
	if err != nil {
		t.Fatal(err)
	}
	fromGherkin, err := script.ReadGherkin(g)
	if err != nil {
		t.Fatalf("%v\n%s", err, g)
	}
	if diff := cmp.Diff([]*script.Script{s, s}, append(fromGherkin, fromYAML)); diff != "" {
		t.Fatalf("Gherkin, YAML (-want +got):\n%s", diff)
	}
}
