package simapi

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
	KindBadRequest = "bad-request"
	KindNotFound   = "not-found"
	KindMethod     = "method-not-allowed"
	KindForbidden  = "rule-forbids"
	KindAccept     = "not-acceptable"
	KindPaused     = "paused"
	KindGone       = "gone"
	KindTooLarge   = "too-large"
	KindTimeout    = "not-met"
	KindSlow       = "request-timeout"
	KindStopped    = "stopped"
	KindForeign    = "foreign"
	KindToken      = "unauthorized"
	KindInternal   = "internal"
	KindExists     = "exists"
	KindTooMany    = "too-many"
)

// Kinds are the kinds of problems, with their titles.
type Kinds struct {
	Problems map[string]string `json:"problems"`
}

var problemTitles = map[string]string{
	KindBadRequest: "Bad request", KindNotFound: "Not found", KindMethod: "Method not allowed",
	KindAccept: "Not acceptable", KindPaused: "The clock is paused",
	KindForbidden: "The rules of a call forbid it", KindGone: "No longer kept", KindTooLarge: "The body is too large",
	KindTimeout: "Not met in time", KindSlow: "Request timeout", KindStopped: "The simulation is over",
	KindForeign: "Host or origin not allowed", KindToken: "Unauthorized", KindInternal: "Internal error",
	KindExists: "It exists already", KindTooMany: "Too many of them",
}

// NewProblem makes a problem of a kind, with the status of its answer. Format and
// args are its detail.
func NewProblem(status int, kind, format string, args ...any) *Problem {
	return &Problem{
		Type: "/sim/v1/problems#" + kind, Title: problemTitles[kind], Status: status, Detail: fmt.Sprintf(format, args...),
	}
}

// wrong is a problem with one field of a request.
func wrong(field, hint, format string, args ...any) *Problem {
	p := NewProblem(http.StatusBadRequest, KindBadRequest, "%s: %s", field, fmt.Sprintf(format, args...))
	p.Field, p.Hint = field, hint
	return p
}

// BadField is a problem with a field of a request: what is wrong with it, and what would
// be right.
func BadField(field, hint, format string, args ...any) *Problem {
	return wrong(field, hint, "%s", fmt.Sprintf(format, args...))
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
		p = NewProblem(http.StatusConflict, KindForbidden, "%v", err)
		p.Rule = rule.Rule
		return p
	case errors.As(err, &large):
		return NewProblem(http.StatusRequestEntityTooLarge, KindTooLarge, "want at most %d bytes", large.Limit)
	case errors.Is(err, run.ErrStopped):
		return NewProblem(http.StatusServiceUnavailable, KindStopped, "the sandbox was ended, the server is shutting down, or its journal cannot be written")
	}
	return NewProblem(http.StatusBadRequest, KindBadRequest, "%v", err)
}

// WriteProblem answers with a problem.
func WriteProblem(w http.ResponseWriter, p *Problem) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client may be gone
}

// RefuseForeign is the refusal of a request that a guard does not let through.
func RefuseForeign(w http.ResponseWriter, _ *http.Request, why string) {
	WriteProblem(w, NewProblem(http.StatusForbidden, KindForeign, "%s", why))
}
