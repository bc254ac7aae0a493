package features

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ringback/fixtures"
	"ringback/sim/delivery"
	"ringback/sim/secret"
	"ringback/sim/wire"
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

// Each verdict has a cause, and breaks clauses that there are.
func TestCausesOfVerdicts(t *testing.T) {
	known := map[string]bool{}
	for _, c := range fixtures.Clauses() {
		known[c.ID] = true
	}
	for class := delivery.ErrorCode; class <= delivery.NoAnswer; class++ {
		for _, g := range []wire.Generation{wire.V1, wire.V4} {
			v := delivery.Verdict{Class: class, Status: 302, Detail: "ErrorInfo is missing"}
			if class == delivery.NoAnswer {
				v.Failure = delivery.TimedOut
			}
			if g == wire.V1 && (class == delivery.MissingKey || class == delivery.NotOK) {
				continue // of v4 alone
			}
			if cause := causeOf(v); cause == "" || strings.HasSuffix(cause, ": ") || class != delivery.MissingKey && strings.Contains(cause, "missing") {
				t.Errorf("%s: the cause %q", class, cause)
			}
			list := clausesOf(v, g)
			if len(list) == 0 && class != delivery.ErrorCode {
				t.Errorf("%s of %s: no clause", class, g)
			}
			for _, id := range list {
				if !known[id] {
					t.Errorf("%s of %s: there is no clause %s", class, g, id)
				}
			}
		}
	}
}

// Two answers that say the same are found to be the same.
func TestFindingsOfAnswers(t *testing.T) {
	find := func(id, user string, g wire.Generation, status int, body string) Finding {
		d := &delivery.Delivery{ID: 1, CallID: id, User: user, Generation: g}
		var v delivery.Verdict
		if v = delivery.Judge(delivery.V1, &delivery.Answer{Status: status, Body: []byte(body)}); g == wire.V4 {
			v = delivery.Judge(delivery.V4Strict, &delivery.Answer{Status: status, Body: []byte(body)})
		}
		secrets := new(secret.Set)
		secrets.AddValue(`pl4nt/"<&+%`)
		return findingsIn(unlike(d, &delivery.Try{Attempt: 1, Verdict: &v, Answer: body}, v, "was not acknowledged"), secrets.Hide)[0]
	}
	for _, tt := range []struct{ name, a, b, cause, found string }{
		{"ids", `{"ErrorCode":1,"ErrorMessage":"no call c-1"}`, `{"ErrorCode":1,"ErrorMessage":"no call c-2"}`, "ErrorCode is not 0", `ErrorCode is 1 ("no call …"), want 0`},
		{"users", `{"ErrorCode":1,"ErrorMessage":"who is ann?"}`, `{"ErrorCode":1,"ErrorMessage":"who is bob?"}`, "ErrorCode is not 0", `ErrorCode is 1 ("who is …?"), want 0`},
		{"times", `<p>2026-01-02T03:04:05Z</p>`, `<p>2026-01-02T03:04:06.123Z</p>`, "the answer is not JSON", `the answer is not JSON: "<p>…</p>"`},
		{"secrets with what differs in them", `no "pl4nt/\"\u003c\u0026+%"`, `no "pl4nt/\"\u003c\u0026+%"`, "the answer is not JSON", `the answer is not JSON: "no \"…\""`},
		{"traces", `id 8f14e45fceea167a`, `id 0cc175b9c0f1b6a8`, "the answer is not JSON", `the answer is not JSON: "id …"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, b := find("c-1", "ann", wire.V1, 200, tt.a), find("c-2", "bob", wire.V1, 200, tt.b)
			if a.Cause != b.Cause || a.Found != b.Found || a.Cause != tt.cause || a.Found != tt.found {
				t.Errorf("%q, %q and %q, %q; want %q, %q", a.Cause, a.Found, b.Cause, b.Found, tt.cause, tt.found)
			}
			if !strings.Contains(a.Text, "c-1") {
				t.Errorf("no id in %q", a.Text)
			}
		})
	}
	// The two generations say in keys of their own why they refuse.
	v1 := find("c-1", "ann", wire.V1, 400, `{"ErrorCode":400,"ErrorMessage":"no video"}`)
	v4 := find("c-2", "ann", wire.V4, 400, `{"ActionStatus":"FAIL","ErrorInfo":"no video","ErrorCode":400}`)
	if v1.Cause != v4.Cause || v1.Found != v4.Found || !v1.Told {
		t.Errorf("v1 finds %q, %q; v4 %q, %q", v1.Cause, v1.Found, v4.Cause, v4.Found)
	}
}
