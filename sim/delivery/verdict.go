package delivery

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/tidwall/gjson"

	"ringback/sim/text"
)

// Rule is what counts as an acknowledgement.
type Rule uint8

// The rules.
const (
	// V1 wants HTTP 200 and a JSON object whose ErrorCode is the integer 0 (60130).
	V1 Rule = iota
	// V4 takes any HTTP 200: the return code of "after" events is ignored (34354).
	V4
	// V4Strict wants ActionStatus "OK", ErrorInfo and ErrorCode 0, all three
	// "required" by 68941, 69215 and 68940.
	V4Strict
)

// Class classifies answers by what is wrong with them.
type Class uint8

// The classes of an answer. All but Acked are failed attempts.
const (
	Acknowledges Class = iota
	ErrorCode          // ErrorCode is an integer, not 0
	StringCode         // ErrorCode is a string, even "0"
	CodeType           // ErrorCode is neither an integer nor a string
	MissingCode        // no ErrorCode
	WrongCase          // a key that differs from ErrorCode in case only
	MissingKey         // V4Strict: ActionStatus or ErrorInfo missing, or not a string
	NotOK              // V4Strict: ActionStatus is not OK
	NotJSON            // the body is not JSON
	NotObject          // JSON, but not an object
	Trailing           // a JSON object, then something else
	Empty              // HTTP 200 without a body
	Status2xx          // a success other than 200, like 204
	Status3xx          // a redirect, which is not followed
	Status4xx          // the receiver refuses the request
	Status5xx          // the receiver failed
	StatusOdd          // a number that is not an HTTP status
	NoAnswer           // no usable answer; Failure says why
)

var classWords = [...]string{
	"acked", "error_code", "string_code", "code_type", "missing_code", "wrong_case", "missing_key", "not_ok",
	"not_json", "not_object", "trailing", "empty", "status_2xx", "status_3xx", "status_4xx", "status_5xx",
	"status_odd", "no_answer",
}

func (c Class) String() string { return classWords[c] }

// Verdict is the judgment of an answer.
type Verdict struct {
	Class   Class
	Failure Failure // set when Class is NoAnswer
	Rule    Rule
	Status  int
	Detail  string // what was found instead, for Reason; may be empty
}

// Acked reports whether the answer acknowledges the callback.
func (v Verdict) Acked() bool { return v.Class == Acknowledges }

// Busy reports whether the receiver answered that it has no room for the request now, with
// HTTP 429 or 503.
func (v Verdict) Busy() bool { return v.Failure == NoFailure && Busy(v.Status) }

// Busy reports whether an HTTP status says that the receiver has no room for a request now.
func Busy(status int) bool {
	return status == 429 || status == 503 // Too Many Requests, Service Unavailable
}

// Documented returns the verdict by the documents on an acknowledged answer: in v4 they
// require a body that the sender ignores. Other verdicts are returned unchanged.
func (v Verdict) Documented(body []byte) Verdict {
	if v.Rule != V4 || !v.Acked() {
		return v
	}
	return Judge(V4Strict, &Answer{Status: v.Status, Connected: true, Body: body})
}

// Word returns the verdict in one word, as in journals and reports: acked, or what is
// wrong, like error_code, not_json or timeout.
func (v Verdict) Word() string {
	if v.Class == NoAnswer {
		return v.Failure.String()
	}
	return v.Class.String()
}

// Judge judges an answer as CallKit would.
func Judge(r Rule, a *Answer) Verdict {
	v := Verdict{Rule: r, Status: a.Status, Failure: a.Failure}
	if a.Failure != NoFailure {
		v.Class, v.Detail = NoAnswer, a.Detail
		return v
	}
	if v.Class = statusClass(a.Status); v.Class != Acknowledges {
		if v.Class == Status3xx {
			v.Detail = text.Show(a.Location, maxShown)
		}
		return v
	}
	if r == V4 {
		return v
	}
	v.Class, v.Detail = judgeBody(r, a.Body)
	if v.Class == NotJSON && a.Encoding != "" && a.Encoding != "identity" {
		v.Detail = "it is encoded as " + a.Encoding + ", which was not requested"
	}
	return v
}

// CachingJudge judges answers and caches the latest acknowledgement. Most receivers
// acknowledge with the same bytes each time, which need not be parsed again.
type CachingJudge struct {
	rule Rule
	body []byte // of the latest acknowledgement; nil: none yet
}

// Judge returns the same as the function [Judge].
func (j *CachingJudge) Judge(r Rule, a *Answer) Verdict {
	plain := a.Failure == NoFailure && a.Status == 200 && r != V4
	if plain && j.body != nil && r == j.rule && bytes.Equal(a.Body, j.body) {
		return Verdict{Rule: r, Status: a.Status}
	}
	v := Judge(r, a)
	if plain && v.Acked() && len(a.Body) <= maxCached {
		j.rule, j.body = r, append(j.body[:0], a.Body...)
	}
	return v
}

func statusClass(status int) Class {
	switch {
	case status == 200:
		return Acknowledges
	case status > 200 && status < 300:
		return Status2xx
	case status >= 300 && status < 400:
		return Status3xx
	case status >= 400 && status < 500:
		return Status4xx
	case status >= 500 && status < 600:
		return Status5xx
	}
	return StatusOdd
}

