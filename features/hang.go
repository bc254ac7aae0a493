package features

import (
	"errors"
	"time"

	"ringback/features/report"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/run"
)

// hangIn returns the error of a receiver that hangs, if that is why the suite ended, or
// nil.
func hangIn(err error) (hang *run.HangError) {
	errors.As(err, &hang)
	return hang
}

// unansweredIn is the result for a receiver that leaves callbacks without an answer, with
// the history of a scenario, if there is one.
func unansweredIn(s *world) *report.Result {
	res := &report.Result{
		Name: "The callbacks of a call are answered at all", Feature: "Before the suite", Clauses: []string{"ack-within-timeout"}, Level: "must",
		Status: report.Failed, Step: "every callback is answered",
	}
	if s != nil {
		res.History, res.Took, res.Findings = s.history, time.Since(s.began), s.timedOut()
	}
	return res
}

// timedOut returns findings on callbacks with an attempt that was not answered in time.
func (s *world) timedOut() (list []report.Finding) {
	var errs []error
	s.read(func(st *journal.State) {
		for _, d := range st.DeliveriesAfter(0, "") {
			for i := range d.Tries {
				if t := &d.Tries[i]; t.Verdict != nil && t.Verdict.Failure == delivery.TimedOut {
					errs = append(errs, unlike(d, t, *t.Verdict, "was not answered"))
					break
				}
			}
		}
	})
	return findingsIn(few(errs), s.opts.hide)
}
