package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// failedBy is a scenario that failed by findings, with an attempt of each.
func failedBy(name string, status Status, findings ...Finding) Result {
	level := "must"
	if status == Warned {
		level = "should"
	}
	s := Result{Name: name, Status: status, Level: level, Clauses: []string{"clause-of-" + name}, Message: "the message of " + name}
	for i, f := range findings {
		f.Delivery, f.Attempt, f.Text = uint64(i+1), 1, "the text of "+name
		s.Findings = append(s.Findings, f)
		s.History = append(s.History, Moment{Exchange: &Exchange{Delivery: f.Delivery, Attempt: 1, Word: "normal_end", Verdict: "status_5xx"}})
	}
	return s
}

func TestCauses(t *testing.T) {
	text := Finding{Cause: "not JSON", Found: `not JSON: "<p>"`, Clauses: []string{"json"}}
	other := Finding{Cause: "not JSON", Found: `not JSON: "<b>"`, Clauses: []string{"json"}}
	refused := func(said string) Finding {
		return Finding{Cause: "HTTP 400", Found: "HTTP 400: " + said, Clauses: []string{"200"}, Told: true}
	}
	twice := Finding{Cause: "stored twice"}
	lasting := Finding{Cause: "no answer", Clauses: []string{"in-time"}, Lasting: true}
	acked := Result{Name: "acked", Status: Passed, History: []Moment{{Exchange: &Exchange{Word: "normal_end", Verdict: "acked", Good: true}}}}
	unlike := Result{Name: "unlike", Status: Passed, History: []Moment{{Exchange: &Exchange{Word: "normal_end", Verdict: "acked", Unlike: "no ErrorCode"}}}}
	for _, tt := range []struct {
		name string
		list []Result
		want []string // words; clauses and how many more; scenarios
	}{
		{"nothing", []Result{acked, {Name: "x", Status: Skipped, Message: "why"}}, nil},
		{
			"what was found is in the words if it is always the same",
			[]Result{failedBy("a", Failed, text), failedBy("b", Failed, text)},
			[]string{`not JSON: "<p>"; json+0; a b`},
		},
		{
			"or else it is listed",
			[]Result{failedBy("a", Failed, text), failedBy("b", Failed, other), failedBy("c", Failed, other)},
			[]string{`not JSON - not JSON: "<b>" - not JSON: "<p>"; json+0; a b c`},
		},
		{
			"must before should, and many before few",
			[]Result{failedBy("a", Warned, twice), failedBy("b", Warned, twice), failedBy("c", Failed, text), failedBy("d", Failed, refused("x")), failedBy("e", Failed, refused("x"))},
			[]string{"HTTP 400: x; clause-of-d clause-of-e+0; d e", `not JSON: "<p>"; json+0; c`, "stored twice; clause-of-a clause-of-b+0; a b"},
		},
		{
			"what failed comes first",
			[]Result{failedBy("a", Warned, text), failedBy("b", Failed, text)},
			[]string{`not JSON: "<p>"; json+0; b a`},
		},
		{
			"reasons to refuse are told apart",
			[]Result{failedBy("a", Failed, refused("no video")), failedBy("b", Failed, refused("no room")), failedBy("c", Failed, refused("no room"))},
			[]string{"HTTP 400: no room; clause-of-b clause-of-c+0; b c", "HTTP 400: no video; clause-of-a+0; a"},
		},
		{
			"unless there are many",
			[]Result{
				failedBy("a", Failed, refused("1")), failedBy("b", Failed, refused("2")), failedBy("c", Failed, refused("3")),
				failedBy("d", Failed, refused("4")), failedBy("e", Failed, refused("5")),
			},
			[]string{"HTTP 400 - HTTP 400: 1 - HTTP 400: 2 - HTTP 400: 3 - HTTP 400: 4 - and others; 200+5; a b c d e"},
		},
		{
			"a scenario may have several causes",
			[]Result{failedBy("a", Failed, text, twice)},
			[]string{`not JSON: "<p>"; json+0; a`, "stored twice; clause-of-a+0; a"},
		},
		{
			"what lasts comes first, though it only should not",
			[]Result{failedBy("a", Failed, text), acked, failedBy("b", Warned, lasting)},
			[]string{"the receiver does not go on after faults: no answer; clause-of-b+0; b", `not JSON: "<p>"; json+0; a`},
		},
		{
			"but nothing lasts that was never right",
			[]Result{failedBy("a", Failed, Finding{Cause: "no answer"}), unlike, failedBy("b", Warned, lasting)},
			[]string{"no answer; in-time+0; a b"},
		},
		{
			"a failure of no callback has its message",
			[]Result{{Name: "a", Status: Failed, Message: "no callback of 12345678 was sent\nmore"}},
			[]string{"no callback of … was sent; +0; a"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := &Report{Scenarios: tt.list}
			var got []string
			for _, c := range r.Causes() {
				var names []string
				for _, s := range c.Scenarios {
					names = append(names, s.Name)
				}
				words := strings.Join(append([]string{c.Words}, c.Found...), " - ")
				got = append(got, fmt.Sprintf("%s; %s+%d; %s", words, strings.Join(c.Clauses, " "), c.More, strings.Join(names, " ")))
				if s := c.Scenarios[0]; !slices.ContainsFunc(s.findings(), func(f Finding) bool { return f.Text == c.Example.Text }) {
					t.Errorf("the example %q is not of %s", c.Example.Text, s.Name)
				}
				if c.Example.Delivery > 0 && (c.Exchange == nil || c.Exchange.Delivery != c.Example.Delivery) {
					t.Errorf("the exchange %+v is not the one of the example", c.Exchange)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