func judgeBody(r Rule, body []byte) (Class, string) {
	t, err := parseAck(body)
	switch err {
	case nil:
	case errEmpty:
		return Empty, ""
	case errNotObject, errTrailing:
		return map[error]Class{errNotObject: NotObject, errTrailing: Trailing}[err], text.Quote(body, maxShown)
	default:
		return NotJSON, text.Quote(body, maxShown)
	}
	if r == V4Strict && t.action.Type != gjson.String {
		return MissingKey, "ActionStatus" + orMissing(t.action)
	}
	switch code := t.code; {
	case !code.Exists() && t.wrongCase.Exists():
		return WrongCase, text.Show(t.wrongCase.Raw, maxShown)
	case !code.Exists():
		return MissingCode, ""
	case code.Type == gjson.String:
		return StringCode, text.Show(code.Raw, maxShown)
	case !isInteger(code):
		return CodeType, text.Show(code.Raw, maxShown)
	case code.Raw != "0" && code.Raw != "-0":
		return ErrorCode, text.Show(code.Raw, maxShown) + receiverMessage(t)
	}
	if r == V4Strict && t.action.Str != "OK" {
		return NotOK, text.Show(t.action.Raw, maxShown)
	}
	if r == V4Strict && t.info.Type != gjson.String { // checked last, since it matters least
		return MissingKey, errorInfo + orMissing(t.info)
	}
	return Acknowledges, ""
}

const errorInfo = "ErrorInfo"

// LacksInfo reports whether the only thing wrong with a v4 answer is that its ErrorInfo is
// missing or not a string.
func (v Verdict) LacksInfo() bool {
	return v.Class == MissingKey && strings.HasPrefix(v.Detail, errorInfo)
}

// receiverMessage returns the receiver's error message in parentheses, which is v1's
// ErrorMessage or v4's ErrorInfo, or "".
func receiverMessage(t answerKeys) string {
	for _, m := range [...]gjson.Result{t.message, t.info} {
		if m.Str != "" {
			return " (" + text.Show(m.Raw, maxShown) + ")"
		}
	}
	return ""
}

func orMissing(v gjson.Result) string {
	if !v.Exists() {
		return " is missing"
	}
	return " is " + text.Show(v.Raw, maxShown)
}

// maxShown is the maximum number of bytes of an answer that a reason shows.
const maxShown = 60

// Reason explains the verdict.
func (v Verdict) Reason() string {
	switch v.Class {
	case Acknowledges:
		switch v.Rule {
		case V1:
			return "HTTP 200 and ErrorCode 0"
		case V4:
			return "HTTP 200; v4 ignores the body"
		}
		return "HTTP 200, ActionStatus OK and ErrorCode 0"
	case ErrorCode:
		return "ErrorCode is " + v.Detail + ", want 0"
	case StringCode:
		return "ErrorCode is the string " + v.Detail + ", want the integer 0"
	case CodeType:
		return "ErrorCode is " + v.Detail + ", want the integer 0"
	case MissingCode:
		return "the answer has no ErrorCode"
	case WrongCase:
		return "the answer has the key " + v.Detail + ", want \"ErrorCode\"; keys are case-sensitive"
	case MissingKey:
		return v.Detail + ", want a string"
	case NotOK:
		return "ActionStatus is " + v.Detail + ", want \"OK\""
	case NotJSON:
		return "the answer is not JSON: " + v.Detail
	case NotObject:
		return "the answer is JSON but not an object: " + v.Detail
	case Trailing:
		return "the answer goes on after its JSON object: " + v.Detail
	case Empty:
		return "HTTP 200 without a body, want a JSON object with ErrorCode 0"
	case Status2xx:
		return fmt.Sprintf("HTTP %d, want 200", v.Status)
	case Status3xx:
		if v.Detail == "" {
			return fmt.Sprintf("HTTP %d, want 200", v.Status)
		}
		return fmt.Sprintf("HTTP %d, a redirect to %s, is not followed", v.Status, v.Detail)
	case Status4xx:
		return fmt.Sprintf("HTTP %d, the receiver rejects the request", v.Status)
	case Status5xx:
		return fmt.Sprintf("HTTP %d, the receiver failed", v.Status)
	case StatusOdd:
		return fmt.Sprintf("HTTP %d is not a status", v.Status)
	}
	return v.Failure.reason(v.Detail)
}

func (f Failure) reason(detail string) string {
	words := map[Failure]string{
		NoAddress:   "the host has no address",
		Guarded:     "the dial guard refuses the address",
		Refused:     "connection refused, no one listens there",
		Unreachable: "the receiver cannot be reached",
		BadTLS:      "the TLS handshake failed",
		Reset:       "the receiver reset the connection",
		Closed:      "the receiver closed the connection without an answer",
		CutShort:    "the answer was cut short",
		TooLarge:    "the answer is too large",
		NotHTTP:     "what came back is not an HTTP/1.1 answer",
		TimedOut:    "no complete answer in time",
		OwnFault:    "this machine could not make the attempt",
		Stopped:     "stopped before the answer came",
	}[f]
	if detail != "" {
		words += ": " + detail
	}
	return words
}

// Retries reports whether CallKit would retry after this verdict, by its documents, and
// explains the rule.
func (v Verdict) Retries() (bool, string) {
	switch {
	case v.Acked():
		return false, "acknowledged"
	case v.Rule == V1:
		return true, "v1 retries unless ErrorCode is 0 (60130)"
	}
	return false, "v4 documents no retry (34354); --dialect v4_retry=v1 retries as v1 does"
}
