package features

import (
	"strings"
	"testing"

	"ringback/features/report"
	"ringback/fixtures"
	"ringback/sim/delivery"
	"ringback/sim/secret"
	"ringback/sim/wire"
)

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
	find := func(id, user string, g wire.Generation, status int, body string) report.Finding {
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
