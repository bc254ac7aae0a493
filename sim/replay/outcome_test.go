package replay

import (
	"testing"

	"ringback/sim/delivery"
)

var (
	acked   = delivery.Verdict{Class: delivery.Acknowledges, Rule: delivery.V1, Status: 200}
	failed  = delivery.Verdict{Class: delivery.Status5xx, Status: 500}
	late    = delivery.Verdict{Class: delivery.NoAnswer, Failure: delivery.TimedOut}
	code1   = delivery.Verdict{Class: delivery.ErrorCode, Status: 200, Detail: `1 ("one")`}
	code1of = delivery.Verdict{Class: delivery.ErrorCode, Status: 200, Detail: `1 ("at 10:00")`}
	code2   = delivery.Verdict{Class: delivery.ErrorCode, Status: 200, Detail: "2"}
	reset   = delivery.Verdict{Class: delivery.NoAnswer, Failure: delivery.Reset, Detail: "read tcp 127.0.0.1:1234"}
	reset2  = delivery.Verdict{Class: delivery.NoAnswer, Failure: delivery.Reset, Detail: "read tcp 127.0.0.1:9999"}
)

func outcome(end End, answers ...delivery.Verdict) Outcome { return Outcome{end, answers} }

func TestCompare(t *testing.T) {
	for _, test := range []struct {
		then, now Outcome
		want      Change
	}{
		{outcome(Acked, acked), outcome(Acked, acked), Same},
		{outcome(Abandoned, failed), outcome(Abandoned, failed), Same},
		{outcome(Abandoned, code1), outcome(Abandoned, code1of), Same},
		{outcome(Abandoned, reset), outcome(Abandoned, reset2), Same},
		{outcome(Abandoned, code1), outcome(Abandoned, code2), Otherwise},
		{outcome(Abandoned, failed), outcome(Abandoned, late), Otherwise},
		{outcome(Abandoned, late), outcome(Abandoned, reset), Otherwise},
		{outcome(Acked, acked), outcome(Acked, failed, acked), Otherwise},
		{outcome(Acked, failed, acked), outcome(Acked, acked), Otherwise},
		{outcome(Abandoned, failed, failed), outcome(Abandoned, failed), Otherwise}, // another policy
		{outcome(Acked, acked), outcome(Abandoned, failed), RejectedNow},
		{outcome(Acked, failed, acked), outcome(Abandoned, failed, failed), RejectedNow},
		{outcome(Abandoned, failed), outcome(Acked, acked), AckedNow},
		{outcome(Abandoned, failed, failed), outcome(Acked, failed, acked), AckedNow},
		// One of them was cut short.
		{outcome(NoEnd, failed), outcome(Acked, failed, acked), Same},
		{outcome(GivenUp, failed, failed), outcome(Abandoned, failed, failed, failed), Same},
		{outcome(Withdrawn, failed), outcome(Acked, acked), AckedNow},
		{outcome(Acked, failed, acked), outcome(NoEnd, failed), Same},
		{outcome(Acked, acked), outcome(NoEnd, failed), Otherwise},
		{outcome(Acked, acked), outcome(Withdrawn, failed), Otherwise},
		// There is nothing to compare.
		{outcome(NoEnd), outcome(Acked, acked), NotCompared},
		{outcome(Acked, acked), outcome(NoEnd), NotCompared},
		{outcome(GivenUp), outcome(Abandoned, failed), NotCompared},
	} {
		if got := compare(&test.then, &test.now); got != test.want {
			t.Errorf("%s -> %s: %s, want %s", test.then.String(), test.now.String(), got, test.want)
		}
	}
}

func TestOutcomeInWords(t *testing.T) {
	strict := delivery.Verdict{Class: delivery.ErrorCode, Rule: delivery.V4Strict, Status: 200, Detail: "7"}
	for want, o := range map[string]Outcome{
		"no answer": outcome(NoEnd),
		"acked":     outcome(Acked, acked),
		"acked, not as documented: ErrorCode is 7, want 0":                                         outcome(Acked, strict),
		"acked at attempt 3, after HTTP 500, the receiver failed":                                  outcome(Acked, failed, failed, acked),
		"acked at attempt 3, after HTTP 500, the receiver failed, then no complete answer in time": outcome(Acked, failed, late, acked),
		"HTTP 500, the receiver failed; abandoned":                                                 outcome(Abandoned, failed),
		`ErrorCode is 1 ("one"), want 0, then ErrorCode is 2, want 0; abandoned after 3 attempts`:  outcome(Abandoned, code1, code1of, code2),
		"HTTP 500, the receiver failed; given up after 2 attempts":                                 outcome(GivenUp, failed, failed),
		"HTTP 500, the receiver failed; withdrawn":                                                 outcome(Withdrawn, failed),
		"no complete answer in time; nothing more is known after 2 attempts":                       outcome(NoEnd, late, late),
	} {
		if got := o.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
