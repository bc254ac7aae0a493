package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"ringback/sim/call"
	"ringback/sim/run"
)

// Problem is an error of the simulation API (RFC 9457). Type is its name under
// /sim/v1/problems#, for programs; Detail names the field and says what was
// expected, for people.
type Problem struct {
	Type   string     `json:"type"`
	Title  string     `json:"title"`
	Status int        `json:"status"`
	Detail string     `json:"detail,omitempty"`
	Field  string     `json:"field,omitempty" jsonschema:"what of the request is wrong"`
	Hint   string     `json:"hint,omitempty" jsonschema:"what would be right"`
	Rule   string     `json:"rule,omitempty" jsonschema:"the rule of a call that forbids an action"`
	Oldest string     `json:"oldest,omitempty" jsonschema:"the oldest event id that a stream can go on from"`
	Due    []Upcoming `json:"due,omitempty" jsonschema:"what happens next once the clock moves on"`
	Routes []string   `json:"routes,omitempty" jsonschema:"what exists"`
}

// Upcoming is something that happens once the simulated time is there.
type Upcoming struct {
	At       call.Instant `json:"t"`
	Call     string       `json:"call" jsonschema:"the CallId"`
	Delivery uint64       `json:"delivery,omitempty" jsonschema:"whose next attempt it is"`
	What     string       `json:"what" jsonschema:"in words"`
}

func (p *Problem) Error() string { return p.Title + ": " + p.Detail }

// The kinds of problems.
const (
	kindBadRequest = "bad-request"
	kindNotFound   = "not-found"
	kindMethod     = "method-not-allowed"
	kindForbidden  = "rule-forbids"
	kindAccept     = "not-acceptable"
	kindPaused     = "paused"
	kindGone       = "gone"
	kindTooLarge   = "too-large"
	kindTimeout    = "not-met"
	kindSlow       = "request-timeout"
	kindStopped    = "stopped"
	kindForeign    = "foreign"
	kindInternal   = "internal"
)

// Kinds are the kinds of problems, with their titles.
type Kinds struct {
	Problems map[string]string `json:"problems"`
}

var problemTitles = map[string]string{
	kindBadRequest: "The request is wrong", kindNotFound: "There is no such thing", kindMethod: "Not with this method",
	kindAccept: "Not in a form that was asked for", kindPaused: "The clock is paused",
	kindForbidden: "The rules of a call forbid it", kindGone: "Too long ago", kindTooLarge: "The body is too large",
	kindTimeout: "It did not happen in time", kindSlow: "The body did not come", kindStopped: "The simulation is over",
	kindForeign: "Host or origin not allowed", kindInternal: "Ringback is broken",
}

func problem(status int, kind, format string, args ...any) *Problem {
	return &Problem{
		Type: "/sim/v1/problems#" + kind, Title: problemTitles[kind], Status: status, Detail: fmt.Sprintf(format, args...),
	}
}

// wrong is a problem with one field of a request.
func wrong(field, hint, format string, args ...any) *Problem {
	p := problem(http.StatusBadRequest, kindBadRequest, "%s: %s", field, fmt.Sprintf(format, args...))
	p.Field, p.Hint = field, hint
	return p
}

// problemOf makes a problem of any error.
func problemOf(err error) *Problem {
	var p *Problem
	var rule *call.RuleError
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &rule):
		p = problem(http.StatusConflict, kindForbidden, "%v", err)
		p.Rule = rule.Rule
		return p
	case errors.As(err, &large):
		return problem(http.StatusRequestEntityTooLarge, kindTooLarge, "want at most %d bytes", large.Limit)
	case errors.Is(err, run.ErrStopped):
		return problem(http.StatusServiceUnavailable, kindStopped, "the server is shutting down, or its journal cannot be written")
	}
	return problem(http.StatusBadRequest, kindBadRequest, "%v", err)
}

func writeProblem(w http.ResponseWriter, p *Problem) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // whoever asked is gone
}

// RefuseForeign is the refusal of a request that a guard does not let through.
func RefuseForeign(w http.ResponseWriter, _ *http.Request, why string) {
	writeProblem(w, problem(http.StatusForbidden, kindForeign, "%s", why))
}
