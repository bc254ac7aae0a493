package call_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ringback/sim/call"
)

// Facts of a damaged journal, which could not be applied.
func TestAdmits(t *testing.T) {
	noCallee := setup("bob")
	noCallee.Callees = nil
	for _, test := range []struct {
		fact call.Fact
		want string // "" is admitted
	}{
		{call.Fact{Kind: call.Started, Setup: setup("bob")}, ""},
		{call.Fact{Kind: call.Started}, "has no setup"},
		{call.Fact{Kind: call.StartFailed}, "has no setup"},
		{call.Fact{Kind: call.Started, Setup: noCallee}, "callees: a call needs at least one"},
		{call.Fact{Kind: call.Ended}, ""},
		{call.Fact{Kind: call.Accepted, By: "bob"}, ""}, // the rules are not asked
		{call.Fact{Kind: call.Accepted, By: "zoe"}, `names "zoe", who is not in the call`},
		{call.Fact{Kind: call.Accepted}, `names "", who is not in the call`},
		{call.Fact{Kind: call.TimedOut, Users: []string{"bob"}}, ""},
		{call.Fact{Kind: call.TimedOut, Users: []string{"bob", "zoe"}}, `names "zoe", who is not in the call`},
		{call.Fact{Kind: call.Joined, By: "zoe"}, ""},
		{call.Fact{Kind: call.Joined}, "names no one"},
		{call.Fact{Kind: call.Invited, By: "alice", Users: []string{"zoe"}}, ""},
		{call.Fact{Kind: call.Invited, By: "alice", Users: []string{"zoe", ""}}, "names no one"},
	} {
		c := start(t, setup("bob", "carol"), false)
		err := c.Admits(test.fact)
		switch {
		case test.want == "" && err != nil, test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), test.want)):
			t.Errorf("%s: got %v, want %q", text(test.fact), err, test.want)
		}
	}
}

// Whatever is admitted can be applied.
func TestAdmittedFactsApply(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := start(t, setup("bob", "carol"), false)
		name := rapid.SampledFrom([]string{"", "alice", "bob", "carol", "zoe"})
		for range rapid.IntRange(1, 10).Draw(rt, "facts") {
			f := call.Fact{
				Kind:  rapid.SampledFrom([]call.FactKind{call.Started, call.RingingFact, call.Accepted, call.Rejected, call.TimedOut, call.BusyFact, call.Cancelled, call.Invited, call.Uninvited, call.Joined, call.Left, call.LineLost, call.BatteryPulled, call.WentOffline, call.MediaChanged, call.Ended}).Draw(rt, "kind"),
				By:    name.Draw(rt, "by"),
				Users: rapid.SliceOfN(name, 0, 3).Draw(rt, "users"),
			}
			if c.Admits(f) == nil {
				c.Apply(epoch, f)
			}
		}
	})
}
