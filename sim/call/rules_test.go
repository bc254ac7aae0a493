package call_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/fixtures/golden"
	"ringback/sim/call"
)

// situation is who tries, and what happened before.
type situation struct {
	name, who, before string
}

var single = []situation{
	{"the caller, before it rings", "alice", ""},
	{"the caller, while it rings", "alice", "bob ring"},
	{"the callee, before it rings", "bob", ""},
	{"the callee, while it rings", "bob", "bob ring"},
	{"the caller, in the call", "alice", "bob ring,bob accept"},
	{"the callee, in the call", "bob", "bob ring,bob accept"},
	{"the caller without battery, while it rings", "alice", "bob ring,alice pull_battery"},
	{"the callee without battery, while it rings", "bob", "bob ring,bob pull_battery"},
	{"the callee without battery, in the call", "bob", "bob ring,bob accept,bob pull_battery"},
	{"the caller, the callee without battery", "alice", "bob ring,bob accept,bob pull_battery"},
	{"a stranger, while it rings", "zoe", "bob ring"},
	{"the callee, after the end", "bob", "bob ring,bob accept,alice hang_up"},
}

var group = []situation{
	{"the caller, before it rings", "alice", ""},
	{"the caller, while it rings", "alice", "bob ring,carol ring"},
	{"a callee, before it rings", "carol", "bob ring"},
	{"a callee, while it rings", "carol", "bob ring,carol ring"},
	{"the last callee, while it rings", "carol", "carol ring,bob busy"},
	{"a callee, while it rings and others talk", "carol", "bob ring,carol ring,bob accept"},
	{"the caller, in the call", "alice", "bob ring,carol ring,bob accept"},
	{"the caller, everybody in the call", "alice", "bob ring,carol ring,bob accept,carol accept"},
	{"a callee, in the call", "bob", "bob ring,carol ring,bob accept"},
	{"a callee, alone in the call", "bob", "bob ring,bob accept,alice hang_up"},
	{"a callee, gone from the call", "bob", "bob ring,carol ring,bob accept,carol accept,bob hang_up"},
	{"the caller, gone from the call", "alice", "bob ring,carol ring,bob accept,carol accept,alice hang_up"},
	{"the caller without battery, while it rings", "alice", "bob ring,alice pull_battery"},
	{"a callee without battery, while it rings", "carol", "carol ring,carol pull_battery"},
	{"a callee without battery, in the call", "bob", "bob ring,carol ring,bob accept,carol accept,bob pull_battery"},
	{"a stranger, while it rings", "zoe", "bob ring"},
	{"a stranger, in the call", "zoe", "bob ring,bob accept"},
	{"a callee, after the end", "bob", "bob ring,bob accept,carol busy,alice hang_up"},
}

var verbs = []call.Verb{
	call.DoRing, call.DoAccept, call.DoReject, call.DoBusy, call.DoTimeout, call.DoCancel, call.DoHangUp, call.DoInvite,
	call.DoCancelInvite, call.DoJoin, call.DoLoseLine, call.DoPullBattery, call.DoExpire, call.DoChangeMedia, call.DoEndByServer,
}

// Every verb in every situation: the facts that follow, or the rule that
// forbids it. The golden files are the rule book of a call.
func TestRules(t *testing.T) {
	for kind, situations := range map[string][]situation{"single": single, "group": group} {
		t.Run(kind, func(t *testing.T) {
			callees := []string{"bob"}
			if kind == "group" {
				callees = []string{"bob", "carol"}
			}
			last := callees[len(callees)-1]
			var b strings.Builder
			for _, verb := range verbs {
				fmt.Fprintf(&b, "%s\n", verb)
				for _, s := range situations {
					c, _ := play(t, setup(callees...), s.before)
					try := s.who + " " + verb.String()
					switch verb {
					case call.DoInvite:
						try += " dave"
					case call.DoCancelInvite:
						try += " " + last
					case call.DoTimeout:
						try = "server timeout " + last
					}
					fmt.Fprintf(&b, "  %-45s%s\n", s.name+":", decide(t, c, action(t, try)))
				}
			}
			golden.Compare(t, "rules_"+kind+".txt", b.String())
		})
	}
}

