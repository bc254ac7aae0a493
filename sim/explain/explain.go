// Package explain says in words how CallKit judges the answer to an attempt, what follows,
// and by which rule of the documents: for the screen, and for the simulation API.
//
// The one invariant: it decides nothing. What it says is what the state has, and the rule
// that [ringback/sim/delivery.PolicyOf] has for it.
package explain

import (
	"fmt"
	"strings"
	"time"

	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/recording"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// Try says how CallKit judges the i-th try of a delivery, what follows, and by which
// rule. Before the first try i is -1, and it says what the delivery waits for. Secrets of the
// state are hidden.
func Try(st *journal.State, d *delivery.Delivery, i int) string {
	policy := delivery.PolicyOf(d.Generation, st.Dialect)
	if i >= 0 && i < len(d.Tries)-1 {
		return earlier(st, policy, d, i)
	}
	last := delivery.Try{Attempt: d.Attempts, Verdict: &d.Last} // a compacted journal has no tries
	if i >= 0 {
		last = d.Tries[i]
	}
	switch d.State {
	case delivery.Acked:
		return acked(st, d, &last)
	case delivery.InFlight:
		if st.Run.Seen() {
			return "its answer is not in the recording, or comes later " + source(d)
		}
		return "acknowledged if " + wanted(policy.Rule) + " comes within the timeout " + source(d)
	case delivery.Waiting:
		if d.Attempts == 0 {
			return "a fault postponed its first attempt: " + faultsOf(d)
		}
		return reasonOf(st, d, &last) + "; " + schedule(policy, d, last.Attempt) + " " + source(d)
	case delivery.Abandoned:
		return abandoned(st, policy, d, &last)
	case delivery.Dropped:
		if !d.Lost() {
			return "too many callbacks waited before it, so it is never sent (load --backlog)"
		}
		return "a fault lost it, so it is never sent: " + faultsOf(d)
	case delivery.Withdrawn:
		return "its address was deleted, and its retries with it; dialect delete_pending=keep goes on"
	}
	switch d.Hold {
	case delivery.UntilNext:
		return "a fault holds it back until the next callback of its call: " + faultsOf(d)
	case delivery.UntilEnd:
		return "a fault holds it back until the last callback of its call: " + faultsOf(d)
	}
	return "goes out when the callback before it has had an answer (--order serial)"
}

// reasonOf says how CallKit judges the answer to a try.
func reasonOf(st *journal.State, d *delivery.Delivery, t *delivery.Try) string {
	return st.Hide(d.Request.Endpoint, t.Verdict.Reason())
}

// earlier says why there is a try after the i-th one.
func earlier(st *journal.State, p delivery.Policy, d *delivery.Delivery, i int) string {
	t, next := &d.Tries[i], &d.Tries[i+1]
	switch {
	case t.Verdict == nil:
		return "the run ended before its answer came, so it was made again"
	case st.Run.Seen():
		return fmt.Sprintf("%s; sent again after %s %s", reasonOf(st, d, t), seconds(next.Began.Sub(t.Ended)), source(d))
	case t.Attempt <= len(p.Waits) && next.Began < t.Ended.Add(p.Waits[t.Attempt-1]):
		return reasonOf(st, d, t) + "; retried by hand, ahead of the schedule " + source(d)
	}
	return reasonOf(st, d, t) + "; " + schedule(p, d, t.Attempt) + " " + source(d)
}

func acked(st *journal.State, d *delivery.Delivery, t *delivery.Try) string {
	if v := d.Documented(t); len(d.Tries) > 0 && !v.Acked() { // the sender goes on, the documents ask for more
		return "acknowledged, not as documented: " + st.Hide(d.Request.Endpoint, v.Reason()) + "; v4's sender looks at HTTP 200 alone " + source(d)
	}
	return "acknowledged: " + reasonOf(st, d, t) + " " + source(d)
}

// source is the document with the rule.
func source(d *delivery.Delivery) string {
	if d.Generation == wire.V4 {
		return "(Tencent doc 34354)"
	}
	return "(Tencent doc 60130)"
}

func wanted(r delivery.Rule) string {
	switch r {
	case delivery.V1:
		return "HTTP 200 with the integer ErrorCode 0"
	case delivery.V4:
		return "any HTTP 200"
	}
	return "HTTP 200 with ActionStatus OK and ErrorCode 0"
}

// schedule lists the waits before each retry, with the next one in brackets.
func schedule(p delivery.Policy, d *delivery.Delivery, attempt int) string {
	var waits []string
	for i, w := range p.Waits {
		s := fmt.Sprintf("%g", w.Seconds())
		if i == attempt-1 {
			s = "[" + s + "]"
		}
		waits = append(waits, s)
	}
	return fmt.Sprintf("%s retries after %s s", d.Generation, strings.Join(waits, " "))
}

func abandoned(st *journal.State, p delivery.Policy, d *delivery.Delivery, t *delivery.Try) string {
	switch {
	case st.Run.Seen():
		return fmt.Sprintf("%s; not sent again within %s %s", reasonOf(st, d, t), recording.LookAhead, source(d))
	case d.Attempts == 0:
		return "given up by hand before it was sent"
	case t.Verdict == nil:
		return fmt.Sprintf("given up by hand while try %d was under way", t.Attempt)
	case t.Verdict.Acked(): // of an earlier one, in a compacted journal
		return "given up by hand after " + text.Count(d.Attempts, "attempt")
	case d.Attempts < p.Attempts():
		return "given up by hand after " + text.Count(d.Attempts, "attempt") + "; the last: " + reasonOf(st, d, t)
	case d.Attempts == 1 && d.Generation == wire.V4:
		return reasonOf(st, d, t) + "; v4 documents no retry (Tencent doc 34354), dialect v4_retry=v1 retries"
	}
	return fmt.Sprintf("%s; that was the last of %s %s", reasonOf(st, d, t), text.Count(p.Attempts(), "attempt"), source(d))
}

func faultsOf(d *delivery.Delivery) string {
	if d.Faults == nil {
		return "unknown"
	}
	return strings.Join(d.Faults.Names, ", ")
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1fs", d.Seconds()) }
