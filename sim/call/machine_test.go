package call_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ringback/sim/call"
)

// dated is a fact with its time.
type dated struct {
	at   call.Instant
	fact call.Fact
}

// machine plays random actions on a call and keeps its own books of who is
// being called and who is in it, from the facts alone.
type machine struct {
	call    call.Call
	now     call.Instant
	history []dated
	called  map[string]bool
	in      map[string]bool
	answers int // facts that connected the call
	ends    int // terminal facts
}

func newMachine(t *rapid.T) *machine {
	users := []string{"bob", "carol", "dave"}
	n := rapid.IntRange(1, len(users)).Draw(t, "callees")
	s := setup(users[:n]...)
	if n == 1 && rapid.Bool().Draw(t, "group") {
		s.Kind = call.Group
	}
	m := &machine{now: epoch, called: map[string]bool{}, in: map[string]bool{}}
	f, err := call.Start(s, rapid.IntRange(0, 50).Draw(t, "fails") == 0)
	if err != nil {
		t.Fatal(err)
	}
	m.take(t, f)
	return m
}

// take applies a fact and books it.
func (m *machine) take(t *rapid.T, f call.Fact) {
	if m.ends > 0 {
		t.Fatalf("%s follows the end", text(f))
	}
	if err := m.call.Admits(f); err != nil {
		t.Fatalf("%s is not admitted: %v", text(f), err)
	}
	m.call.Apply(m.now, f)
	m.history = append(m.history, dated{m.now, f})
	switch f.Kind {
	case call.Started:
		m.in[f.By] = true
		m.book(t, f.Setup.Callees, false, true)
	case call.StartFailed, call.Ended:
		m.ends++
	case call.RingingFact:
		if !m.called[f.By] {
			t.Fatalf("%s, who is not being called", text(f))
		}
	case call.Accepted:
		m.book(t, []string{f.By}, true, false)
		m.in[f.By] = true
	case call.Joined:
		if m.in[f.By] || m.called[f.By] {
			t.Fatalf("%s, who is there already", text(f))
		}
		m.in[f.By] = true
	case call.Invited:
		m.book(t, f.Users, false, true)
	case call.Rejected, call.BusyFact:
		m.book(t, []string{f.By}, true, false)
	case call.TimedOut, call.Cancelled, call.Uninvited:
		m.book(t, f.Users, true, false)
	case call.Left, call.LineLost, call.WentOffline:
		if !m.in[f.By] && !m.called[f.By] {
			t.Fatalf("%s, who is not there", text(f))
		}
		m.in[f.By], m.called[f.By] = false, false
	}
	if f.First {
		m.answers++
	}
}

// book moves users from one state of being called to the other.
func (m *machine) book(t *rapid.T, users []string, from, to bool) {
	if len(users) == 0 {
		t.Fatal("a fact that changes users names none")
	}
	for _, u := range users {
		if m.called[u] != from || m.in[u] {
			t.Fatalf("%s: being called is %t, in the call is %t", u, m.called[u], m.in[u])
		}
		m.called[u] = to
	}
}

var people = []string{"alice", "bob", "carol", "dave", "erin", "zoe"}

// anything tries an action that is most likely forbidden.
func (m *machine) anything(t *rapid.T) {
	m.act(t, call.Action{
		Do:    rapid.SampledFrom(verbs).Draw(t, "do"),
		By:    rapid.SampledFrom(people).Draw(t, "by"),
		Users: rapid.SliceOfN(rapid.SampledFrom(people), 0, 3).Draw(t, "users"),
		Media: rapid.SampledFrom([]call.Media{call.Audio, call.Video}).Draw(t, "media"),
	})
}

// fitting tries what somebody in the call could well do next.
func (m *machine) fitting(t *rapid.T) {
	who := rapid.SampledFrom(m.call.Members).Draw(t, "by")
	a := call.Action{By: who.ID, Media: 1 - m.call.Media}
	var others []string
	for _, u := range people {
		if o, _ := m.call.Find(u); o == nil || !o.Present() {
			others = append(others, u)
		}
	}
	switch {
	case who.SilentAt != 0 && who.Present():
		a.Do = call.DoExpire
	case who.Status == call.Dialled:
		a.Do = rapid.SampledFrom([]call.Verb{call.DoRing, call.DoRing, call.DoBusy, call.DoTimeout, call.DoPullBattery}).Draw(t, "do")
		a.Users = []string{who.ID}
	case who.Status == call.Alerting:
		a.Do = rapid.SampledFrom([]call.Verb{call.DoAccept, call.DoAccept, call.DoReject, call.DoTimeout, call.DoLoseLine, call.DoPullBattery}).Draw(t, "do")
		a.Users = []string{who.ID}
	case who.Status == call.Gone:
		a.Do = call.DoJoin
	default:
		a.Do = rapid.SampledFrom([]call.Verb{
			call.DoHangUp, call.DoInvite, call.DoInvite, call.DoCancelInvite, call.DoLoseLine, call.DoPullBattery, call.DoChangeMedia, call.DoCancel, call.DoEndByServer,
		}).Draw(t, "do")
		if a.Do == call.DoCancelInvite {
			others = nil
			for u, yes := range m.called {
				if yes {
					others = append(others, u)
				}
			}
			slices.Sort(others)
		}
		a.Users = others[:min(len(others), rapid.IntRange(1, 2).Draw(t, "users"))]
	}
	m.act(t, a)
}

