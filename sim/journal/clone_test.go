package journal_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
)

// What becomes of an event's memory does not concern its clone.
func TestClone(t *testing.T) {
	line := func(e *journal.Event) string {
		b, err := e.AppendLine(nil)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	fact := &journal.Fact{Fact: call.Fact{Kind: call.Invited, By: "alice", Users: []string{"bob"}}}
	answer := &journal.Answer{Delivery: 1, Attempt: 1, Verdict: delivery.Verdict{Class: delivery.Status5xx, Status: 500}, Body: journal.Text("no")}
	attempt := &journal.Attempt{Delivery: 1, Attempt: 1}
	for _, data := range []journal.Data{fact, answer, attempt} {
		e := journal.Event{Seq: 7, Call: "c", Data: data}
		c, want := e.Clone(), line(&e)
		fact.Users[0], answer.Body[0], attempt.Attempt = "zoe", 'g', 9
		if diff := cmp.Diff(want, line(c)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", e.Kind(), diff)
		}
	}
}
