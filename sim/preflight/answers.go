package preflight

import (
	"net/http"

	"ringback/sim/delivery"
	"ringback/sim/journal"
)

// answers are what a receiver answered to all that was sent.
type answers struct {
	totals       journal.Totals
	tries        int               // with an outcome
	timedOut     int               // of them
	left         int               // callbacks that were not taken
	ended        bool              // the end of a call was taken
	acknowledged *delivery.Request // the last one; nil if none was
	forbidden    int               // 401 or 403 if all tries were answered with that, or else 0
}

func answersIn(st *journal.State) answers {
	a := answers{totals: st.Totals}
	for _, d := range st.DeliveriesAfter(0, "") {
		if d.State == delivery.Acked {
			a.acknowledged = d.Request
		}
		if taken(d) {
			a.ended = a.ended || d.Word.Ends()
		} else {
			a.left++
		}
		for i := range d.Tries {
			if v := d.Tries[i].Verdict; v != nil {
				a.add(v)
			}
		}
	}
	return a
}

// taken reports whether a callback was acknowledged. The sender of v4 goes on after any
// HTTP 200, though the answer says no.
func taken(d *delivery.Delivery) bool {
	n := len(d.Tries)
	if d.State != delivery.Acked || n == 0 {
		return false
	}
	v := d.Documented(&d.Tries[n-1])
	return v.Class != delivery.ErrorCode && v.Class != delivery.NotOK
}

func (a *answers) add(v *delivery.Verdict) {
	if v.Failure == delivery.TimedOut {
		a.timedOut++
	}
	switch no := v.Status == http.StatusUnauthorized || v.Status == http.StatusForbidden; {
	case a.tries == 0 && no:
		a.forbidden = v.Status
	case v.Status != a.forbidden:
		a.forbidden = 0
	}
	a.tries++
}
