package call_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/call"
)

func TestStart(t *testing.T) {
	s := setup("bob")
	for failed, kind := range map[bool]call.FactKind{false: call.Started, true: call.StartFailed} {
		f, err := call.Start(s, failed)
		if err != nil || f.Kind != kind || f.By != "alice" || f.Setup != s {
			t.Errorf("failed %t: %+v, %v", failed, f, err)
		}
	}
}

// Each error of a setup begins with the field that it is about.
func TestSetupErrors(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(*call.Setup)
		want  string // beginning of the error; "" for none
	}{
		"none":                  {func(s *call.Setup) {}, ""},
		"group of one":          {func(s *call.Setup) { s.Kind = call.Group }, ""},
		"no callee":             {func(s *call.Setup) { s.Callees = nil }, "callees: a call needs at least one"},
		"two in a single call":  {func(s *call.Setup) { s.Callees = []string{"bob", "carol"} }, "callees: a single call has one, got 2"},
		"no device":             {func(s *call.Setup) { s.Device = nil }, "device: is missing"},
		"no caller":             {func(s *call.Setup) { s.Caller = "" }, "caller: is empty"},
		"empty callee":          {func(s *call.Setup) { s.Callees = []string{""} }, "callee: is empty"},
		"empty with any ids":    {func(s *call.Setup) { s.Callees, s.AnyIDs = []string{""}, true }, "callee: is empty"},
		"caller with a space":   {func(s *call.Setup) { s.Caller = "al ice" }, `caller: user id "al ice" has ' '`},
		"callee with an accent": {func(s *call.Setup) { s.Callees = []string{"bób"} }, `callee: user id "bób" has 'ó'`},
		"any ids":               {func(s *call.Setup) { s.Caller, s.Callees, s.AnyIDs = "al ice", []string{"bób"}, true }, ""},
		"long callee":           {func(s *call.Setup) { s.Callees = []string{strings.Repeat("b", 33)} }, `callee: user id "bbb`},
		"calls himself":         {func(s *call.Setup) { s.Callees = []string{"alice"} }, "callees: alice is in the call twice"},
		"callee twice":          {func(s *call.Setup) { s.Kind, s.Callees = call.Group, []string{"bob", "carol", "bob"} }, "callees: bob is in the call twice"},
		"busy callee":           {func(s *call.Setup) { s.Busy = []string{"bob"} }, ""},
		"busy stranger":         {func(s *call.Setup) { s.Busy = []string{"zoe"} }, "busy, unreachable: zoe is not a callee"},
		"busy caller":           {func(s *call.Setup) { s.Busy = []string{"alice"} }, "busy, unreachable: alice is not a callee"},
		"away callee":           {func(s *call.Setup) { s.Away = []string{"bob"} }, ""},
		"away stranger":         {func(s *call.Setup) { s.Away = []string{"zoe"} }, "busy, unreachable: zoe is not a callee"},
	} {
		t.Run(name, func(t *testing.T) {
			s := setup("bob")
			test.spoil(s)
			f, err := call.Start(s, false)
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), test.want)):
				t.Errorf("got  %v\nwant %s...", err, test.want)
			case err != nil && f.Setup != nil:
				t.Errorf("an error and a fact: %+v", f)
			}
		})
	}
}

func TestCheckUserID(t *testing.T) {
	for id, want := range map[string]string{
		"a":                       "",
		"0":                       "",
		"_-":                      "",
		"Alice_Smith-01":          "",
		"144115212830834855":      "",
		strings.Repeat("x", 32):   "",
		"":                        "has 0 bytes, want 1 to 32",
		strings.Repeat("x", 33):   "has 33 bytes, want 1 to 32",
		strings.Repeat("é", 17):   "has 34 bytes, want 1 to 32",
		"a b":                     "has ' ', want letters, digits, _ and - only",
		"a.b":                     "has '.', want",
		"a@b":                     "has '@', want",
		"a/b":                     "has '/', want",
		"é":                       "has 'é', want",
		"爱丽丝":                     "has '爱', want",
		"٣":                       "has '٣', want", // a digit, but not one of ASCII
		"a\x00":                   `has '\x00', want`,
		"a\xff":                   "has '\ufffd', want",
		"alice\n":                 `has '\n', want`,
		"administrator'; DROP --": `has '\'', want`,
	} {
		err := call.CheckUserID(id)
		switch {
		case want == "" && err != nil:
			t.Error(err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%q: got %v, want ...%s", id, err, want)
		}
	}
}

// What few calls have is apart in memory, but not in JSON, where it stands in
// its place and says nothing if it is not there.
func TestSpecialInJSON(t *testing.T) {
	s := setup("bob")
	s.Devices, s.AnyIDs, s.Extra = call.Devices{{User: "bob", Device: android}}, true, &call.Extra{ChatGroup: "@TGS#1"}
	for _, test := range []struct {
		special bool
		want    string
	}{
		{true, `"device":{"platform":"iOS","ip":"127.0.0.1"},"devices":{"bob":{"platform":"Android","ip":"127.0.0.2"}},"any_ids":true,"extra":{"chat_group":"@TGS#1"},"acting":`},
		{false, `"device":{"platform":"iOS","ip":"127.0.0.1"},"acting":`},
	} {
		if !test.special {
			s.Devices, s.AnyIDs, s.Extra = nil, false, nil
		}
		var c, again call.Call
		c.Apply(epoch, call.Fact{Kind: call.Started, By: s.Caller, Setup: s})
		got, err := json.Marshal(c)
		if err != nil || !strings.Contains(string(got), test.want) {
			t.Errorf("special %t: %s, %v; want it to have %s", test.special, got, err, test.want)
		}
		if err := json.Unmarshal(got, &again); err != nil {
			t.Fatal(err)
		}
		again.ID = c.ID
		if diff := cmp.Diff(c, again); diff != "" {
			t.Errorf("special %t, read back (-want +got):\n%s", test.special, diff)
		}
	}
}
