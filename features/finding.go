package features

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"ringback/features/report"
	"ringback/sim/delivery"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// finding is a Finding as the error of a step, with the receiver's own text. Secrets are
// hidden later, and then what differs from call to call.
type finding struct {
	report.Finding
	of     *delivery.Delivery
	varies bool // the cause, too, is in the receiver's words
}

func (f *finding) Error() string { return f.Text }

// several are the errors of one step. Errors beyond the first few are only counted.
type several struct{ errs []error }

func (s *several) Unwrap() []error { return s.errs }

func (s *several) Error() string {
	const most = 5
	list := s.errs[:min(len(s.errs), most)]
	if more := len(s.errs) - most; more > 0 {
		list = append(list[:most:most], fmt.Errorf("and %d more", more))
	}
	return errors.Join(list...).Error()
}

// few joins the errors that are not nil.
func few(errs []error) error {
	var list []error
	for _, err := range errs {
		if err != nil {
			list = append(list, err)
		}
	}
	if list == nil {
		return nil
	}
	return &several{list}
}

// findingsIn lists what a step found wrong, each cause with the same details once: many
// callbacks may be wrong in one way. hide removes secrets.
func findingsIn(err error, hide func(text string) string) (list []report.Finding) {
	seen := map[[2]string]bool{}
	var walk func(error)
	walk = func(err error) {
		switch e := err.(type) {
		case *finding:
			f := e.Finding
			f.Cause, f.Found, f.Text = hide(f.Cause), hide(f.Found), hide(f.Text)
			if f.Found = leveled(f.Found, e.of); e.varies {
				f.Cause = leveled(f.Cause, e.of)
			}
			if key := [2]string{f.Cause, f.Found}; !seen[key] {
				seen[key] = true
				list = append(list, f)
			}
		case interface{ Unwrap() []error }:
			for _, each := range e.Unwrap() {
				walk(each)
			}
		case interface{ Unwrap() error }:
			walk(e.Unwrap())
		}
	}
	walk(err)
	return list
}

// about is a finding on an attempt of a callback.
func about(d *delivery.Delivery, t *delivery.Try, cause, format string, args ...any) *finding {
	return &finding{of: d, Finding: report.Finding{Cause: cause, Text: fmt.Sprintf(format, args...), Delivery: d.ID, Attempt: t.Attempt}}
}

// unanswered is a finding on an attempt that was still in flight.
func unanswered(d *delivery.Delivery, t *delivery.Try) *finding {
	return about(d, t, "a callback was not answered", "%s of %s was not answered", d.Word, d.CallID)
}

// unlike is a finding on an answer that is not as documented; how says what was expected
// of it.
func unlike(d *delivery.Delivery, t *delivery.Try, v delivery.Verdict, how string) *finding {
	f := about(d, t, causeOf(v), "%s of %s %s: %s", d.Word, d.CallID, how, v.Reason())
	f.Found, f.Clauses, f.Busy = v.Reason(), clausesOf(v, d.Generation), v.Busy()
	if f.Told = refuses(v); f.Told {
		if said := saidIn(t.Answer); said != "" && v.Class != delivery.ErrorCode && v.Class != delivery.NotOK {
			f.Found += ": " + said
		}
	}
	return f
}

// refuses reports whether an answer refuses the callback. Other wrong answers are wrong
// only in form.
func refuses(v delivery.Verdict) bool {
	switch v.Class {
	case delivery.ErrorCode, delivery.NotOK, delivery.Status4xx, delivery.Status5xx:
		return true
	}
	return false
}

// detailed are the causes for verdicts whose reasons contain what was found.
var detailed = map[delivery.Class]string{
	delivery.ErrorCode:  "ErrorCode is not 0",
	delivery.StringCode: "ErrorCode is a string, want the integer 0",
	delivery.CodeType:   "ErrorCode is no integer, want the integer 0",
	delivery.WrongCase:  "ErrorCode is spelled with other letters; keys are case-sensitive",
	delivery.NotOK:      "ActionStatus is not \"OK\"",
	delivery.NotJSON:    "the answer is not JSON",
	delivery.NotObject:  "the answer is JSON but not an object",
	delivery.Trailing:   "the answer goes on after its JSON object",
}

func causeOf(v delivery.Verdict) string {
	switch v.Class {
	case delivery.MissingKey:
		key, _, _ := strings.Cut(v.Detail, " ")
		return key + " is missing, or is not a string"
	case delivery.Status3xx:
		return fmt.Sprintf("HTTP %d, a redirect, is not followed", v.Status)
	}
	if words, ok := detailed[v.Class]; ok {
		return words
	}
	v.Detail = ""
	return v.Reason()
}

// clausesOf returns the clauses that a receiver breaks with an answer, to whatever
// callback.
func clausesOf(v delivery.Verdict, g wire.Generation) []string {
	if v.Class == delivery.NoAnswer && v.Failure == delivery.TimedOut {
		return []string{"ack-within-timeout"}
	}
	var what string
	switch v.Class {
	case delivery.Status2xx, delivery.Status3xx, delivery.Status4xx, delivery.Status5xx, delivery.StatusOdd:
		what = "http-200"
	case delivery.NotJSON, delivery.NotObject, delivery.Trailing, delivery.Empty:
		what = "json-object"
	case delivery.StringCode, delivery.CodeType, delivery.MissingCode:
		what = "errorcode-integer"
	case delivery.WrongCase:
		if what = "key-case"; g == wire.V4 {
			what = "errorcode-integer"
		}
	case delivery.MissingKey:
		if what = "actionstatus-ok"; v.LacksInfo() {
			what = "errorinfo-string"
		}
	case delivery.NotOK:
		what = "actionstatus-ok"
	default:
		return nil
	}
	return []string{g.String() + "-ack-" + what}
}

// saidIn returns the message of an answer, or its first words.
func saidIn(answer string) string {
	const most = 100
	var keys map[string]any
	if json.Unmarshal([]byte(answer), &keys) == nil {
		for _, key := range []string{"ErrorMessage", "ErrorInfo", "message", "msg", "error", "detail"} {
			if said, ok := keys[key].(string); ok && said != "" {
				answer = said
				break
			}
		}
	}
	answer = strings.Join(strings.Fields(answer), " ")
	return text.Short(answer, most)
}

// leveled returns a text without what differs from call to call and from run to run.
func leveled(text string, d *delivery.Delivery) string {
	if text == "" || d == nil {
		return text
	}
	text = strings.ReplaceAll(text, d.CallID, "…")
	if d.User != "" {
		text = regexp.MustCompile(`\b`+regexp.QuoteMeta(d.User)+`\b`).ReplaceAllString(text, "…")
	}
	return report.Normalize(text)
}

// ackMeansStored is the clause that a receiver breaks which loses an end.
const ackMeansStored = "ack-means-stored"