func (m *machine) act(t *rapid.T, a call.Action) {
	was, dst := snapshot(&m.call), []call.Fact{{By: "before"}}
	facts, err := m.call.Decide(dst, m.now, a)
	if diff := cmp.Diff(was, m.call); diff != "" {
		t.Fatalf("Decide changed the call (-before +after):\n%s", diff)
	}
	if facts[0].By != "before" {
		t.Fatal("Decide lost the facts that were there")
	}
	if err != nil {
		var rule *call.RuleError
		if !errors.As(err, &rule) || len(facts) != 1 {
			t.Fatalf("refused with %T and %d facts", err, len(facts)-1)
		}
		return
	}
	if len(facts) == 1 {
		t.Fatal("allowed without a fact")
	}
	for _, f := range facts[1:] {
		m.take(t, f)
	}
}

// check holds the call against the books.
func (m *machine) check(t *rapid.T) {
	c := &m.call
	present, talking := 0, 0
	for i := range c.Members {
		u := &c.Members[i]
		if u.Present() != (m.called[u.ID] || m.in[u.ID]) && !c.Failed || u.Waiting() != m.called[u.ID] && !c.Failed {
			t.Fatalf("%s is %s, but being called is %t and in the call is %t", u.ID, u.Status, m.called[u.ID], m.in[u.ID])
		}
		if u.Present() {
			present++
		}
		if u.Status == call.Talking {
			talking++
		}
		if slices.ContainsFunc(c.Members[:i], func(o call.Member) bool { return o.ID == u.ID }) {
			t.Fatalf("%s is a member twice", u.ID)
		}
	}
	if over := c.Phase == call.Over; over != (m.ends == 1) || m.ends > 1 {
		t.Fatalf("phase %s after %d terminal facts", c.Phase, m.ends)
	}
	byServer := len(m.history) > 0 && m.history[len(m.history)-1].fact.Server
	if over := present <= 1 || talking == 0 || byServer; (c.Phase == call.Over) != over && !c.Failed {
		t.Fatalf("phase %s with %d present and %d talking", c.Phase, present, talking)
	}
	if (c.Phase == call.Over) == (c.Result == call.NoResult) && !c.Failed {
		t.Fatalf("phase %s with result %q", c.Phase, c.Result)
	}
	if c.Kind == call.Single && len(c.Members) != 2 {
		t.Fatalf("a call between two has %d members", len(c.Members))
	}
	m.checkTimes(t)
}

func (m *machine) checkTimes(t *rapid.T) {
	c := &m.call
	connected := m.answers > 0
	if m.answers > 1 || connected != (c.AcceptAt != 0) || connected != (c.Phase == call.Connected || c.Phase == call.Over && c.AcceptAt != 0) {
		t.Fatalf("phase %s, accepted at %d, after %d first answers", c.Phase, c.AcceptAt, m.answers)
	}
	if (c.EndAt != 0) != (c.Phase == call.Over) {
		t.Fatalf("phase %s, ended at %d", c.Phase, c.EndAt)
	}
	last := c.StartAt
	for _, at := range []call.Instant{c.AcceptAt, c.EndAt} {
		if at != 0 && at < last {
			t.Fatalf("start %s, accept %s, end %s", c.StartAt, c.AcceptAt, c.EndAt)
		}
		last = max(last, at)
	}
}

// refold folds the history again: a call is the fold of its facts.
func (m *machine) refold(t *rapid.T) {
	var again call.Call
	for _, d := range m.history {
		again.Apply(d.at, d.fact)
	}
	if diff := cmp.Diff(m.call, again); diff != "" {
		t.Fatalf("folded once (-) and again (+):\n%s", diff)
	}
}

// Whatever anybody does, a call has at most one end and nothing after it, and
// it is over exactly when one participant or nobody is left, or nobody talks.
func TestRandomActions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newMachine(t)
		t.Repeat(map[string]func(*rapid.T){
			"":         m.check,
			"anything": m.anything,
			"fitting":  m.fitting,
			"join":     func(t *rapid.T) { m.act(t, call.Action{Do: call.DoJoin, By: "zoe"}) },
			"wait": func(t *rapid.T) {
				m.now = m.now.Add(time.Duration(rapid.IntRange(0, 5000).Draw(t, "ms")) * time.Millisecond)
			},
			"refold": m.refold,
		})
	})
}