// decide tries an action and tells what follows from it. Neither the call nor
// the facts that were there before may change.
func decide(t *testing.T, c *call.Call, a call.Action) string {
	t.Helper()
	was, there := snapshot(c), []call.Fact{{Kind: call.Invited, By: "before", Users: []string{"x"}}}
	facts, err := c.Decide(there, epoch.Add(time.Minute), a)
	if diff := cmp.Diff(was, *c); diff != "" {
		t.Errorf("%s by %s: Decide changed the call (-before +after):\n%s", a.Do, a.By, diff)
	}
	if diff := cmp.Diff(there, facts[:1]); diff != "" {
		t.Errorf("%s by %s: Decide changed the facts before its own (-before +after):\n%s", a.Do, a.By, diff)
	}
	if err == nil {
		if len(facts) == 1 {
			t.Errorf("%s by %s: neither facts nor an error", a.Do, a.By)
		}
		return texts(facts[1:])
	}
	if len(facts) != 1 {
		t.Errorf("%s by %s: refused, but with facts: %s", a.Do, a.By, texts(facts[1:]))
	}
	var rule *call.RuleError
	if !errors.As(err, &rule) {
		t.Fatalf("%s by %s: %T, want a *RuleError", a.Do, a.By, err)
	}
	if rule.Do != a.Do || rule.User != a.By || rule.Rule == "" || rule.Why == "" {
		t.Errorf("%s by %s: the error is about %+v", a.Do, a.By, rule)
	}
	return fmt.Sprintf("no (%s): %s", rule.Rule, rule.Why)
}

// Which users an action may name.
func TestNamedUsers(t *testing.T) {
	const before = "bob ring,carol ring,bob accept" // dave is dialled, erin has refused
	for _, test := range []struct {
		try, rule string // no rule: it is allowed
	}{
		{"alice invite frank", ""},
		{"alice invite frank+grace", ""},
		{"alice invite erin", ""}, // again
		{"alice invite", "names-users"},
		{"alice invite bob", "not-yet-in"},
		{"alice invite alice", "not-yet-in"},
		{"alice invite frank+carol", "not-yet-in"},
		{"alice invite frank+frank", "not-yet-in"},
		{"alice cancel_invite carol", ""},
		{"alice cancel_invite carol+dave", ""},
		{"alice cancel_invite", "names-users"},
		{"alice cancel_invite bob", "still-called"},
		{"alice cancel_invite erin", "still-called"},
		{"alice cancel_invite frank", "still-called"},
		{"alice cancel_invite carol+carol", "still-called"},
		{"server timeout carol", ""},
		{"server timeout dave+carol", ""},
		{"server timeout", "names-users"},
		{"server timeout bob", "still-called"},
		{"server timeout erin", "still-called"},
		{"server timeout frank", "still-called"},
		{"server timeout carol+carol", "still-called"},
		{"frank join", ""},
		{"erin join", ""}, // again
		{"carol join", "not-yet-in"},
		{"bob join", "not-yet-in"},
		{"server join", "user-id"},
	} {
		t.Run(test.try, func(t *testing.T) {
			c, _ := play(t, setup("bob", "carol", "dave", "erin"), before+",erin busy")
			a := action(t, test.try)
			said := decide(t, c, a)
			_, err := c.Decide(nil, epoch.Add(time.Minute), a)
			var rule call.RuleError
			if r, ok := err.(*call.RuleError); ok {
				rule = *r
			}
			if rule.Rule != test.rule {
				t.Errorf("%s\nhas rule %q, want %q", said, rule.Rule, test.rule)
			}
		})
	}
}

// A call that has not begun, and one that failed to, take no action.
func TestNoCall(t *testing.T) {
	idle, failed := new(call.Call), start(t, setup("bob"), true)
	for _, verb := range verbs {
		for _, who := range []string{"alice", "bob", ""} {
			a := call.Action{Do: verb, By: who, Users: []string{"bob"}}
			if said := decide(t, idle, a); !strings.HasPrefix(said, "no (") {
				t.Errorf("idle call: %s by %s: %s", verb, who, said)
			}
			if said := decide(t, failed, a); !strings.HasPrefix(said, "no (call-over): ") {
				t.Errorf("failed call: %s by %s: %s", verb, who, said)
			}
		}
	}
}

func TestRuleErrorReadsLikeASentence(t *testing.T) {
	c, _ := play(t, setup("bob"), "bob busy")
	for who, want := range map[string]string{
		"bob": "bob cannot accept: the call is over (rule call-over)",
		"":    "the server cannot accept: the call is over (rule call-over)",
	} {
		_, err := c.Decide(nil, epoch, call.Action{Do: call.DoAccept, By: who})
		if err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}
